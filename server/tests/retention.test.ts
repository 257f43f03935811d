import assert from 'node:assert/strict';
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import {
  type Actor,
  dayMs,
  type OrderId,
  type StaffArea,
  setFailpoint,
} from '../src/base/index.ts';
import { holdMonths, inTransaction } from '../src/db/index.ts';
import { recomputeFigures, rollUpDue } from '../src/figures/index.ts';
import { readCustomerTimeline } from '../src/fulfilment/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import {
  applyRetention,
  type History,
  type Policy,
  readRetention,
  updatePolicy,
} from '../src/retention/index.ts';
import { addStaff } from '../src/staff/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

// The first part ends where the month does in which the schema was made: by the real clock. So a
// panel begins in the month after that.

let panel: TestPanel;
/** The data directory of a user, and the folder in it where months go. */
let dataDir: string;
let dir: string;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let service: number;

before(async () => {
  const now = new Date();
  panel = await openTestPanel({ start: monthAfter(now, 1, 10) });
  dataDir = await mkdtemp(join(tmpdir(), 'panelwright-archive-'));
  if (process.geteuid?.() === 0) await chown(dataDir, 65_534, 65_534);
  dir = join(dataDir, 'archive');
  customer = await makeCustomer(panel);
  service = await makeService(panel);
  await panel.app.catalog.refresh();
});

after(async () => {
  await panel.close();
  await rm(dataDir, { recursive: true, force: true });
});

function monthAfter(at: Date, months: number, day = 1): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, day));
}

async function order(): Promise<OrderId> {
  const { key } = customer;
  const link = `https://example.com/${panel.clock.now().getTime()}`;
  const placed = await panel.call({ key, action: 'add', service, link, quantity: 100 });
  return BigInt(String(Reflect.get(Object(placed), 'order'))) as OrderId; // it was just placed
}

/** Two changes, of which the second one ends it. */
async function finish(orderId: OrderId): Promise<void> {
  await settleOrder(panel.app, staff, { orderId, status: 'In progress', remains: 50n });
  await settleOrder(panel.app, staff, { orderId, status: 'Completed', remains: 0n });
}

function advanceMonths(months: number): void {
  const now = panel.clock.now();
  panel.clock.advance(monthAfter(now, months, 10).getTime() - now.getTime());
}

async function closeDays(): Promise<void> {
  let done: number;
  do done = await rollUpDue(panel.app);
  while (done > 0);
}

function apply() {
  return applyRetention(panel.app, staff, { target: { url: panel.databaseUrl }, dir });
}

/** Two months later; what was due before this month is gone already. */
async function makeDueAlone(): Promise<void> {
  for (const isLast of [false, true]) {
    advanceMonths(1);
    await closeDays();
    if (!isLast) await apply();
  }
}

const forEver: Policy = { eventsMonths: null, callsMonths: null, isExported: true };

function setPolicy(changes: Partial<Policy>): Promise<void> {
  return updatePolicy(panel.app, staff, { ...forEver, ...changes });
}

async function monthsOf(history: History) {
  const { months } = await readRetention(panel.app.db, panel.clock.now());
  return months.filter((month) => month.history === history);
}

async function eventsOf(orderId: OrderId): Promise<number> {
  const found = await sql`select from order_events where order_id = ${orderId}`.execute(
    panel.app.db,
  );
  return found.rows.length;
}

test('months are there before they begin, and no event goes until that is asked for', async () => {
  await finish(await order());
  advanceMonths(1);
  const run = await apply();
  const now = panel.clock.now();
  assert(run !== undefined);
  assert(run.dropped.every(({ history }) => history === 'provider_calls'));
  assert(run.added.length > 0);
  for (const history of ['order_events', 'delivery_events', 'provider_calls'] as const) {
    const starts = (await monthsOf(history)).map(({ from }) => from?.getTime());
    for (const ahead of [0, 1, 2, 3]) {
      assert(starts.includes(monthAfter(now, ahead).getTime()), `${history} +${ahead}`);
    }
  }
  assert.deepEqual((await apply())?.added, []);
});

test('rows of a month without a table are taken, and move there once it is', async () => {
  advanceMonths(4);
  const placed = await order();
  await finish(placed);
  const stray = await panel.owner.sql`select from order_events_rest where order_id = ${placed}`;
  assert.equal(stray.length, 2);
  await apply();
  assert.equal((await panel.owner.sql`select from order_events_rest`).length, 0);
  assert.equal(await eventsOf(placed), 2);
  await panel.owner.sql`analyze order_events`;
  const now = panel.clock.now();
  const [month] = (await monthsOf('order_events')).filter(
    ({ from, until }) => from !== null && from <= now && now < until,
  );
  assert.equal(month?.rows, 2n);
  await panel.verify();
});

