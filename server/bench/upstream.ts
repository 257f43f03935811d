import { fileURLToPath } from 'node:url';
import { findFreePort, untilReady } from './panel.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import type { Session } from './session.ts';

export type UpstreamOptions = {
  /** The orders 1 to this exist from the start. */
  orders: number;
  /** Of each of them. */
  quantity: number;
  /** One row in so many changes from one poll to the next. */
  pollsPerChange: number;
  /** New ones are over after so long, a tenth cancelled and a tenth partial; by itself never. */
  endsAfterMs?: number;
};

/** What an upstream was asked since it started. */
export type UpstreamCounts = {
  adds: number;
  statusCalls: number;
  rows: number;
  otherCalls: number;
};

export type Upstream = {
  url: string;
  process: RunningProcess;
  counts: () => Promise<UpstreamCounts>;
};

const program = fileURLToPath(new URL('fake-upstream.ts', import.meta.url));

/** Starts an upstream panel. */
export async function startUpstream(
  session: Pick<Session, 'signal'>,
  options: UpstreamOptions,
): Promise<Upstream> {
  const port = await findFreePort();
  const { orders, quantity, pollsPerChange, endsAfterMs = 0 } = options;
  const numbers = [port, orders, quantity, pollsPerChange, endsAfterMs];
  const args = [program, ...numbers.map(String)];
  const command = { command: process.execPath, args };
  const running = startProcess(command, session.signal);
  const countsUrl = `http://127.0.0.1:${port}/counts`;
  await untilReady(running, countsUrl);
  return {
    url: `http://127.0.0.1:${port}/api/v2`,
    process: running,
    // The program answers just this.
    counts: async () => (await (await fetch(countsUrl)).json()) as UpstreamCounts,
  };
}
