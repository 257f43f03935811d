import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  amount,
  type CustomerId,
  minuteMs,
  type OrderId,
  type StaffArea,
  type StaffId,
  secondMs,
} from '../src/base/index.ts';
import { liftMoneyStop, readMoneyStop } from '../src/customers/index.ts';
import { inTransaction, partStatement, planForParts } from '../src/db/index.ts';
import { judgeDispatch, readDispatchState } from '../src/fulfilment/index.ts';
import { settleOrder, settleOrders } from '../src/orders/index.ts';
import { addFunds, adjustBalance } from '../src/payments/index.ts';
import { customerChecks, verifyChanges, verifyUntilCurrent } from '../src/system/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
let service: number;
let other: { customerId: CustomerId; key: string };

before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, { rate: '1', dripfeed: true });
  other = await makeCustomer(panel);
});
after(() => panel.close());

const suspended = { error: 'Your account has been suspended.' };
let links = 0;

/** Staff who may do this much only. */
function staffWith(area: StaffArea): Actor {
  const access = { staffId: 1 as StaffId, areas: new Set([area]) };
  return { kind: 'staff', name: area, access };
}

async function add(key: string, fields: Record<string, string | number> = {}): Promise<unknown> {
  links += 1;
  const link = `https://example.com/changed-${links}`;
  return panel.call({ key, action: 'add', service, link, quantity: 100, ...fields });
}

async function addOrder(key: string): Promise<OrderId> {
  const reply = await add(key);
  return BigInt(String(Reflect.get(Object(reply), 'order'))) as OrderId;
}

/** A run a minute later, which nothing else holds up. */
async function run() {
  panel.clock.advance(minuteMs);
  const ran = await verifyChanges(panel.app);
  assert(ran !== undefined, 'nobody else is at it');
  return ran;
}

/** What the database's owner does by hand, past the rights of the server and its constraints. */
async function plant(...statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(panel.owner.db);
}

async function refusedWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AppError && error.code === code);
}

function fund(customerId: CustomerId) {
  links += 1;
  return addFunds(panel.app, staff, { customerId, amount: amount(100n), reference: `r${links}` });
}

async function redChecks(): Promise<string[]> {
  const now = panel.clock.now();
  const checks = judgeDispatch(await readDispatchState(panel.app.db, now), now);
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

/** How many pairs of rows the joins of a plan, as JSON, looked at that don't belong together. */
function removedByJoins(plan: unknown): number {
  if (Array.isArray(plan)) return plan.reduce((sum, one) => sum + removedByJoins(one), 0);
  if (typeof plan !== 'object' || plan === null) return 0;
  const own = Number(Reflect.get(plan, 'Rows Removed by Join Filter') ?? 0);
  const loops = Number(Reflect.get(plan, 'Actual Loops') ?? 1);
  return own * loops + removedByJoins(Object.values(plan));
}

type Planted = {
  what: string;
  check: string;
  plant: (id: CustomerId, order: OrderId) => string[];
  /** Where every transfer of later would carry the damage on. */
  mend?: (id: CustomerId) => string;
};

const damages: readonly Planted[] = [
  {
    what: 'a balance that is too high',
    check: 'cached_balance_equals_transfers',
    plant: (id) => [`update wallets set balance = balance + 5 where customer_id = ${id}`],
    mend: (id) => `update wallets set balance = balance - 5 where customer_id = ${id}`,
  },
  {
    what: 'a gap in the transfers',
    check: 'balance_after_chains',
    plant: (id) => [`delete from transfers where customer_id = ${id} and number = 2`],
  },
  {
    what: 'an order that is refunded twice',
    check: 'refund_equals_transfers',
    plant: (id, order) => [
      `with w as (update wallets set balance = balance + 10000000,
          transfer_count = transfer_count + 1 where customer_id = ${id}
          returning balance, transfer_count)
        insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
          order_id, created_at)
        select ${id}, transfer_count, 'sales', 'wallet', 10000000, balance, 'again', ${order},
          '2026-03-01' from w`,
    ],
  },
];

for (const { what, check, plant: damage, mend } of damages) {
  test(`${what} stops that customer's money, and no other's, until staff lift it`, async () => {
    const { customerId, key } = await makeCustomer(panel);
    const order = await addOrder(key);
    const running = await addOrder(key);
    await addOrder(key);
    await settleOrder(panel.app, staff, { orderId: order, status: 'Canceled' });
    assert.deepEqual((await run()).stopped, []);

    await plant(...damage(customerId, order));
    const ran = await run();
    assert.deepEqual(ran.stopped, [customerId]);
    assert(ran.findings.some((finding) => finding.check === check));
    const stop = await readMoneyStop(panel.app.db, customerId);
    assert.deepEqual(stop?.stoppedAt, panel.clock.now());
    assert(stop.findings.some((finding) => finding.check === check));
    assert.deepEqual(await redChecks(), ['books']);

    assert.deepEqual(await add(key), suspended);
    await refusedWith('money_stopped', fund(customerId));
    const change = { customerId, amount: amount(-1n), reason: 'r' };
    await refusedWith('money_stopped', adjustBalance(panel.app, staff, change));
    const refund = { orderId: running, status: 'Canceled' as const };
    await refusedWith('money_stopped', settleOrder(panel.app, staff, refund));
    const otherOrder = await addOrder(other.key);
    const outcomes = await settleOrders(panel.app, staff, [
      refund,
      { orderId: otherOrder, status: 'Canceled' },
    ]);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['held', 'changed'],
    );
    assert.equal(await fund(other.customerId), true);

    if (mend !== undefined) await plant(mend(customerId));
    await liftMoneyStop(panel.app, staff, { customerId, reason: 'looked into' });
    assert.equal(await readMoneyStop(panel.app.db, customerId), null);
    assert.deepEqual(await redChecks(), []);
    assert.equal((await settleOrder(panel.app, staff, refund)).outcome, 'changed');
    assert.equal(await fund(customerId), true);
    assert.deepEqual((await run()).stopped, []);
  });
}

