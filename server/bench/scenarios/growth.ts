import { makeDayCalls, openCallers, openDay, seedSmallDay } from '../day.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB } from '../processes.ts';
import { orderBody, randomOf } from '../seed.ts';
import { type Measurement, type Scenario, type Session, takeTurns } from '../session.ts';
import { type LoadResult, runWrkOnPanel, writeCalls } from '../wrk.ts';

const callersOfOrders = 100;
const warmUpSeconds = 3;
// A large database may be recovered first, and its pages come from the disk.
const timeoutMs = 300_000;

/** What is called on both panels, and over how many connections. */
type Load = { connections: number; make: (panel: Panel) => Promise<string[]> };

const shared = {
  filled: 'must',
  target: 0.9,
  rssMiBMax: 250,
  timeoutMs,
} as const;

/** A mixed day on a large panel against the same on one with 10,000 orders. */
export const growthMixed: Scenario = {
  ...shared,
  name: 'growth-mixed',
  measures: 'a mixed day on a filled folder, against a panel with 10,000 orders',
  unit: 'calls/s',
  run: (session) =>
    measure(session, {
      connections: 64,
      make: async (panel) => makeDayCalls(await openDay(panel), 5_000).map(({ body }) => body),
    }),
};

/** The same of orders. */
export const growthAdd: Scenario = {
  ...shared,
  name: 'growth-add',
  measures: 'orders on a filled folder, against a panel with 10,000 orders',
  unit: 'orders/s',
  run: (session) =>
    measure(session, {
      connections: 256,
      make: async (panel) => {
        const callers = await openCallers(panel, callersOfOrders);
        return Array.from({ length: 50_000 }, () => orderBody(randomOf(callers).key));
      },
    }),
};

/** Both panels answer calls alone, in turns; their workers would have no work. */
function measure({ filled = '', ...session }: Session, load: Load): Promise<Measurement> {
  return withPanel(session, async (small) => {
    await seedSmallDay(small);
    const measured = await withPanel({ ...session, filled }, async (large) => {
      const callLarge = await prepare(session, { panel: large, name: 'large', load });
      const callSmall = await prepare(session, { panel: small, name: 'small', load });
      const { value, reference } = await takeTurns(session.rounds, {
        refer: async () => (await callSmall.run(session.secondsPerRun)).perSecond,
        run: () => callLarge.run(session.secondsPerRun),
        read: ({ perSecond }) => perSecond,
      });
      return {
        value: value.perSecond,
        reference,
        p50Ms: value.p50Ms,
        p99Ms: value.p99Ms,
        rssMiB: readRssMiB(callLarge.pid),
        note: await describeSize(large),
      };
    });
    await small.verify();
    return measured;
  });
}

async function prepare(
  session: Session,
  on: { panel: Panel; name: string; load: Load },
): Promise<{ run: (seconds: number) => Promise<LoadResult>; pid: number }> {
  const { connections, make } = on.load;
  const calls = await writeCalls(session, await make(on.panel), on.name);
  const { url, process } = await on.panel.serve('api');
  const run = (seconds: number) => runWrkOnPanel(session, { url, calls, connections, seconds });
  await run(Math.min(warmUpSeconds, session.secondsPerRun));
  return { run, pid: process.pid };
}

async function describeSize({ owner: { sql } }: Panel): Promise<string> {
  const [row] = await sql<{ orders: bigint; customers: number; size: string }[]>`
    select (select max(id) from orders) as orders, (select max(id) from customers) as customers,
      pg_size_pretty(pg_database_size(current_database())) as size`;
  return `${row?.orders} orders of ${row?.customers} customers, ${row?.size}`;
}
