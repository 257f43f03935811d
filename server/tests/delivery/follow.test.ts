import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { hourMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import { listWaiting } from '../../src/fulfilment/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import type { Fault, Plan, ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let service: ServiceId;
let key: string;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  service = await upstream.sell({ rate: '1.23457' });
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

/** An order that is followed. */
type Followed = { orderId: OrderId; external: number; quantity: number };

/** Orders of these quantities, half done upstream and known to be. */
async function runningOrders(quantities: readonly number[]): Promise<Followed[]> {
  const made: Followed[] = [];
  for (const quantity of quantities) {
    links += 1;
    const link = `https://example.com/fo/${links}`;
    upstream.sandbox.plan({ link }, { end: 'In progress' });
    const orderId = await place(panel, { key, service, link, quantity });
    await upstream.forward();
    const external = Number((await deliveryOf(panel, orderId)).external_id);
    made.push({ orderId, external, quantity });
  }
  await look();
  return made;
}

/** A poll at a time when every order is due, however long nothing was new of it. */
async function look(): Promise<void> {
  panel.clock.advance(2 * hourMs);
  await upstream.poll();
}

async function balance(): Promise<unknown> {
  return Object(await panel.call({ key, action: 'balance' })).balance;
}

async function statuses(made: readonly Followed[]): Promise<unknown[]> {
  return Promise.all(made.map(async (one) => (await statusOf(panel, key, one.orderId)).status));
}

async function reasons(made: readonly Followed[]): Promise<(string | undefined)[]> {
  const waiting = await listWaiting(panel.app.db, 100);
  return made.map((one) => waiting.find((row) => row.orderId === one.orderId)?.reason);
}

const ends: readonly Plan[] = [
  { end: 'Completed' },
  { end: 'Partial', remains: 30 },
  { end: 'Canceled' },
];

/** Ends three orders in three ways, and fails unless their money is right to the last digit. */
async function endRightly(made: readonly Followed[]): Promise<void> {
  made.forEach((one, at) => {
    upstream.sandbox.plan({ order: one.external }, ends[at] ?? {});
  });
  await look();
  assert.deepEqual(await statuses(made), ['Completed', 'Partial', 'Canceled']);
  // 100 pieces, 170 of 200 pieces, none: at 1.23457 per 1000.
  const charges = made.map(async (one) => (await statusOf(panel, key, one.orderId)).charge);
  assert.deepEqual(await Promise.all(charges), ['0.123457', '0.2098769', '0.00']);
  assert.deepEqual(await reasons(made), [undefined, undefined, undefined]);
  await panel.verify();
}

type RowCase = {
  fault: (made: readonly Followed[]) => Fault;
  /** What the second order is then shown as; what stands in the queue of staff about it. */
  status?: string;
  reason?: RegExp;
};

const fields = (values: Record<string, unknown>) => (made: readonly Followed[]) => ({
  kind: 'rows_fields' as const,
  fields: values,
  orders: made.map((one) => one.external),
});
const rowCases: Readonly<Record<string, RowCase>> = {
  'rows that are missing': { fault: () => ({ kind: 'rows_missing' }) },
  'rows of orders nobody asked for': {
    fault: ([first]) => ({ kind: 'rows_foreign', orders: [first?.external ?? 0, 1, 987_654] }),
  },
  'rows in a list with ids': { fault: () => ({ kind: 'rows_list', idField: 'order' }) },
  'rows in a list without ids': { fault: () => ({ kind: 'rows_list' }) },
  'rows that are a refusal': {
    fault: () => ({ kind: 'rows_bare' }),
    reason: /refuses to tell: Incorrect order ID/,
  },
  'rows that are a status word': {
    fault: () => ({ kind: 'rows_bare', text: 'Canceled' }),
    reason: /refuses to tell: Canceled/,
  },
  'rows that are empty text': { fault: () => ({ kind: 'rows_bare', text: '' }) },
  'keys of the language': { fault: () => ({ kind: 'rows_proto' }) },
  'a regression': { fault: () => ({ kind: 'rows_regress' }), status: 'Pending' },
  'remains below zero': { fault: fields({ remains: '-5' }) },
  'remains over the quantity': {
    fault: fields({ remains: '999999' }),
    reason: /remains 999999 of 200/,
  },
  'remains that are no number': { fault: fields({ remains: 'Unknown' }) },
  'remains that are a fraction': { fault: fields({ remains: '12.5' }) },
  'remains beyond any number': { fault: fields({ remains: '9'.repeat(40) }) },
  'remains that are an object': { fault: fields({ remains: { toString: 1 } }) },
  'an unknown word': { fault: fields({ status: 'Exploded' }), reason: /unknown status "Exploded"/ },
  'a word of another kind of order': {
    fault: fields({ status: 'Active' }),
    reason: /Active is no/,
  },
  'a failure that says nothing of money': {
    fault: fields({ status: 'Fail' }),
    reason: /Failed: whether anything was delivered/,
  },
  'Partial without remains': {
    fault: fields({ status: 'Partial', remains: null }),
    reason: /Partial with remains unknown/,
  },
  'Partial with too much remaining': {
    // The third order has more than that.
    fault: (made) => fields({ status: 'Partial', remains: '201' })(made.slice(0, 2)),
    reason: /Partial with remains 201 of 200/,
  },
  'Canceled that was paid for in part': {
    fault: fields({ status: 'Canceled', remains: '70', charge: '0.1' }),
    reason: /Canceled or Partial/,
  },
  'no status at all': { fault: fields({ status: null }) },
  'a status that is a list': { fault: fields({ status: ['Canceled'] }) },
  'a start count below zero': { fault: fields({ start_count: '-7' }) },
};

for (const [what, { fault, status = 'In progress', reason }] of Object.entries(rowCases)) {
  test(`${what}: no money moves, and the true end is applied exactly`, async () => {
    const made = await runningOrders([100, 200, 300]);
    const before = await balance();
    upstream.sandbox.script({ ...fault(made), on: { action: 'status' } } as ScriptedFault);
    await look();
    assert.equal(await balance(), before);
    assert.equal((await statuses(made))[1], status);
    const [, about] = await reasons(made);
    if (reason === undefined) assert.equal(about, undefined);
    else assert.match(about ?? '', reason);
    await endRightly(made);
  });
}

test('rows that were swapped are noticed where they cannot be, and refund nothing', async () => {
  const made = await runningOrders([100, 5_000]);
  const before = await balance();
  upstream.sandbox.script({ kind: 'rows_swapped', on: { action: 'status' } });
  await look();
  assert.match((await reasons(made))[0] ?? '', /remains 2500 of 100/);
  assert.deepEqual(
    [await balance(), await statuses(made)],
    [before, ['In progress', 'In progress']],
  );
});

const replies: readonly Fault[] = [
  { kind: 'error_500' },
  { kind: 'html' },
  { kind: 'reset' },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_empty' },
  { kind: 'accept_then_redirect' },
  { kind: 'answer', body: '[]' },
  { kind: 'answer', body: 'null' },
  { kind: 'answer', body: '{"error":"Something"}' },
  { kind: 'gzip_bomb' },
  { kind: 'oversize', bytes: 40_000_000 },
];
for (const fault of replies) {
  test(`a poll answered by ${JSON.stringify(fault)} changes nothing till the next`, async () => {
    const made = await runningOrders([100, 200, 300]);
    const before = [await balance(), await statuses(made)];
    upstream.sandbox.script({ ...fault, on: { action: 'status' } } as ScriptedFault);
    await look();
    assert.deepEqual([await balance(), await statuses(made)], before);
    await endRightly(made);
  });
}

test('orders of which nothing is new are not written', async () => {
  const made = await runningOrders([100, 200, 300]);
  const ids = made.map((one) => one.orderId);
  const versions = () =>
    panel.app.db
      .selectFrom('orders')
      .select(['id', sql<string>`xmin::text`.as('version')])
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
  const before = await versions();
  for (let round = 0; round < 5; round += 1) await look();
  assert.deepEqual(await versions(), before);
  const events = await panel.app.db
    .selectFrom('order_events')
    .select('id')
    .where('order_id', 'in', ids)
    .execute();
  assert.equal(events.length, 3, 'each went to In progress, once');
});

test('an order whose report stays unreadable is flagged once', async () => {
  const [order] = await runningOrders([100]);
  assert(order);
  const on = { action: 'status', order: order.external };
  upstream.sandbox.script({ ...fields({ status: 'Odd' })([order]), on, times: 0 });
  for (let round = 0; round < 5; round += 1) await look();
  const events = await panel.owner.sql`
    select count(*)::int as count from delivery_events
    where order_id = ${order.orderId} and kind = 'flagged'`;
  assert.equal(events[0]?.count, 1);
  upstream.sandbox.clearFaults();
});

type StateCase = { how: string; sends: boolean; asks: boolean; enter: () => Promise<unknown> };

const setState = (state: 'on' | 'draining' | 'paused') =>
  setProviderState(panel.app, staff, { providerId: upstream.providerId, state });
const pausedBy = (by: string) => panel.owner.sql`
  update providers set state = 'paused', paused_by = ${by} where id = ${upstream.providerId}`;
const stateCases: readonly StateCase[] = [
  { how: 'paused by staff', sends: false, asks: false, enter: () => setState('paused') },
  { how: 'draining', sends: false, asks: true, enter: () => setState('draining') },
  { how: 'paused for want of funds', sends: false, asks: true, enter: () => pausedBy('funds') },
  { how: 'paused for its key', sends: false, asks: false, enter: () => pausedBy('key') },
  { how: 'on', sends: true, asks: true, enter: () => setState('on') },
];
for (const { how, sends, asks, enter } of stateCases) {
  const does = `${sends ? 'sent' : 'not sent'} orders, ${asks ? 'asked' : 'not asked'}`;
  test(`a provider that is ${how} is ${does}; what waits goes on after it`, async () => {
    const [order] = await runningOrders([100]);
    assert(order);
    await enter();
    links += 1;
    const link = `https://example.com/fo/${links}`;
    const waiting = await place(panel, { key, service, link, quantity: 100 });
    upstream.sandbox.plan({ order: order.external }, { end: 'Canceled' });
    const calls = upstream.sandbox.calls().length;
    await upstream.forward();
    await look();
    await upstream.reconcile();
    assert.equal(addsIn(upstream, link), sends ? 1 : 0);
    assert.deepEqual(await statuses([order]), [asks ? 'Canceled' : 'In progress']);
    if (!sends && !asks) assert.equal(upstream.sandbox.calls().length, calls);
    await setState('on');
    await upstream.forward();
    await look();
    assert.equal(addsIn(upstream, link), 1);
    assert.equal((await deliveryOf(panel, waiting)).state, 'done');
    assert.deepEqual(await statuses([order]), ['Canceled']);
  });
}

test('a refused key stops a provider at the first poll; its orders stay as they are', async () => {
  const made = await runningOrders([100, 200]);
  const error = 'Invalid API key';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'status' } });
  await look();
  const { state, pausedBy: by } = await upstream.provider();
  assert.deepEqual([state, by], ['paused', 'key']);
  assert.deepEqual(await statuses(made), ['In progress', 'In progress']);
  assert.deepEqual(await reasons(made), [undefined, undefined]);
  await setState('on');
});
