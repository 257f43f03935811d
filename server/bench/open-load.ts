import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Command, runProcess } from './processes.ts';
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

type OpenLoad = {
  url: string;
  calls: readonly OpenCall[];
  perSecond: number;
  warmUpMs?: number;
  /** So many times all calls, one round after the other. */
  rounds?: number;
};

/** The program that makes these calls, for who ends it himself. */
export async function openLoadCommand(
  { folder }: Pick<Session, 'folder'>,
  load: OpenLoad,
): Promise<Command> {
  const file = join(folder, 'open-calls.txt');
  const lines = load.calls.map(({ kind, prefix, body }) => `${kind}\t${prefix}\t${body}\n`);
  await writeFile(file, lines.join(''));
  const numbers = [load.perSecond, connections, load.warmUpMs ?? 0, load.rounds ?? 1].map(String);
  return { command: process.execPath, args: [program, load.url, file, ...numbers] };
}

/**
 * Makes each call when it falls due, so many a second, from a process of its own.
 * @param load the times of calls within `warmUpMs` do not count
 * @throws Error when one is refused, fails, or stays without an answer
 */
export async function runOpenLoad(
  session: Pick<Session, 'folder' | 'signal'>,
  load: OpenLoad,
): Promise<OpenLoadResult> {
  const callsMade = load.calls.length * (load.rounds ?? 1);
  const timeoutMs = (callsMade / load.perSecond) * 1_000 + graceMs;
  const command = await openLoadCommand(session, load);
  const printed = await runProcess(command, { signal: session.signal, timeoutMs });
  const found = summary.parse(JSON.parse(printed));
  if (found.failed > 0) {
    throw new Error(`${found.failed} of ${callsMade} calls failed: ${found.failures.join('; ')}`);
  }
  return found;
}
