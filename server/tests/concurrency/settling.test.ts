import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Actor,
  AppError,
  type CustomerId,
  hourMs,
  minuteMs,
  type OrderId,
  parseAmount,
  type ServiceId,
} from '../../src/base/index.ts';
import { cancelParent, decideCancel, requestCancels } from '../../src/cancels/index.ts';
import { readBalances } from '../../src/ledger/index.ts';
import {
  createDueRuns,
  type OrderReport,
  settleOrder,
  settleOrders,
} from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { decideRefill, requestRefills } from '../../src/refills/index.ts';
import type { App, Runtime } from '../../src/runtime/index.ts';
import { pauseAt } from '../delivery/workers.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openPeer, place, tally, times } from './peers.ts';

let panel: TestPanel;
let peer: Runtime;
let service: ServiceId;
before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, {
    rate: '1',
    refill: true,
    cancel: true,
    dripfeed: true,
    max: 100_000,
  });
  peer = await openPeer(panel);
});
after(async () => {
  await peer.close();
  await panel.close();
});

const system: Actor = { kind: 'system', name: 'poller' };
const link = 'https://example.com/one';
const either = (index: number): App => (index % 2 === 0 ? panel.app : peer.app);
const asCustomer = (customerId: CustomerId) =>
  ({ kind: 'customer', customerId, keyId: null }) as const;

async function makeOrder(funds = '100'): Promise<{ customerId: CustomerId; orderId: OrderId }> {
  const { customerId } = await makeCustomer(panel, { funds });
  return {
    customerId,
    orderId: await place(panel.app, customerId, { service, link, quantity: 1000 }),
  };
}

async function readOrder(orderId: OrderId) {
  const rows = await panel.app.db
    .selectFrom('orders')
    .selectAll()
    .where('id', '=', orderId)
    .execute();
  const [order] = rows;
  assert(order !== undefined);
  return order;
}

test('50 refills asked at once open one', async () => {
  const { customerId, orderId } = await makeOrder();
  await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  panel.clock.advance(25 * hourMs);
  const outcomes = (
    await Promise.all(
      times(50, (index) => requestRefills(either(index), asCustomer(customerId), [orderId])),
    )
  ).flat();
  const opened = outcomes.flatMap((one) => (one instanceof AppError ? [] : [one.refillId]));
  const codes = new Set(outcomes.flatMap((one) => (one instanceof AppError ? [one.code] : [])));
  assert.equal(opened.length, 1);
  assert.deepEqual(codes, new Set(['refill_too_early']));
  const [refillId] = opened;
  assert(refillId !== undefined);
  const decisions = times(50, (index) =>
    decideRefill(either(index), staff, {
      refillId,
      status: index % 2 === 0 ? 'Completed' : 'Rejected',
    }),
  );
  assert.deepEqual(await tally(decisions), { ok: 25, conflict: 25 });
  await panel.verify();
});

test('50 cancels asked at once are one request, and 50 decisions refund it once', async () => {
  const { customerId, orderId } = await makeOrder('1');
  const outcomes = (
    await Promise.all(
      times(50, (index) => requestCancels(either(index), asCustomer(customerId), [orderId])),
    )
  ).flat();
  assert.equal(outcomes.filter((one) => one === 'requested').length, 1);
  const decisions = times(50, (index) =>
    decideCancel(either(index), staff, { orderId, decision: { kind: 'accept' } }),
  );
  assert.deepEqual(await tally(decisions), { ok: 1, not_found: 49 });
  const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
  assert.equal(balance, parseAmount('1', 'balance'));
  await panel.verify();
});

test('50 copies of one report at once refund once', async () => {
  const { customerId, orderId } = await makeOrder('1');
  const report: OrderReport = { orderId, status: 'Partial', remains: 400n };
  const outcomes = await Promise.all(
    times(50, (index) => settleOrder(either(index), index % 3 === 0 ? staff : system, report)),
  );
  assert.equal(outcomes.filter((one) => one.outcome === 'changed').length, 1);
  assert.equal(outcomes.filter((one) => one.outcome === 'same').length, 49);
  const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
  assert.equal(balance, parseAmount('0.4', 'balance'));
  await panel.verify();
});

test('staff and the system settling against each other never refund too much', async () => {
  const { customerId, orderId } = await makeOrder('2');
  const reports: Omit<OrderReport, 'orderId'>[] = [
    { status: 'Partial', remains: 100n },
    { status: 'Completed' },
    { status: 'Canceled' },
    { status: 'Partial', remains: 900n },
    { status: 'In progress', remains: 500n },
    { remains: 300n },
  ];
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(
      times(50, (index) =>
        settleOrders(either(index), index % 2 === 0 ? staff : system, [
          { orderId, ...reports[(index + round) % reports.length] },
        ]),
      ),
    );
    const order = await readOrder(orderId);
    assert(order.refunded >= 0n && order.refunded <= order.charge);
    const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
    assert.equal(balance, parseAmount('1', 'balance') + order.refunded);
    await panel.verify();
  }
});

