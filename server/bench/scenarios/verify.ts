import { setTimeout as delay } from 'node:timers/promises';
import { readVerifyAhead, verify as verifyAll } from '../../src/system/index.ts';
import { seedLists } from '../list-seed.ts';
import { openLoadCommand } from '../open-load.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB, startProcess } from '../processes.ts';
import { orderBody, randomOf, seedCustomers } from '../seed.ts';
import type { Scenario, Session } from '../session.ts';
import { writeCalls, wrkCommand } from '../wrk.ts';

const connections = 256;
/** As many as `add` has: of each wallet there is a version for each batch until it is over. */
const customersMade = 500;
const callsMade = 50_000;
const lossMax = 0.2;
const warmUpSeconds = 3;
/** Of the orders that are possible, so many fall due: half of them is what counts. */
const shareDue = 0.5;
const smallShareDue = 0.1;
/** Loads are stopped before. */
const loadSecondsMax = 3_600;
const transfersPerOrder = 2;
const timeoutMs = 1_200_000;

/**
 * `verify` of a panel whose worker has read ahead, beside half as many orders as are possible, of
 * which a fifth may be lost, by reading ahead, too; what it costs beside as many as are possible,
 * and a tenth. Also once more alone, and what one takes that reads all.
 */
export const verify: Scenario = {
  name: 'verify',
  measures: 'the first verify beside half the orders there can be, a fifth of which may be lost',
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

type Load = { panel: Panel; session: Session; url: string; bodies: readonly string[] };

type Beside = { done: { seconds: number }; loss: number };

async function measure(session: Session, panel: Panel) {
  const customers = await seedCustomers(panel, customersMade);
  const bodies = Array.from({ length: callsMade }, () => orderBody(randomOf(customers).key));
  const served = await panel.serve();
  const load = { panel, session, url: served.url, bodies };
  const whole = await verifyBooks(panel, { isWhole: true });
  const alone = await verifyBooks(panel);
  const full = await verifyBesideAll(load);
  const half = full.perSecond * shareDue;
  const few = full.perSecond * smallShareDue;
  await panel.owner.sql`delete from verified_parts`;
  const ahead = await besideDue(load, half, () => readBooksAhead(panel, session.signal));
  const again = await readBooksAhead(panel, session.signal);
  const first = await besideDue(load, half, () => verifyBooks(panel));
  const besideFew = await besideDue(load, few, () => verifyBooks(panel));
  const wholeBeside = await besideDue(load, half, () => verifyBooks(panel, { isWhole: true }));
  const beside = (perSecond: number, { done, loss }: Beside) =>
    `beside ${Math.round(perSecond)} orders/s ${done.seconds.toFixed(1)} s, ${percent(loss)} lost`;
  const notes = [
    `${full.done.transfers} transfers`,
    `${whole.seconds.toFixed(1)} s for all of it alone`,
    `${alone.seconds.toFixed(1)} s once more alone`,
    `read ahead ${beside(half, ahead)}`,
    `what came meanwhile in ${again.seconds.toFixed(1)} s`,
    `then the first ${beside(half, first)}`,
    beside(few, besideFew),
    `${beside(full.perSecond, full)}, as many as there can be`,
    `all of it ${beside(half, wholeBeside)}`,
  ];
  const losses = Object.entries({ 'reading ahead': ahead.loss, verify: first.loss });
  return {
    ...{ value: first.done.seconds, reference: null, p50Ms: null, p99Ms: null },
    rssMiB: readRssMiB(served.process.pid),
    note: notes.join('; '),
    misses: losses
      .filter(([, loss]) => loss > lossMax)
      .map(([what, loss]) => `${what} lost ${percent(loss)}`),
  };
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

async function verifyBooks(
  { app }: Panel,
  { isWhole = false } = {},
): Promise<{ seconds: number; transfers: number }> {
  const startedMs = performance.now();
  const report = await verifyAll(app.db, { parts: { now: app.clock.now(), isWhole } });
  const seconds = (performance.now() - startedMs) / 1_000;
  if (!report.ok) throw new Error(`the books are broken: ${JSON.stringify(report.broken)}`);
  return { seconds, transfers: report.checked.transfers_move_money_of_one_customer ?? 0 };
}

/** What there is to read ahead, as a worker does by itself. */
async function readBooksAhead({ app, owner }: Panel, signal: AbortSignal) {
  await owner.sql`update verify_marks set read_ahead_due_at = null`;
  const startedMs = performance.now();
  if (!(await readVerifyAhead(app, signal))) throw new Error('another one reads ahead');
  return { seconds: (performance.now() - startedMs) / 1_000 };
}

/** Beside orders that come as fast as they are answered; against as many before and after it. */
async function verifyBesideAll({ panel, session, url, bodies }: Load) {
  const calls = await writeCalls(session, bodies);
  const load = startProcess(
    wrkCommand({ url, calls, connections, seconds: loadSecondsMax }),
    session.signal,
  );
  try {
    await delay(warmUpSeconds * 1_000);
    const wait = () => delay(session.secondsPerRun * 1_000);
    const before = await countPerSecond(panel, wait);
    const beside = await countPerSecond(panel, () => verifyBooks(panel));
    const after = await countPerSecond(panel, wait);
    const perSecond = (before.perSecond + after.perSecond) / 2;
    if (perSecond === 0) throw new Error('no orders were placed');
    return { done: beside.done, perSecond, loss: 1 - beside.perSecond / perSecond };
  } finally {
    await load.stop();
  }
}

/** Beside orders that fall due, so many a second. */
async function besideDue<T>(
  { panel, session, url, bodies }: Load,
  perSecond: number,
  work: () => Promise<T>,
): Promise<{ done: T; loss: number }> {
  const calls = bodies.map((body) => ({ kind: 'add', prefix: '{"order":', body }));
  const rounds = Math.ceil((perSecond * loadSecondsMax) / calls.length);
  const command = await openLoadCommand(session, { url, calls, perSecond, rounds });
  const load = startProcess(command, session.signal);
  try {
    await delay(warmUpSeconds * 1_000);
    const beside = await countPerSecond(panel, work);
    return { done: beside.done, loss: 1 - beside.perSecond / perSecond };
  } finally {
    await load.stop();
  }
}

/** How many orders a second were placed while `work` took. */
async function countPerSecond<T>(
  { owner: { sql } }: Panel,
  work: () => Promise<T>,
): Promise<{ perSecond: number; done: T }> {
  const [before] = await sql<{ last: bigint }[]>`select max(id) as last from orders`;
  const startedMs = performance.now();
  const done = await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  // Not by their numbers: some are taken and never used.
  const [placed] = await sql<{ count: bigint }[]>`
    select count(*) as count from orders where id > ${before?.last ?? 0n}`;
  return { perSecond: Number(placed?.count ?? 0) / seconds, done };
}

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
