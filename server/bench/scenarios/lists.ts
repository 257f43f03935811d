import { type ListCall, makeListCalls } from '../list-calls.ts';
import { postsCustomer, seedLists } from '../list-seed.ts';
import { signInAs } from '../list-visitors.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB } from '../processes.ts';
import type { Scenario, Session } from '../session.ts';

const ordersSeeded = 300_000;
// Filling takes a minute, and on a filled folder its recovery may.
const timeoutMs = 300_000;
/** One caller after the other, each answered in the time that is allowed at most. */
const msMax = 50;
const leastPerSecond = 1_000 / msMax;

/**
 * Pages of orders and refills as customers open them, one after the other: the newest, deep ones,
 * by every filter. On a folder filled by `bench:fill` it measures a panel of full size.
 */
export const lists: Scenario = {
  name: 'lists',
  measures: 'pages of orders and refills by every filter, one call after the other',
  unit: 'calls/s',
  filled: 'can',
  target: 1,
  p99MsMax: msMax,
  rssMiBMax: 300,
  timeoutMs,
  run: (session) =>
    withPanel(session, async (panel) => {
      if (session.filled === undefined) {
        await seedLists(panel, { orders: ordersSeeded }, { signal: session.signal, say });
      }
      const orders = await countOrders(panel);
      const visitors = await signInAs(panel, await panel.serve('api'));
      const kinds = makeListCalls(orders, await findPosts(panel));
      for (const kind of kinds) await kind.call(visitors);
      const times = await measure(session, kinds, visitors);
      for (const [name, of] of times) say(`${name}: ${describe(of)}`);
      const all = [...times.values()].flat();
      const totalMs = all.reduce((sum, ms) => sum + ms, 0);
      return {
        value: (all.length * 1_000) / totalMs,
        reference: leastPerSecond,
        p50Ms: percentile(all, 0.5),
        // Each kind is more than a hundredth of all calls, so one that is slow shows in this.
        p99Ms: percentile(all, 0.99),
        rssMiB: readRssMiB(visitors.server.process.pid),
      };
    }),
};

async function countOrders({ owner: { sql } }: Panel): Promise<number> {
  const [row] = await sql<{ last: bigint }[]>`select max(id) as last from orders`;
  return Number(row?.last ?? 0);
}

async function findPosts({ owner: { sql } }: Panel): Promise<number[]> {
  const rows = await sql<{ id: bigint }[]>`
    select id from orders
    where customer_id = ${postsCustomer}::int and parent_id = 1 and id % 7 = 0 limit 10000`;
  return rows.map(({ id }) => Number(id));
}

/** Calls of all kinds in turn for as long as the session measures; the milliseconds of each. */
async function measure(
  session: Session,
  kinds: readonly ListCall[],
  visitors: Parameters<ListCall['call']>[0],
): Promise<Map<string, number[]>> {
  const times = new Map(kinds.map(({ name }) => [name, [] as number[]]));
  const endMs = performance.now() + session.rounds * session.secondsPerRun * 1_000;
  while (performance.now() < endMs) {
    for (const { name, call } of kinds) {
      session.signal.throwIfAborted();
      const startMs = performance.now();
      await call(visitors);
      times.get(name)?.push(performance.now() - startMs);
    }
  }
  return times;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function describe(times: readonly number[]): string {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const most = percentile(times, 1);
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, at most ${most.toFixed(1)} ms`;
}

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
