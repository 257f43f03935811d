import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { countDuring, seedDeliveries } from '../deliveries.ts';
import { type Panel, type ServedPanel, withPanel } from '../panel.ts';
import { readRssMiB } from '../processes.ts';
import { orderBody, randomOf, seedCustomers, seedServices } from '../seed.ts';
import { type Measurement, type Scenario, type Session, takeTurns } from '../session.ts';
import { startUpstream } from '../upstream.ts';
import { runWrkOnPanel, writeCalls } from '../wrk.ts';

const several = 2;
const providers = 10;
const connections = 256;
const callsMade = 50_000;
/** Until a worker sends, its code compiled. */
const warmUpSeconds = 3;
/** Each of two servers gets half the calls by which its code is compiled. */
const callsWarmUpSeconds = 12;
// Each round starts all processes anew, twice.
const timeoutMs = 240_000;

/**
 * Orders over HTTP to two processes that answer on one port, with two workers beside them, on one
 * database of its own, against one of each.
 */
export const processesAdd: Scenario = {
  name: 'processes-add',
  measures: 'orders to 2 API processes beside 2 workers, against 1 and 1 on the same database',
  unit: 'orders/s',
  target: 1,
  timeoutMs,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel, 500);
      await seedServices(panel, 100);
      const bodies = Array.from({ length: callsMade }, () => orderBody(randomOf(customers).key));
      const calls = await writeCalls(session, bodies);
      const measured = await compare(session, panel, async ({ url }) => {
        const load = { url, calls, connections };
        const { secondsPerRun } = session;
        const seconds = Math.min(callsWarmUpSeconds, 3 * secondsPerRun);
        await runWrkOnPanel(session, { ...load, seconds });
        return runWrkOnPanel(session, { ...load, seconds: secondsPerRun });
      });
      await panel.verify();
      return measured;
    }),
};

/** The same of orders that two workers send, beside two processes that answer nobody. */
export const processesForward: Scenario = {
  name: 'processes-forward',
  measures: 'orders sent by 2 workers beside 2 API processes, against 1 and 1',
  unit: 'orders/s',
  target: 1,
  size: 150_000,
  rssMiBMax: 300,
  timeoutMs,
  run: (session) =>
    withPanel(session, async (panel) => {
      const options = { orders: 0, quantity: 1_000, pollsPerChange: 10 };
      const upstream = await startUpstream(session, options);
      const count = ({ adds }: { adds: number }) => adds;
      try {
        await seedDeliveries(panel, upstream, {
          ...{ providers, count, state: 'due', orders: session.size },
        });
        const measured = await compare(session, panel, async () => {
          await delay(Math.min(warmUpSeconds, session.secondsPerRun) * 1_000);
          const perSecond = await countDuring(upstream, count, session.secondsPerRun);
          return { perSecond, p50Ms: null, p99Ms: null };
        });
        const { adds } = await upstream.counts();
        if (adds === session.size) throw new Error('all orders were sent: take a larger --size');
        return measured;
      } finally {
        await upstream.process.stop();
      }
    }),
};

type Run = Pick<Measurement, 'p50Ms' | 'p99Ms'> & { perSecond: number };

/** One of each and several of each take turns; of each the median run counts. */
async function compare(
  session: Session,
  panel: Panel,
  run: (api: ServedPanel) => Promise<Run>,
): Promise<Measurement> {
  let rssMiB = 0;
  const runWith = async (count: number): Promise<Run> => {
    const workers: ServedPanel[] = [];
    const shared = { isExternal: true };
    const api = await panel.serve('api', { ...shared, processes: count });
    try {
      for (let worker = 1; worker <= count; worker += 1) {
        workers.push(await panel.serve('worker', shared));
      }
      const result = await run(api);
      for (const { process } of [api, ...workers]) {
        rssMiB = Math.max(rssMiB, readRssMiB(process.pid));
      }
      return result;
    } finally {
      await Promise.all([api, ...workers].map(({ process }) => process.stop()));
    }
  };
  const { value, reference } = await takeTurns(session.rounds, {
    refer: async () => (await runWith(1)).perSecond,
    run: () => runWith(several),
    read: ({ perSecond }) => perSecond,
  });
  const { perSecond, p50Ms, p99Ms } = value;
  return {
    value: perSecond,
    reference,
    ...{ p50Ms, p99Ms, rssMiB },
    note: `${several} API processes and ${several} workers on ${availableParallelism()} cores`,
  };
}
