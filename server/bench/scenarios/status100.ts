import { type Panel, withPanel } from '../panel.ts';
import { preparePgbench } from '../pgbench.ts';
import { readOrders } from '../pgbench-scripts.ts';
import { readRssMiB } from '../processes.ts';
import {
  formBody,
  randomWhole,
  type SeededCustomer,
  seedCustomers,
  seedOrders,
  seedServices,
} from '../seed.ts';
import { type Measurement, type Scenario, type Session, takeTurns } from '../session.ts';
import { runWrkOnPanel, writeCalls } from '../wrk.ts';

const orders = 100_000;
const callsMade = 5_000;
const idsPerCall = 100;
const connections = 64;
const pgbenchClients = [4, 16, 32];
const warmUpSeconds = 2;

/** 100 different random orders of one customer per call, against pgbench reading the same rows. */
export const status100: Scenario = {
  name: 'status100',
  measures: 'calls with 100 orders each, against pgbench selecting as many by key',
  unit: 'lists/s',
  target: 0.8,
  run: (session) =>
    withPanel(session, async (panel) => {
      // Order n belongs to customer n modulo their number: pgbench counts from the first one.
      const customers = (await seedCustomers(panel)).sort((a, b) => a.customerId - b.customerId);
      await seedServices(panel, 100);
      await seedOrders(panel, customers, { count: orders });
      return measure(session, panel, customers);
    }),
};

async function measure(
  session: Session,
  panel: Panel,
  customers: readonly SeededCustomer[],
): Promise<Measurement> {
  const { secondsPerRun } = session;
  const span = Math.floor((orders / customers.length - 1) / idsPerCall);
  const calls = await writeCalls(
    session,
    Array.from({ length: callsMade }, () => listBody(customers, span)),
  );
  const script = readOrders(customers, { ids: idsPerCall, span });
  const pgbench = await preparePgbench(session, panel, script);
  const served = await panel.serve();
  const ask = (seconds: number) =>
    runWrkOnPanel(session, { url: served.url, calls, connections, seconds });
  await ask(Math.min(warmUpSeconds, secondsPerRun));
  const { value, reference } = await takeTurns(session.rounds, {
    refer: () => pgbench({ clients: pgbenchClients, seconds: Math.ceil(secondsPerRun / 2) }),
    run: () => ask(secondsPerRun),
    read: ({ perSecond }) => perSecond,
  });
  return {
    value: value.perSecond,
    reference,
    p50Ms: value.p50Ms,
    p99Ms: value.p99Ms,
    rssMiB: readRssMiB(served.process.pid),
  };
}

function listBody(customers: readonly SeededCustomer[], span: number): string {
  const at = randomWhole(0, customers.length - 1);
  const ids = Array.from(
    { length: idsPerCall },
    (_, part) => randomWhole(1 + part * span, (part + 1) * span) * customers.length + at,
  );
  const key = customers[at]?.key ?? '';
  return formBody({ key, action: 'status', orders: ids.join(',') });
}