test('settlements, adds and deposits at once never lock in a circle', async () => {
  const customers = await Promise.all(times(4, () => makeOrder('50')));
  const attempts = times(120, async (index): Promise<unknown> => {
    const app = either(index);
    const { customerId, orderId } = customers[index % customers.length] ?? customers[0] ?? never();
    const all = customers.map((one) => ({ orderId: one.orderId, remains: BigInt(index) }));
    if (index % 4 === 0) return settleOrders(app, system, all);
    if (index % 4 === 1) return settleOrders(app, system, all.reverse());
    if (index % 4 === 2)
      return settleOrder(app, staff, { orderId, status: 'Partial', remains: 7n });
    await addFunds(app, staff, {
      customerId,
      amount: parseAmount('0.1', 'amount'),
      reference: `mix-${index}`,
    });
    return place(app, customerId, { service, link, quantity: 100 });
  });
  assert.deepEqual(await tally(attempts), { ok: 120 });
  await panel.verify();
});

test('workers at once create each drip-feed run once', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '100' });
  const parents = await Promise.all(
    times(6, () =>
      place(panel.app, customerId, { service, link, quantity: 100, runs: 5, interval: 10 }),
    ),
  );
  for (let round = 0; round < 5; round += 1) {
    const created = await Promise.all(times(8, (index) => createDueRuns(either(index))));
    const left = await createDueRuns(panel.app);
    assert.equal(
      created.reduce((sum, count) => sum + count, left),
      parents.length,
    );
    panel.clock.advance(10 * minuteMs);
  }
  const rows = await panel.owner.sql<{ runs: number[] }[]>`
    select array_agg(run order by run) as runs from orders
    where customer_id = ${customerId} and parent_id is not null group by parent_id`;
  assert.deepEqual(new Set(rows.map((row) => row.runs.join())), new Set(['1,2,3,4,5']));
  assert.equal(rows.length, parents.length);
  await panel.verify();
});

test('a drip-feed stopped, run and settled at the same moment still adds up', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '100' });
  for (let round = 0; round < 5; round += 1) {
    const fields = { service, link, quantity: 100, runs: 4, interval: 1 };
    const orderId = await place(panel.app, customerId, fields);
    await createDueRuns(panel.app);
    panel.clock.advance(minuteMs);
    const children = await panel.app.db
      .selectFrom('orders')
      .select('id')
      .where('parent_id', '=', orderId)
      .execute();
    const [child] = children;
    assert(child !== undefined);
    const report: OrderReport = { orderId: child.id, status: 'Partial', remains: 30n };
    await Promise.all([
      ...times(3, (index) => createDueRuns(either(index))),
      ...times(3, (index) => settleOrders(either(index), system, [report])),
      cancelParent(peer.app, staff, orderId),
      requestCancels(panel.app, asCustomer(customerId), [orderId]),
    ]);
    await panel.verify();
  }
});

test('one deposit reported 50 times at once is added once', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const deposit = { customerId, amount: parseAmount('12.5', 'amount'), reference: 'invoice-1' };
  const added = await Promise.all(times(50, (index) => addFunds(either(index), staff, deposit)));
  assert.equal(added.filter((isNew) => isNew).length, 1);
  const other = { ...deposit, amount: parseAmount('13', 'amount') };
  assert.deepEqual(await tally([addFunds(panel.app, staff, other)]), { conflict: 1 });
  const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
  assert.equal(balance, parseAmount('12.5', 'balance'));
  await panel.verify();
});

function never(): never {
  throw new Error('the list of customers is not empty');
}

test('while an order is settled, another customer’s is placed, settled and cancelled', async () => {
  const [held, free] = [await makeOrder(), await makeOrder()];
  const pause = pauseAt('settle.before_commit');
  const settling = settleOrder(panel.app, staff, { orderId: held.orderId, status: 'Canceled' });
  await pause.reached;
  const { customerId } = free;
  const second = await place(peer.app, customerId, { service, link, quantity: 1000 });
  await settleOrder(peer.app, staff, { orderId: free.orderId, status: 'Canceled' });
  await requestCancels(peer.app, asCustomer(customerId), [second]);
  const funds = { customerId, amount: parseAmount('5', 'amount'), reference: 'meanwhile' };
  await addFunds(peer.app, staff, funds);
  pause.release();
  await settling;
  const balances = await readBalances(panel.app.db, [held.customerId, customerId]);
  assert.equal(balances.get(held.customerId), parseAmount('100', 'balance'));
  assert.equal(balances.get(customerId), parseAmount('104', 'balance'));
});
