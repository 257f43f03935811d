import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, type RefillId } from '../../src/base/index.ts';
import { type CancelDecision, decideCancel } from '../../src/cancels/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import type { OrderReport } from '../../src/orders/index.ts';
import { decideRefill } from '../../src/refills/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, refusal, settle } from './wire.ts';

// How orders, cancels and refills end on the wire. Orders are of 100 pieces for 0.09, out of 1.00.
let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

async function placeOrder(flags: { refill?: boolean; cancel?: boolean; type?: 'Package' } = {}) {
  const { key } = await makeCustomer(panel, { funds: '1' });
  const service = await makeService(panel, flags);
  return { key, order: await addOrder(panel, { key, service, quantity: 100 }) };
}

/** The status line with these values; `start_count` is null unless given. */
function line(charge: string, status: string, remains: number, startCount?: number): string {
  const start = startCount === undefined ? 'null' : `"${startCount}"`;
  return (
    `{"charge":"${charge}","start_count":${start},"status":"${status}",` +
    `"remains":"${remains}","currency":"USD"}`
  );
}

const settlements: [Omit<OrderReport, 'orderId'>, status: string, balance: string][] = [
  [{}, line('0.09', 'Pending', 100), '0.91'],
  [{ startCount: 0n }, line('0.09', 'Pending', 100, 0), '0.91'],
  [{ status: 'Processing' }, line('0.09', 'Processing', 100), '0.91'],
  [
    { status: 'In progress', startCount: 7n, remains: 40n },
    line('0.09', 'In progress', 40, 7),
    '0.91',
  ],
  [{ status: 'In progress', remains: -12n }, line('0.09', 'In progress', 0), '0.91'],
  [{ status: 'Completed' }, line('0.09', 'Completed', 0), '0.91'],
  [{ status: 'Completed', remains: -5n }, line('0.09', 'Completed', 0), '0.91'],
  [{ status: 'Partial', remains: 1n }, line('0.0891', 'Partial', 1), '0.9109'],
  [{ status: 'Partial', remains: 0n }, line('0.09', 'Partial', 0), '0.91'],
  [{ status: 'Partial', remains: 100n }, line('0.00', 'Partial', 100), '1.00'],
  [{ status: 'Canceled' }, line('0.00', 'Canceled', 100), '1.00'],
];

for (const [report, status, balance] of settlements) {
  test(`${status} is what the customer sees, with a balance of ${balance}`, async () => {
    const { key, order } = await placeOrder();
    if (Object.keys(report).length > 0) await settle(panel, order, report);
    assert.equal(await panel.callText({ key, action: 'status', order: String(order) }), status);
    assert.equal(await balanceOf(panel, key), balance);
  });
}

test('a package is delivered whole or refunded whole', async () => {
  const { key, order } = await placeOrder({ type: 'Package' });
  assert.equal(await balanceOf(panel, key), '0.10');
  await assert.rejects(settle(panel, order, { status: 'Partial', remains: 1n }));
  await settle(panel, order, { status: 'Canceled' });
  const status = await panel.callText({ key, action: 'status', order: String(order) });
  assert.equal(status, line('0.00', 'Canceled', 1));
  assert.equal(await balanceOf(panel, key), '1.00');
});

const decisions: [CancelDecision, status: string, balance: string][] = [
  [{ kind: 'accept' }, line('0.00', 'Canceled', 100), '1.00'],
  [{ kind: 'accept_partly', remains: 30n }, line('0.063', 'Partial', 30), '0.937'],
  [{ kind: 'reject' }, line('0.09', 'Pending', 100), '0.91'],
];

for (const [decision, status, balance] of decisions) {
  test(`a cancel request shows its outcome in status once decided: ${decision.kind}`, async () => {
    const { key, order } = await placeOrder({ cancel: true });
    const ask = () => panel.callText({ key, action: 'cancel', orders: String(order) });
    const read = () => panel.callText({ key, action: 'status', order: String(order) });
    assert.equal(await ask(), `[{"order":${order},"cancel":1}]`);
    assert.equal(await read(), line('0.09', 'Pending', 100));
    await decideCancel(panel.app, staff, { orderId: order, decision });
    assert.equal(await read(), status);
    assert.equal(await balanceOf(panel, key), balance);
    const asked = refusal('Order cancellation request has been sent already');
    assert.equal(await ask(), `[{"order":${order},"cancel":${asked}}]`);
  });
}

test('a refill shows each of its five words', async () => {
  const { key, order } = await placeOrder({ refill: true });
  await settle(panel, order, { status: 'Completed' });
  for (const end of ['Completed', 'Rejected', 'Error'] as const) {
    panel.clock.advance(dayMs);
    const made = await panel.callText({ key, action: 'refill', order: String(order) });
    const refill = /^\{"refill":"([0-9]+)"\}$/.exec(made)?.[1] ?? assert.fail(made);
    const refillId = BigInt(refill) as RefillId; // as the wire has it
    const read = () => panel.callText({ key, action: 'refill_status', refill });
    assert.equal(await read(), '{"status":"Pending"}');
    await decideRefill(panel.app, staff, { refillId, status: 'In progress' });
    assert.equal(await read(), '{"status":"In progress"}');
    await decideRefill(panel.app, staff, { refillId, status: end });
    assert.equal(await read(), `{"status":"${end}"}`);
  }
  assert.equal(await balanceOf(panel, key), '0.91');
  await panel.verify();
});

test('the panel’s currency stands in every reply that has money', async () => {
  const other = await openTestPanel();
  try {
    await updateSettings(other.app, staff, { currency: 'EUR' });
    await other.app.catalog.refresh();
    const { key } = await makeCustomer(other, { funds: '1' });
    const service = await makeService(other);
    const order = await addOrder(other, { key, service, quantity: 100 });
    const status = await other.callText({ key, action: 'status', order: String(order) });
    assert.equal(status, line('0.09', 'Pending', 100).replace('USD', 'EUR'));
    const balance = await other.callText({ key, action: 'balance' });
    assert.equal(balance, '{"balance":"0.91","currency":"EUR"}');
  } finally {
    await other.close();
  }
});
