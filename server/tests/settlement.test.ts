import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type Actor,
  AppError,
  type CustomerId,
  formatAmount,
  minuteMs,
  type OrderId,
  parseAmount,
  type ServiceId,
} from '../src/base/index.ts';
import { cancelParent, requestCancels } from '../src/cancels/index.ts';
import { readStatement } from '../src/ledger/index.ts';
import {
  createDueRuns,
  type OrderReport,
  readTimeline,
  settleOrder,
  settleOrders,
} from '../src/orders/index.ts';
import { addFunds } from '../src/payments/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
let service: ServiceId;
let customer: { customerId: CustomerId; key: string };
before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, { rate: '0.33', cancel: true, dripfeed: true });
});
after(() => panel.close());
beforeEach(async () => {
  customer = await makeCustomer(panel, { funds: '10' });
});

const system: Actor = { kind: 'system', name: 'poller' };
const link = 'https://example.com/settled';

async function add(fields: Record<string, string | number> = {}): Promise<OrderId> {
  const { key } = customer;
  const reply = await panel.call({ key, action: 'add', service, link, quantity: 1000, ...fields });
  return BigInt(Number(Reflect.get(Object(reply), 'order'))) as OrderId;
}

const status = (order: OrderId) =>
  panel.call({ key: customer.key, action: 'status', order: String(order) });

async function assertBalance(balance: string): Promise<void> {
  const reply = await panel.call({ key: customer.key, action: 'balance' });
  assert.deepEqual(reply, { balance, currency: 'USD' });
}

/** What a customer reads: charge, start count, status, remains. */
async function assertStatus(
  order: OrderId,
  [charge, word, remains, start]: [string, string, string, string?],
): Promise<void> {
  const shown = { charge, start_count: start ?? null, status: word, remains, currency: 'USD' };
  const reply = Object(await status(order));
  const { runs: _runs, orders: _orders, ...usual } = reply;
  assert.deepEqual(usual, shown);
}

const report = (orderId: OrderId, fields: Omit<OrderReport, 'orderId'>, actor: Actor = system) =>
  settleOrder(panel.app, actor, { orderId, ...fields });

test('the published Partial: 843 of 1000 delivered keep 0.27819 and refund 157', async () => {
  const order = await add();
  await assertBalance('9.67');
  await report(order, { status: 'In progress', startCount: 3572n });
  const outcome = await report(order, { status: 'Partial', remains: 157n });
  assert.equal(formatAmount(outcome.refund), '0.05181');
  await assertStatus(order, ['0.27819', 'Partial', '157', '3572']);
  await assertBalance('9.72181');
  const { lines } = await readStatement(panel.app.db, customer.customerId, { limit: 2 });
  assert.deepEqual(
    lines.map((line) => [line.debit, line.credit, formatAmount(line.change), line.orderId]),
    [
      ['sales', 'wallet', '0.05181', order],
      ['wallet', 'sales', '-0.33', order],
    ],
  );
  await panel.verify();
});

test('Canceled refunds everything, whatever remains are told with it', async () => {
  const order = await add();
  await report(order, { status: 'Canceled', remains: 300n });
  await assertStatus(order, ['0.00', 'Canceled', '1000']);
  await assertBalance('10.00');
  await panel.verify();
});

test('Completed keeps everything, and an over-delivery is shown as 0', async () => {
  const order = await add();
  await report(order, { status: 'In progress', remains: -25n });
  await assertStatus(order, ['0.33', 'In progress', '0']);
  await report(order, { status: 'Completed', remains: -25n });
  await assertStatus(order, ['0.33', 'Completed', '0']);
  await assertBalance('9.67');
  await panel.verify();
});

test('a Partial with an over-delivery refunds nothing', async () => {
  const order = await add();
  await report(order, { status: 'Partial', remains: -1n });
  await assertStatus(order, ['0.33', 'Partial', '0']);
  await assertBalance('9.67');
});

test('reports that can not be are ignored, told why, and change nothing', async () => {
  const order = await add();
  const bad: Omit<OrderReport, 'orderId'>[] = [
    { status: 'Partial' },
    { status: 'Partial', remains: 1001n },
    { startCount: -1n },
    { status: 'Active' },
    { status: 'Expired' },
    { status: 'Pending', remains: 1_000_000n },
  ];
  for (const fields of bad) {
    await assert.rejects(report(order, fields), (error) => error instanceof AppError);
  }
  const outcomes = await settleOrders(
    panel.app,
    system,
    bad.map((fields) => ({ orderId: order, ...fields })),
  );
  assert.deepEqual(new Set(outcomes.map((one) => one.outcome)), new Set(['ignored']));
  await assertStatus(order, ['0.33', 'Pending', '1000']);
  await assertBalance('9.67');
});

test('an end that needs no count takes no harm from a wrong one', async () => {
  const order = await add();
  await report(order, { status: 'Canceled', remains: 1_000_000n });
  await assertStatus(order, ['0.00', 'Canceled', '1000']);
});

