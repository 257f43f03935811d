import { setTimeout as delay } from 'node:timers/promises';
import { verify as verifyBooks } from '../../src/system/index.ts';
import { seedLists } from '../list-seed.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB, startProcess } from '../processes.ts';
import { orderBody, randomOf, seedCustomers } from '../seed.ts';
import type { Scenario, Session } from '../session.ts';
import { writeCalls, wrkCommand } from '../wrk.ts';

const connections = 256;
const callsMade = 50_000;
const lossMax = 0.2;
const warmUpSeconds = 3;
/** Until the load is stopped. */
const loadSeconds = 3_600;
const transfersPerOrder = 2;
const timeoutMs = 1_200_000;

/**
 * The whole `verify` beside orders that come as fast as they are answered, and what it costs them:
 * orders per second before and after it, and while it runs.
 */
export const verify: Scenario = {
  name: 'verify',
  measures: 'the whole verify beside a load of orders, which may lose a fifth at most; transfers',
  unit: 's',
  target: 15,
  judgedBy: 'most',
  size: 200_000,
  filled: 'can',
  timeoutMs,
  run: (session) =>
    withPanel(session, async (panel) => {
      if (session.filled === undefined) {
        const orders = Math.ceil(session.size / transfersPerOrder);
        await seedLists(panel, { orders }, { signal: session.signal, say });
      }
      return measure(session, panel);
    }),
};

async function measure(session: Session, panel: Panel) {
  const customers = await seedCustomers(panel);
  const bodies = Array.from({ length: callsMade }, () => orderBody(randomOf(customers).key));
  const calls = await writeCalls(session, bodies);
  const served = await panel.serve();
  const load = startProcess(
    wrkCommand({ url: served.url, calls, connections, seconds: loadSeconds }),
    session.signal,
  );
  try {
    await delay(warmUpSeconds * 1_000);
    const wait = () => delay(session.secondsPerRun * 1_000);
    const before = await countPerSecond(panel, wait);
    const startedMs = performance.now();
    let transfers = 0;
    const beside = await countPerSecond(panel, async () => {
      const report = await verifyBooks(panel.app.db);
      if (!report.ok) throw new Error(`the books are broken: ${JSON.stringify(report.broken)}`);
      transfers = report.checked.transfers_move_money_of_one_customer ?? 0;
    });
    const seconds = (performance.now() - startedMs) / 1_000;
    const after = await countPerSecond(panel, wait);
    const alone = (before + after) / 2;
    const loss = 1 - beside / alone;
    const rates = [alone, beside].map((rate) => Math.round(rate));
    return {
      ...{ value: seconds, reference: null, p50Ms: null, p99Ms: null },
      rssMiB: readRssMiB(served.process.pid),
      note: `${transfers} transfers; ${rates[0]} orders/s alone, ${rates[1]} beside`,
      misses: loss > lossMax ? [`orders lost ${Math.round(loss * 100)}%`] : [],
    };
  } finally {
    await load.stop();
  }
}

/** How many orders a second were placed while `work` took; by their numbers, at no cost. */
async function countPerSecond(panel: Panel, work: () => Promise<void>): Promise<number> {
  const before = await lastOrder(panel);
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const perSecond = ((await lastOrder(panel)) - before) / seconds;
  if (!(perSecond > 0)) throw new Error('no orders were placed');
  return perSecond;
}

async function lastOrder({ owner: { sql } }: Panel): Promise<number> {
  const [row] = await sql<{ last: bigint }[]>`select last_value as last from order_ids`;
  return Number(row?.last ?? 0);
}

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
