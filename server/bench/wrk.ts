import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Command, runProcess } from './processes.ts';
import type { Session } from './session.ts';

export type Load = {
  url: string;
  /** The file of calls, as `writeCalls` makes it. */
  calls: string;
  connections: number;
  seconds: number;
};

export type LoadResult = {
  requests: number;
  bytes: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
};

const script = fileURLToPath(new URL('wrk/calls.lua', import.meta.url));
const graceMs = 15_000;

const summary = z.object({
  requests: z.number(),
  seconds: z.number(),
  bytes: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  errors: z.record(z.string(), z.number()),
});

/** Writes the bodies that `runWrk` sends in turn; answers the file's name. */
export async function writeCalls(
  session: Session,
  bodies: readonly string[],
  name = 'calls',
): Promise<string> {
  const file = join(session.folder, `${name}.txt`);
  await writeFile(file, `${bodies.join('\n')}\n`);
  return file;
}

/**
 * wrk with this load. Two processes that have just started keep one order in a thousand waiting for
 * up to two seconds, which is wrk's own limit; one that is lost is told from those by this.
 */
export function wrkCommand({ connections, seconds, url, calls }: Load): Command {
  const args = ['-t1', '--timeout', '5s', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
  return { command: 'wrk', args: [...args, '--', calls] };
}

/** Drives a server with wrk. A call that failed ends the run. */
export async function runWrk(session: Session, load: Load): Promise<LoadResult> {
  const timeoutMs = load.seconds * 1000 + graceMs;
  const printed = await runProcess(wrkCommand(load), { signal: session.signal, timeoutMs });
  const found = summary.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
  const errors = Object.entries(found.errors).filter(([, count]) => count > 0);
  if (errors.length > 0) {
    const counts = errors.map(([kind, count]) => `${count} by ${kind}`).join(', ');
    throw new Error(`calls failed, of ${found.requests}: ${counts}`);
  }
  const { requests, bytes, p50Ms, p99Ms } = found;
  return { requests, bytes, perSecond: requests / found.seconds, p50Ms, p99Ms };
}

const sample = /^panelwright_api_calls_total\{action="(\w+)",outcome="(\w+)"[^}]*\} ([0-9]+)$/gm;

/**
 * Drives a panel and asks it what it answered: every call must have been the action, and none may
 * have been refused. Refusals are fast, and must never count.
 */
export async function runWrkOnPanel(session: Session, load: Load): Promise<LoadResult> {
  const before = await readCallCounts(load.url);
  const result = await runWrk(session, load);
  const after = await readCallCounts(load.url);
  let answered = 0;
  for (const [call, count] of after) {
    const grown = count - (before.get(call) ?? 0);
    if (call.endsWith(' ok')) answered += grown;
    else if (grown > 0) throw new Error(`${grown} calls ended as ${call}`);
  }
  if (answered < result.requests) {
    throw new Error(`${result.requests} calls were made and ${answered} answered well`);
  }
  return result;
}

async function readCallCounts(url: string): Promise<Map<string, number>> {
  const response = await fetch(new URL('/metrics', url));
  const counts = new Map<string, number>();
  // Each process of one port counts by itself.
  for (const [, action, outcome, count] of (await response.text()).matchAll(sample)) {
    const call = `${action} ${outcome}`;
    counts.set(call, (counts.get(call) ?? 0) + Number(count));
  }
  return counts;
}
