import { addProviders, routeServices } from '../deliveries.ts';
import { describeMemory, watchMemory } from '../memory.ts';
import { type Panel, withPanel } from '../panel.ts';
import {
  formBody,
  orderBody,
  randomOf,
  randomWhole,
  type SeededCustomer,
  seedCustomers,
  seededMax,
  seedOrders,
  seedServices,
} from '../seed.ts';
import type { Measurement, Scenario, Session } from '../session.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { runWrkOnPanel, writeCalls } from '../wrk.ts';

const services = 100;
const providers = 10;
const ordersSeeded = 50_000;
const callsMade = 50_000;
const connections = 64;
const apiMiBMax = 200;
const workerMiBMax = 300;
const warmUpSeconds = 10;

/**
 * What an API process and a worker have in memory while customers order and ask as fast as they are
 * answered, and the worker sends and follows as fast as it can.
 */
export const memory: Scenario = {
  name: 'memory',
  measures: 'memory of an API process and of a worker, both at saturation',
  unit: 'MiB',
  target: apiMiBMax,
  judgedBy: 'most',
  seconds: 60,
  run: (session) =>
    withPanel(session, async (panel) => {
      const upstream = await startUpstream(session, {
        ...{ orders: 0, quantity: seededMax, pollsPerChange: 10 },
      });
      try {
        return await measure(session, panel, upstream);
      } finally {
        await upstream.process.stop();
      }
    }),
};

async function measure(session: Session, panel: Panel, upstream: Upstream): Promise<Measurement> {
  const customers = await seedCustomers(panel);
  await seedServices(panel, services);
  await seedOrders(panel, customers, { count: ordersSeeded });
  await routeServices(panel, await addProviders(panel, upstream, providers));
  const calls = await writeCalls(session, mix(customers));
  const api = await panel.serve('api');
  const worker = await panel.serve('worker');
  const { secondsPerRun: seconds } = session;
  const load = { url: api.url, calls, connections };
  await runWrkOnPanel(session, { ...load, seconds: Math.min(warmUpSeconds, seconds) });
  const watches = [api, worker].map((served) => watchMemory(served.process.pid));
  const result = await runWrkOnPanel(session, { ...load, seconds });
  const [apiSeen, workerSeen] = watches.map((watch) => watch.stop());
  if (apiSeen === undefined || workerSeen === undefined) throw new Error('nothing was watched');
  const described = [describeMemory('API', apiSeen), describeMemory('worker', workerSeen)];
  const isWorkerSmall = workerSeen.maxMiB <= workerMiBMax;
  const rate = `${Math.round(result.perSecond)} calls/s for ${seconds} s`;
  return {
    value: apiSeen.maxMiB,
    reference: null,
    ...{ p50Ms: result.p50Ms, p99Ms: result.p99Ms, rssMiB: apiSeen.maxMiB },
    note: [rate, ...described.map(({ note }) => note)].join('; '),
    misses: [
      ...described.flatMap(({ misses }) => misses),
      ...(isWorkerSmall ? [] : [`the worker had ${Math.round(workerSeen.maxMiB)} MiB`]),
    ],
  };
}

/** Half of the calls order, half ask for an order's status. */
function mix(customers: readonly SeededCustomer[]): string[] {
  return Array.from({ length: callsMade }, (_, at) => {
    if (at % 2 === 0) return orderBody(randomOf(customers).key);
    const order = randomWhole(1, ordersSeeded);
    const key = customers[order % customers.length]?.key ?? '';
    return formBody({ key, action: 'status', order });
  });
}
