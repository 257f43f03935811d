import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runProcess } from './processes.ts';
import type { Session } from './session.ts';

/** A call, and how a reply that is no refusal begins. */
export type OpenCall = { kind: string; prefix: string; body: string };

const program = fileURLToPath(new URL('open-loop.ts', import.meta.url));
const connections = 256;
const graceMs = 30_000;

const times = z.object({ count: z.number(), p50Ms: z.number(), p99Ms: z.number() });
const summary = z.object({
  answered: z.number(),
  failed: z.number(),
  failures: z.array(z.string()),
  seconds: z.number(),
  lateMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  kinds: z.record(z.string(), times),
});

export type OpenLoadResult = z.infer<typeof summary>;

/**
 * Makes each call when it falls due, so many a second, from a process of its own.
 * @param load the times of calls within `warmUpMs` do not count
 * @throws Error when one is refused, fails, or stays without an answer
 */
export async function runOpenLoad(
  session: Pick<Session, 'folder' | 'signal'>,
  load: { url: string; calls: readonly OpenCall[]; perSecond: number; warmUpMs?: number },
): Promise<OpenLoadResult> {
  const file = join(session.folder, 'open-calls.txt');
  const lines = load.calls.map(({ kind, prefix, body }) => `${kind}\t${prefix}\t${body}\n`);
  await writeFile(file, lines.join(''));
  const numbers = [load.perSecond, connections, load.warmUpMs ?? 0].map(String);
  const timeoutMs = (load.calls.length / load.perSecond) * 1_000 + graceMs;
  const printed = await runProcess(
    { command: process.execPath, args: [program, load.url, file, ...numbers] },
    { signal: session.signal, timeoutMs },
  );
  const found = summary.parse(JSON.parse(printed));
  if (found.failed > 0) {
    throw new Error(
      `${found.failed} of ${load.calls.length} calls failed: ${found.failures.join('; ')}`,
    );
  }
  return found;
}