test('what staff let pass as it was stops nobody again, anything new does', async () => {
  const { customerId, key } = await makeCustomer(panel);
  await addOrder(key);
  await plant(`update wallets set balance = balance + 7 where customer_id = ${customerId}`);
  assert((await run()).stopped.includes(customerId));
  await liftMoneyStop(panel.app, staff, { customerId, reason: 'known' });
  const again = await run();
  assert(again.findings.some((finding) => finding.customerId === customerId));
  assert(!again.stopped.includes(customerId));
  await plant(`update wallets set balance = balance + 7 where customer_id = ${customerId}`);
  assert((await run()).stopped.includes(customerId));
  await liftMoneyStop(panel.app, staff, { customerId, reason: 'known, too' });
});

test('a run that finds nothing changes nothing but how far it came', async () => {
  const fresh = await openTestPanel();
  try {
    const { key } = await makeCustomer(fresh);
    const id = await makeService(fresh, { rate: '1' });
    const link = 'https://example.com/calm';
    await fresh.call({ key, action: 'add', service: id, link, quantity: 100 });
    // A row that is written anew, also as it was, is another version of it.
    const versions = () => fresh.owner.sql`
      select xmin::text, ctid::text, 'wallets' as of from wallets
      union all select xmin::text, ctid::text, 'orders' from orders
      union all select xmin::text, ctid::text, 'stops' from money_stops
      union all select xmin::text, ctid::text, 'audit' from audit order by 3, 2`;
    const rows = await versions();
    const ran = await verifyChanges(fresh.app);
    assert(ran !== undefined && ran.rows > 0);
    assert.deepEqual([ran.findings, ran.stopped], [[], []]);
    assert.deepEqual(await versions(), rows);
  } finally {
    await fresh.close();
  }
});