test('of a final order the system may refund more of a Partial and nothing else', async () => {
  const order = await add();
  await report(order, { status: 'Partial', remains: 100n });
  await assertBalance('9.703');
  const regressions: Omit<OrderReport, 'orderId'>[] = [
    { status: 'In progress', remains: 100n },
    { status: 'Pending' },
    { status: 'Completed' },
    { status: 'Canceled' },
    { status: 'Partial', remains: 99n },
    { startCount: 7n },
  ];
  for (const fields of regressions) await assert.rejects(report(order, fields), /is final/);
  await assertBalance('9.703');
  await report(order, { status: 'Partial', remains: 300n });
  await assertStatus(order, ['0.231', 'Partial', '300']);
  await assertBalance('9.769');
  await panel.verify();
});

test('reports that swing to and fro before the end move no money', async () => {
  const order = await add();
  for (let round = 0; round < 10; round += 1) {
    await report(order, { status: 'Processing', remains: BigInt(900 - round) });
    await report(order, { status: 'Pending', remains: 1000n });
  }
  await assertBalance('9.67');
  await report(order, { status: 'Canceled' });
  await assertBalance('10.00');
  await panel.verify();
});

test('a report repeated any number of times changes once', async () => {
  const order = await add();
  const reports = Array.from({ length: 50 }, () => ({
    orderId: order,
    status: 'Partial' as const,
    remains: 500n,
  }));
  const outcomes = await settleOrders(panel.app, system, reports);
  assert.equal(outcomes.filter((one) => one.outcome === 'changed').length, 1);
  await assertBalance('9.835');
  assert.equal((await readTimeline(panel.app.db, { ...customer, orderId: order })).length, 1);
  await panel.verify();
});

test('staff reopen a final order, take the refund back, and settle it anew', async () => {
  const order = await add();
  await report(order, { status: 'Canceled' });
  await report(order, { status: 'In progress', note: 'was running after all' }, staff);
  await assertStatus(order, ['0.33', 'In progress', '1000']);
  await assertBalance('9.67');
  await report(order, { status: 'Partial', remains: 500n });
  await report(order, { status: 'Completed' }, staff);
  await assertStatus(order, ['0.33', 'Completed', '0']);
  await assertBalance('9.67');
  const { lines } = await readStatement(panel.app.db, customer.customerId, { limit: 10 });
  const changes = lines.map((line) => formatAmount(line.change));
  assert.deepEqual(changes, ['-0.165', '0.165', '-0.33', '0.33', '-0.33', '10.00']);
  await panel.verify();
});

test('money a customer has spent is not taken back, and the report does nothing', async () => {
  const order = await add();
  await report(order, { status: 'Canceled' });
  const rich = await makeService(panel, { rate: '10' });
  await add({ service: rich });
  await assertBalance('0.00');
  const taking = report(order, { status: 'Completed' }, staff);
  await assert.rejects(
    taking,
    (error) => Reflect.get(Object(error), 'code') === 'insufficient_funds',
  );
  await assertStatus(order, ['0.00', 'Canceled', '1000']);
  await addFunds(panel.app, staff, {
    customerId: customer.customerId,
    amount: parseAmount('0.33', 'amount'),
    reference: 'later',
  });
  await report(order, { status: 'Completed' }, staff);
  await assertBalance('0.00');
  await panel.verify();
});

test('a package is delivered whole or not at all', async () => {
  const pack = await makeService(panel, { type: 'Package', rate: '2.5', min: 1, max: 1 });
  const order = await add({ service: pack });
  await assert.rejects(report(order, { status: 'Partial', remains: 0n }), /whole or not at all/);
  await report(order, { status: 'Canceled' });
  await assertBalance('10.00');
  await panel.verify();
});

/** A drip-feed of 4 × 1000 (1.32), of which `created` runs exist. */
async function addDripFeed(created: number): Promise<{ parent: OrderId; children: OrderId[] }> {
  const parent = await add({ runs: 4, interval: 5 });
  for (let run = 0; run < created; run += 1) {
    await createDueRuns(panel.app);
    panel.clock.advance(5 * minuteMs);
  }
  const ids: unknown = Reflect.get(Object(await status(parent)), 'orders');
  assert(Array.isArray(ids) && ids.length === created);
  return { parent, children: ids.map((id) => BigInt(Number(id)) as OrderId) };
}

test('a drip-feed cancelled half way refunds the runs to come, then what is left', async () => {
  const { parent, children } = await addDripFeed(2);
  const [first, second] = children;
  assert(first !== undefined && second !== undefined);
  await assertBalance('8.68');
  await report(first, { status: 'Completed' });
  await assertStatus(parent, ['1.32', 'Active', '3000']);
  const actor = { kind: 'customer', customerId: customer.customerId, keyId: null } as const;
  assert.deepEqual(await requestCancels(panel.app, actor, [parent]), ['requested']);
  await assertStatus(parent, ['0.66', 'Active', '3000']);
  await assertBalance('9.34');
  assert.equal(await createDueRuns(panel.app), 0);
  await report(second, { status: 'Partial', remains: 250n });
  await assertStatus(parent, ['0.5775', 'Partial', '2250']);
  await assertStatus(second, ['0.2475', 'Partial', '250']);
  await assertBalance('9.4225');
  await panel.verify();
});