test('a month waits until the figures of its days are closed', async () => {
  await setPolicy({ eventsMonths: 1 });
  const run = await apply();
  assert(run !== undefined && run.waiting > 0);
  assert(run.dropped.every(({ history }) => history !== 'order_events'));
});

test('a month is exported, dropped and audited; orders that run keep their events', async () => {
  const running = await order();
  await settleOrder(panel.app, staff, { orderId: running, status: 'In progress', remains: 60n });
  const [done, late] = [await order(), await order()];
  await finish(done);
  await settleOrder(panel.app, staff, { orderId: late, status: 'In progress', remains: 70n });
  const month = panel.clock.now();
  advanceMonths(2);
  await settleOrder(panel.app, staff, { orderId: late, status: 'Completed', remains: 0n });
  await closeDays();
  await panel.verify();
  // Who is told to leave meanwhile drops none, and leaves nothing behind.
  const plan = { target: { url: panel.databaseUrl }, dir, leaving: AbortSignal.abort() };
  assert.deepEqual((await applyRetention(panel.app, staff, plan))?.dropped, []);
  assert.deepEqual(await readdir(dir).catch(() => []), []);
  const run = await apply();
  const dropped = run?.dropped.find(
    ({ history, from }) =>
      history === 'order_events' && from !== null && from <= month && month < monthAfter(from, 1),
  );
  assert(dropped !== undefined);
  assert.equal(dropped.kept, 1n);
  const file = join(dir, dropped.file);
  const made = await Promise.all([dataDir, dir, file].map((path) => stat(path)));
  assert.equal(new Set(made.map(({ uid }) => uid)).size, 1, 'one user has all of it');
  const text = gunzipSync(await readFile(file)).toString();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  assert.equal(BigInt(lines.length), dropped.rows);
  const ids = lines.map((line) => BigInt(Number(Reflect.get(Object(line), 'order_id'))));
  assert.equal(ids.filter((id) => id === done).length, 2);
  assert.equal(ids.filter((id) => id === running).length, 1);

  assert.deepEqual(await Promise.all([running, done, late].map(eventsOf)), [1, 0, 1]);
  const { archived } = await readRetention(panel.app.db, panel.clock.now());
  const note = archived.find(({ file }) => file === dropped.file);
  assert.equal(note?.rows, dropped.rows);
  const audits = await sql<{ after: { file: string } }>`
    select after from audit where action = 'retention.drop'`.execute(panel.app.db);
  assert(audits.rows.some(({ after }) => after.file === dropped.file));
  await panel.verify();

  // What stayed goes with the order's own last month.
  await settleOrder(panel.app, staff, { orderId: running, status: 'Completed', remains: 0n });
  advanceMonths(2);
  await closeDays();
  await apply();
  assert.equal(await eventsOf(running), 0);
  assert.equal((await panel.owner.sql`select from order_events_rest`).length, 0);
  await panel.verify();
});

test('an order whose events are dropped is read by what it was and is, and says so', async () => {
  const { customerId } = customer;
  const found = await sql<{ id: OrderId }>`
    select id from orders where completed_at is not null order by id limit 1`.execute(panel.app.db);
  const [first] = found.rows;
  assert(first !== undefined);
  const { entries, archived } = await readCustomerTimeline(panel.app.db, {
    customerId,
    orderId: first.id,
  });
  assert.equal(archived, 2);
  assert.deepEqual(
    entries.map(({ status, remains }) => ({ status, remains })),
    [
      { status: 'Pending', remains: 100n },
      { status: 'Completed', remains: 0n },
    ],
  );
});

test('figures of days whose events are dropped are not made anew', async () => {
  const span = { from: new Date(0), to: new Date(panel.clock.now().getTime() + dayMs) };
  const opened = await recomputeFigures(panel.app, staff, span);
  assert(opened > 0 && opened < 100);
  await closeDays();
  await panel.verify();
});

test('a process that dies after the export or in the drop leaves nothing half done', async () => {
  const placed = await order();
  await finish(placed);
  await makeDueAlone();
  const files = await readdir(dir);
  for (const point of ['retention.after_export', 'retention.before_commit'] as const) {
    setFailpoint(point, () => {
      throw new Error('killed');
    });
    await assert.rejects(apply(), /killed/);
    setFailpoint(point);
    assert.equal(await eventsOf(placed), 2);
    await panel.verify();
  }
  const left = (await readdir(dir)).filter((name) => !files.includes(name));
  await writeFile(join(dir, `${left[0]}.partial-00`), 'half');
  const run = await apply();
  assert.equal(await eventsOf(placed), 0);
  // The file that was there is the one that is noted, and what was half written is gone.
  assert.deepEqual(
    run?.dropped.filter(({ file }) => file !== '').map(({ file }) => file),
    left,
  );
  assert.deepEqual((await readdir(dir)).sort(), [...files, ...left].sort());
  await panel.verify();
});