test('the round goes on where it stopped, and finds what did not change', async () => {
  const fresh = await openTestPanel();
  try {
    const id = await makeService(fresh, { rate: '1' });
    const customers = [];
    for (let index = 0; index < 4; index += 1) {
      const customer = await makeCustomer(fresh);
      const link = `https://example.com/round-${index}`;
      await fresh.call({ key: customer.key, action: 'add', service: id, link, quantity: 100 });
      customers.push(customer.customerId);
    }
    fresh.clock.advance(60 * minuteMs);
    const last = customers[3];
    await fresh.owner
      .sql`update wallets set balance = balance + 1 where customer_id = ${last ?? 0}`;
    const stopped: CustomerId[][] = [];
    for (const roundRowsMax of [1, 1, 0, 1, 1]) {
      fresh.clock.advance(minuteMs);
      const ran = await verifyChanges(fresh.app, { changedRowsMax: 100, roundRowsMax });
      assert(ran !== undefined && ran.rows <= 4);
      stopped.push(ran.stopped);
    }
    assert.deepEqual(stopped, [[], [], [], [], [last]]);
  } finally {
    await fresh.close();
  }
});

test('more changes than a run may look at are looked at in several, none is left out', async () => {
  const { customerId, key } = await makeCustomer(panel);
  while ((await run()).isCurrent === false);
  const orders: OrderId[] = [];
  for (let index = 0; index < 6; index += 1) {
    panel.clock.advance(20 * secondMs);
    orders.push(await addOrder(key));
  }
  const limits = { changedRowsMax: 2, roundRowsMax: 0 };
  await plant(`update orders set charge = charge + 100 where id = ${orders[5]}`);
  const runs = [];
  for (let index = 0; index < 20; index += 1) {
    const ran = await verifyChanges(panel.app, limits);
    if (ran === undefined) break;
    runs.push(ran);
  }
  assert(runs.length > 2, 'the changes took more than one run');
  assert.deepEqual(
    runs.flatMap((ran) => ran.stopped),
    [customerId],
  );
  assert.equal(runs.at(-1)?.isCurrent, true);
  await plant(`update orders set charge = charge - 100 where id = ${orders[5]}`);
  await liftMoneyStop(panel.app, staff, { customerId, reason: 'mended' });
});

test('who is behind comes up in small runs before the round, from afar in large', async () => {
  const fresh = await openTestPanel();
  try {
    const id = await makeService(fresh, { rate: '1' });
    const { key } = await makeCustomer(fresh);
    assert((await verifyChanges(fresh.app))?.isCurrent);
    const limits = { changedRowsMax: 5, roundRowsMax: 1 };
    const orderAndWait = async (name: string, waitMs: number) => {
      for (let second = 0; second < 20; second += 1) {
        const link = `https://example.com/${name}-${second}`;
        await fresh.call({ key, action: 'add', service: id, link, quantity: 100 });
        fresh.clock.advance(secondMs);
      }
      fresh.clock.advance(waitMs);
    };
    const placeOfRound = () => fresh.owner.sql`select after_order from verify_marks`;
    await orderAndWait('near', minuteMs);
    const place = await placeOfRound();
    let runs = 0;
    for (let ran = await verifyChanges(fresh.app, limits); ran?.isCurrent === false; runs += 1) {
      assert.deepEqual(await placeOfRound(), place);
      ran = await verifyChanges(fresh.app, limits);
    }
    assert(runs >= 2, `${runs} runs were behind`);
    const next = await placeOfRound();
    assert.notDeepEqual(next, place);
    await orderAndWait('far', 5 * minuteMs);
    const few = { changedRowsMax: 1, roundRowsMax: 1 };
    assert.equal((await verifyChanges(fresh.app, few))?.isCurrent, false);
    assert.notDeepEqual(await placeOfRound(), next);
    assert.equal((await verifyChanges(fresh.app, limits))?.isCurrent, true);
  } finally {
    await fresh.close();
  }
});

