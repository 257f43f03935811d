import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runProcess } from './processes.ts';
import type { Session } from './session.ts';

export type Load = {
  url: string;
  /** The file of calls, as `writeCalls` makes it. */
  calls: string;
  connections: number;
  seconds: number;
  /** How every reply begins; undefined checks the bytes of all replies together instead. */
  replyPrefix: string | undefined;
};

export type LoadResult = {
  requests: number;
  bytes: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
};

const script = fileURLToPath(new URL('wrk/calls.lua', import.meta.url));
const loadCore = 1;
const graceMs = 15_000;

const summary = z.object({
  requests: z.number(),
  seconds: z.number(),
  bytes: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  failed: z.number(),
  unexpected: z.number(),
  sampleHex: z.string(),
});

/** Writes the bodies that `runWrk` sends in turn; answers the file's name. */
export async function writeCalls(session: Session, bodies: readonly string[]): Promise<string> {
  const file = join(session.folder, 'calls.txt');
  await writeFile(file, `${bodies.join('\n')}\n`);
  return file;
}

/**
 * Drives a server with wrk from the other core. A reply that isn't what was asked for ends the run:
 * refusals are fast, and must never count.
 */
export async function runWrk(session: Session, load: Load): Promise<LoadResult> {
  const args = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '-s', script, load.url];
  const prefix = load.replyPrefix === undefined ? [] : [load.replyPrefix];
  const printed = await runProcess(
    { command: 'wrk', args: [...args, '--', load.calls, ...prefix], core: loadCore },
    { signal: session.signal, timeoutMs: load.seconds * 1000 + graceMs },
  );
  const found = summary.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
  if (found.failed + found.unexpected > 0) {
    const sample = Buffer.from(found.sampleHex, 'hex').toString();
    throw new Error(
      `of ${found.requests} calls ${found.failed} failed and ${found.unexpected} had another ` +
        `reply than ${load.replyPrefix}…; one of them: ${sample}`,
    );
  }
  const { requests, bytes, p50Ms, p99Ms } = found;
  return { requests, bytes, perSecond: requests / found.seconds, p50Ms, p99Ms };
}
