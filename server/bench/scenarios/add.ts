import assert from 'node:assert/strict';
import { type Panel, withPanel } from '../panel.ts';
import { preparePgbench } from '../pgbench.ts';
import { placeOrders } from '../pgbench-scripts.ts';
import { readRssMiB } from '../processes.ts';
import { orderBody, randomOf, type SeededCustomer, seedCustomers, seedServices } from '../seed.ts';
import { type Measurement, type Scenario, type Session, takeTurns } from '../session.ts';
import { type LoadResult, runWrkOnPanel, writeCalls } from '../wrk.ts';

// With 50, a tenth as many, clients of pgbench wait for each other's wallets.
const customersMade = 500;
const services = 100;
const callsMade = 50_000;
const warmUpSeconds = 2;

/** Who orders, and what it is held against. */
type Load = {
  connections: number;
  /** Of the customers that pgbench writes for, so many order. */
  ordering: number;
  /** The best of these counts. */
  pgbenchClients: readonly number[];
  /** What of a run is compared with pgbench's transactions per second. */
  read: (result: LoadResult) => number;
};

/**
 * Orders of 500 customers, each answered after its commit, against pgbench writing the same rows
 * one order at a time, on the same database in turns.
 */
export const add: Scenario = {
  name: 'add',
  measures: 'orders of 500 customers over 256 connections, against pgbench writing the same rows',
  unit: 'orders/s',
  target: 2,
  run: (session) =>
    measure(session, {
      connections: 256,
      ordering: customersMade,
      pgbenchClients: [4, 16, 32],
      read: ({ perSecond }) => perSecond,
    }),
};

/** The same of one customer, whose wallet every order changes: a reseller is one customer. */
export const addOneCustomer: Scenario = {
  name: 'add-one-customer',
  measures: 'the same of one customer over 64 connections',
  unit: 'orders/s',
  target: 1.5,
  run: (session) =>
    measure(session, {
      connections: 64,
      ordering: 1,
      pgbenchClients: [4, 16, 32],
      read: ({ perSecond }) => perSecond,
    }),
};

/**
 * One order after the other, by how many half of the calls are faster than: waiting for a batch
 * must not cost an idle panel anything. At 1.5 times pgbench's delay the ratio is 0.667.
 */
export const addOneConnection: Scenario = {
  name: 'add-one-connection',
  measures: 'one order after the other, against pgbench with one client',
  unit: '1/p50',
  target: 0.667,
  run: (session) =>
    measure(session, {
      connections: 1,
      ordering: customersMade,
      pgbenchClients: [1],
      read: ({ p50Ms }) => 1_000 / p50Ms,
    }),
};

/** As many runs one after the other; by the fourth the worker checks what changed, too. */
const lastingRuns = 7;
const settledFrom = 3;

/**
 * Orders without a pause for more than two minutes, the slowest run after the first minute against
 * the first run: what a worker does beside them every minute may take a quarter of a core.
 */
export const addLasting: Scenario = {
  name: 'add-lasting',
  measures: 'the slowest of 20 seconds of orders after a minute of them, against the first 20',
  unit: 'orders/s',
  target: 0.6,
  seconds: 20,
  timeoutMs: 240_000,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel, customersMade);
      await seedServices(panel, services);
      const bodies = Array.from({ length: callsMade }, () => orderBody(randomOf(customers).key));
      const { url, process } = await panel.serve();
      const load = { url, calls: await writeCalls(session, bodies), connections: 256 };
      await runWrkOnPanel(session, { ...load, seconds: warmUpSeconds });
      const runs: LoadResult[] = [];
      while (runs.length < lastingRuns) {
        runs.push(await runWrkOnPanel(session, { ...load, seconds: session.secondsPerRun }));
      }
      await panel.verify();
      const [slowest] = runs.slice(settledFrom).sort((a, b) => a.perSecond - b.perSecond);
      assert(slowest !== undefined && runs[0] !== undefined);
      return {
        value: slowest.perSecond,
        reference: runs[0].perSecond,
        p50Ms: slowest.p50Ms,
        p99Ms: slowest.p99Ms,
        rssMiB: readRssMiB(process.pid),
        note: runs.map(({ perSecond }) => Math.round(perSecond)).join(', '),
      };
    }),
};

function measure(session: Session, load: Load): Promise<Measurement> {
  return withPanel(session, async (panel) => {
    const customers = await seedCustomers(panel, customersMade);
    await seedServices(panel, services);
    const measured = await measureAgainstPgbench(session, { panel, customers, load });
    await panel.verify();
    return measured;
  });
}

async function measureAgainstPgbench(
  session: Session,
  on: { panel: Panel; customers: readonly SeededCustomer[]; load: Load },
): Promise<Measurement> {
  const { panel, customers } = on;
  const { connections, ordering, pgbenchClients, read } = on.load;
  const calls = await writeCalls(
    session,
    Array.from({ length: callsMade }, () => orderBody(randomOf(customers.slice(0, ordering)).key)),
  );
  const pgbench = await preparePgbench(session, panel, placeOrders(customers));
  const served = await panel.serve();
  const place = async (seconds: number) => {
    const storedBefore = await countOrders(panel);
    const load = { url: served.url, calls, connections, seconds };
    const result = await runWrkOnPanel(session, load);
    const stored = (await countOrders(panel)) - storedBefore;
    // wrk leaves without the last replies, so a few more may be stored than it has seen.
    if (stored < result.requests || stored > result.requests + connections) {
      throw new Error(`${result.requests} orders were answered and ${stored} stored`);
    }
    return result;
  };
  const refer = () =>
    pgbench({ clients: pgbenchClients, seconds: Math.ceil(session.secondsPerRun / 2) });
  await place(Math.min(warmUpSeconds, session.secondsPerRun));
  const run = () => place(session.secondsPerRun);
  const { value, reference } = await takeTurns(session.rounds, { refer, run, read });
  return {
    value: read(value),
    reference,
    p50Ms: value.p50Ms,
    p99Ms: value.p99Ms,
    rssMiB: readRssMiB(served.process.pid),
  };
}

async function countOrders(panel: Panel): Promise<number> {
  const [row] = await panel.owner.sql<{ count: number }[]>`
    select count(*)::int as count from orders`;
  return row?.count ?? 0;
}