test('what comes faster than a run may look at is looked at once, in turn with rests', async () => {
  const fresh = await openTestPanel();
  try {
    const id = await makeService(fresh, { rate: '1' });
    const { customerId, key } = await makeCustomer(fresh);
    assert((await verifyChanges(fresh.app))?.isCurrent);
    const seconds = 60;
    for (let second = 0; second < seconds; second += 1) {
      const link = `https://example.com/fast-${second}`;
      await fresh.call({ key, action: 'add', service: id, link, quantity: 100 });
      fresh.clock.advance(secondMs);
    }
    fresh.clock.advance(minuteMs);
    await fresh.owner.sql`
      update orders set charge = charge + 100 where id = (select max(id) from orders)`;
    // Fewer than may be on their way at a time: those of half a minute.
    const limits = { changedRowsMax: 10, roundRowsMax: 0 };
    const first = await verifyChanges(fresh.app, limits);
    assert(first !== undefined && !first.isCurrent);
    let rows = first.rows;
    const rests: number[] = [];
    const pass = async (ms: number) => {
      rests.push(ms);
      const ran = await verifyChanges(fresh.app, limits);
      rows += ran?.rows ?? 0;
    };
    const clock = { now: fresh.clock.now, pass };
    await verifyUntilCurrent({ ...fresh.app, clock }, new AbortController().signal, limits);
    assert(rests.length > 1 && rests.every((ms) => ms > 0));
    // An order, its transfer, and the customer of each run; where a run ends the next one begins.
    assert(rows <= 2 * seconds + 3 * (2 * rests.length + 2), `${rows} rows`);
    assert.notEqual(await readMoneyStop(fresh.app.db, customerId), null);
  } finally {
    await fresh.close();
  }
});

test('the rows of a part are not compared with each other one by one', async () => {
  const { customerId, key } = await makeCustomer(panel);
  const count = 300;
  for (let index = 0; index < count; index += 1) await addOrder(key);
  const found = await panel.owner.sql<{ id: bigint }[]>`
    select id from orders where customer_id = ${customerId}`;
  const part = {
    customers: [customerId],
    transfers: found.map((_, index) => ({ customerId, number: BigInt(index + 2) })),
    orders: found.map(({ id }) => ({ customerId, id: BigInt(id) as OrderId })),
    payments: [],
  };
  // What the planner knows of a working panel.
  await panel.owner.sql`analyze`;
  const plan = await inTransaction(panel.app.db, async (tx) => {
    await planForParts(tx);
    const statement = partStatement(tx, customerChecks, part);
    const explained = await sql<{ 'QUERY PLAN': unknown }>`
      explain (analyze, timing off, format json) ${statement}`.execute(tx);
    return explained.rows;
  });
  const left = removedByJoins(plan);
  assert(left < 10 * count, `${left} pairs were looked at in vain`);
});

test('one process at a time checks, and once a minute is enough', async () => {
  panel.clock.advance(minuteMs);
  const runs = await Promise.all([1, 2, 3, 4].map(() => verifyChanges(panel.app)));
  assert(runs.filter((ran) => ran !== undefined).length >= 1);
  assert.equal(await verifyChanges(panel.app), undefined);
});

test('only staff of payments lift a stop, with a reason, and one that is there', async () => {
  const { customerId } = await makeCustomer(panel);
  await plant(`update wallets set balance = balance + 3 where customer_id = ${customerId}`);
  assert((await run()).stopped.includes(customerId));
  const input = { customerId, reason: 'because' };
  await refusedWith('not_allowed', liftMoneyStop(panel.app, staffWith('customers'), input));
  const customer = { kind: 'customer' as const, customerId, keyId: null };
  await refusedWith('not_allowed', liftMoneyStop(panel.app, customer, input));
  await refusedWith('invalid_input', liftMoneyStop(panel.app, staff, { customerId, reason: ' ' }));
  await liftMoneyStop(panel.app, staffWith('payments'), input);
  await refusedWith('conflict', liftMoneyStop(panel.app, staff, input));
  const audit = await panel.owner.sql`
    select action, after from audit where customer_id = ${customerId}
      and action like 'money.%' order by id`;
  assert.deepEqual(
    audit.map(({ action }) => action),
    ['money.stop', 'money.lift'],
  );
  assert.deepEqual(audit[1]?.after, { reason: 'because' });
});

test('drip-feeds, partial orders and payments as they should be are not stopped', async () => {
  const { key } = await makeCustomer(panel);
  await add(key, { runs: 3, interval: 5 });
  const order = await addOrder(key);
  await settleOrder(panel.app, staff, { orderId: order, status: 'Partial', remains: 40n });
  await settleOrder(panel.app, staff, { orderId: order, status: 'Completed' });
  const ran = await run();
  assert.deepEqual(ran.stopped, []);
  assert(ran.rows > 0);
});