test('a drip-feed of which nothing was run is Canceled and refunded whole', async () => {
  const { parent } = await addDripFeed(0);
  await cancelParent(panel.app, staff, parent);
  await assertStatus(parent, ['0.00', 'Canceled', '4000']);
  await assertBalance('10.00');
  await cancelParent(panel.app, staff, parent);
  await assertBalance('10.00');
  await panel.verify();
});

test('a finished drip-feed follows what staff and the system still find of its runs', async () => {
  const { parent, children } = await addDripFeed(4);
  for (const child of children) await report(child, { status: 'Completed' });
  await assertStatus(parent, ['1.32', 'Completed', '0']);
  const [first] = children;
  assert(first !== undefined);
  await report(first, { status: 'Partial', remains: 100n }, staff);
  await assertStatus(parent, ['1.287', 'Partial', '100']);
  await report(first, { status: 'Partial', remains: 200n });
  await assertStatus(parent, ['1.254', 'Partial', '200']);
  await assertBalance('8.746');
  await panel.verify();
});

test('a run that staff reopen reopens its finished drip-feed until it ends again', async () => {
  const { parent, children } = await addDripFeed(4);
  for (const child of children) await report(child, { status: 'Completed' });
  const [first, second] = children;
  assert(first !== undefined && second !== undefined);
  await report(first, { status: 'In progress', remains: 0n }, staff);
  await assertStatus(parent, ['1.32', 'Active', '0']);
  await panel.verify();
  await report(second, { status: 'Canceled' }, staff);
  await assertStatus(parent, ['0.99', 'Active', '1000']);
  await panel.verify();
  await report(first, { status: 'Completed' });
  await assertStatus(parent, ['0.99', 'Partial', '1000']);
  await assertBalance('9.01');
  await panel.verify();
});

test('a parent itself is not settled by reports', async () => {
  const { parent } = await addDripFeed(1);
  await assert.rejects(report(parent, { status: 'Canceled' }, staff), /settled by its runs/);
  await assertBalance('8.68');
});

test('a customer can not settle', async () => {
  const order = await add();
  const actor: Actor = { kind: 'customer', customerId: customer.customerId, keyId: null };
  await assert.rejects(report(order, { status: 'Canceled' }, actor), /only staff/);
  await assert.rejects(
    settleOrders(panel.app, actor, [{ orderId: order, status: 'Canceled' }]),
    /only staff/,
  );
  await assertBalance('9.67');
});

test('every event names who did it, and continues where the one before ended', async () => {
  const order = await add();
  await report(order, { status: 'In progress', startCount: 5n, remains: 900n });
  await report(order, { status: 'Partial', remains: 400n });
  await settleOrders(panel.app, system, [{ orderId: order, status: 'Completed' }]);
  await report(order, { status: 'Completed', note: 'complaint withdrawn' }, staff);
  const events = await readTimeline(panel.app.db, { ...customer, orderId: order });
  assert.deepEqual(
    events.map((event) => [event.kind, event.actor, formatAmount(event.refund)]),
    [
      ['settled', 'system:poller', '0.00'],
      ['settled', 'system:poller', '0.132'],
      ['ignored', 'system:poller', '0.00'],
      ['settled', 'staff:test', '-0.132'],
    ],
  );
  let state: unknown = { status: 'Pending', start_count: null, remains: '1000', refunded: '0.00' };
  for (const event of events) {
    assert.deepEqual(event.before, state);
    if (event.kind === 'ignored') assert.deepEqual(event.after, state);
    state = event.after;
  }
  assert.deepEqual(state, {
    status: 'Completed',
    start_count: '5',
    remains: '0',
    refunded: '0.00',
  });
});

test('pages of the statement neither repeat nor miss a transfer as others arrive', async () => {
  for (let index = 0; index < 23; index += 1) await add({ quantity: 50 });
  const { customerId } = customer;
  const read: bigint[] = [];
  let before: bigint | undefined;
  do {
    const page = await readStatement(panel.app.db, customerId, {
      limit: 4,
      ...(before === undefined ? {} : { before }),
    });
    read.push(...page.lines.map((line) => line.number));
    before = page.next ?? undefined;
    await add({ quantity: 50 });
  } while (before !== undefined);
  assert.deepEqual(
    read,
    Array.from({ length: 24 }, (_, index) => BigInt(24 - index)),
  );
  const all = await readStatement(panel.app.db, customerId, { limit: 10_000 });
  let balance = 0n;
  for (const line of all.lines.reverse()) {
    balance += line.change;
    assert.equal(line.balanceAfter, balance);
  }
  const [newest] = await panel.app.db
    .selectFrom('wallets')
    .select('balance')
    .where('customer_id', '=', customerId)
    .execute();
  assert.equal(newest?.balance, balance);
});