/** Has a row written for that moment once a month is exported, before it is dropped. */
function addAfterExport(orderId: OrderId, at: Date): void {
  setFailpoint('retention.after_export', async () => {
    setFailpoint('retention.after_export');
    await sql`insert into order_events (customer_id, order_id, revision, kind, actor, before, after,
        created_at)
      select customer_id, order_id, revision, 'ignored', 'system:late', after, after,
        ${at}::timestamptz
      from order_events where order_id = ${orderId} order by id desc limit 1`.execute(panel.app.db);
  });
}

test('rows that come after the export keep the month, and are in the next file', async () => {
  const placed = await order();
  await finish(placed);
  const at = panel.clock.now();
  await makeDueAlone();
  addAfterExport(placed, at);
  await assert.rejects(apply(), { code: 'conflict' });
  assert.equal(await eventsOf(placed), 3);
  const run = await apply();
  const dropped = run?.dropped.find(({ rows }) => rows === 3n);
  assert.match(dropped?.file ?? '', /-2\.ndjson\.gz$/);
});

test('rows that come to a month that was empty keep it, too', async () => {
  const placed = await order();
  await settleOrder(panel.app, staff, { orderId: placed, status: 'In progress', remains: 50n });
  advanceMonths(1);
  const at = panel.clock.now();
  await makeDueAlone();
  addAfterExport(placed, at);
  await assert.rejects(apply(), { code: 'conflict' });
  const run = await apply();
  assert(run?.dropped.some(({ rows, file }) => rows === 1n && file.startsWith('order_events')));
  await settleOrder(panel.app, staff, { orderId: placed, status: 'Completed', remains: 0n });
  advanceMonths(1);
});

test('without an export a month just goes, and calls have a policy of their own', async () => {
  const files = await readdir(dir);
  const placed = await order();
  await finish(placed);
  advanceMonths(3);
  await closeDays();
  await setPolicy({ callsMonths: 1, isExported: false });
  assert((await apply())?.dropped.every(({ history }) => history === 'provider_calls'));
  assert.equal(await eventsOf(placed), 2);
  await setPolicy({ eventsMonths: 1, isExported: false });
  const run = await apply();
  assert(run?.dropped.some(({ rows, file }) => rows === 2n && file === ''));
  assert.equal(await eventsOf(placed), 0);
  assert.deepEqual(await readdir(dir), files);
  await panel.verify();
});

test('what reads a snapshot keeps months from going while it does', async () => {
  await panel.app.db.transaction().execute(async (tx) => {
    await holdMonths(tx);
    const taking = inTransaction(panel.owner.db, (other) =>
      sql`lock table order_events in access exclusive mode nowait`.execute(other),
    );
    await assert.rejects(taking, { code: '55P03' });
  });
});

test('the server may not touch a month by itself', async () => {
  const { name } = (
    await panel.owner.sql<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'order_events'::regclass limit 1`
  )[0] ?? { name: '' };
  const attempt = sql`select from ${sql.table(name)}`.execute(panel.app.db);
  await assert.rejects(attempt, /permission denied/);
});

test('the policy is changed by who may change settings, in whole months, and audited', async () => {
  const { app } = panel;
  const areas = new Set<StaffArea>(['orders', 'system']);
  const staffId = await addStaff(app, staff, { name: 'ann', areas: [...areas], dailyLimit: null });
  const wrong: Actor = { kind: 'staff', name: 'ann', access: { staffId, areas } };
  await assert.rejects(updatePolicy(app, wrong, { callsMonths: 2 }), { code: 'not_allowed' });
  for (const eventsMonths of [0, 1.5, 241]) {
    await assert.rejects(updatePolicy(app, staff, { eventsMonths }), { code: 'invalid_input' });
  }
  await updatePolicy(app, staff, { callsMonths: 7 });
  const { policy } = await readRetention(app.db, panel.clock.now());
  assert.equal(policy.callsMonths, 7);
  const [row] = (
    await sql<{ after: Policy }>`
      select after from audit where action = 'retention.set' order by id desc limit 1`.execute(
      app.db,
    )
  ).rows;
  assert.equal(row?.after.callsMonths, 7);
});
