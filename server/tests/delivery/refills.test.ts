import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hourMs, minuteMs, type RefillId, secondMs, setFailpoint } from '../../src/base/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import {
  decideRefill,
  expireRefills,
  forwardRefills,
  listOpenRefills,
  sendRefill,
} from '../../src/refills/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { listAudit } from '../../src/system/index.ts';
import { makeService, staff } from '../factories.ts';
import { openRefills } from './refill-steps.ts';
import { askRefill, listsOf, placeDelivered, refillOf } from './requests.ts';
import { deliveryOf, openUpstream, place } from './upstream.ts';

const { close, ...refills } = await openRefills();
const { panel, upstream, fields, delivered, asked, forward, follow, stateOf, shown, followLater } =
  refills;
after(close);

/** The orders at the sandbox that refills were made for, of all it has seen. */
function refillsMade(): number {
  return upstream.sandbox.journal().filter((entry) => entry.kind === 'refill').length;
}

test('a refill is asked for once, followed, and completed without anybody', async () => {
  const before = refillsMade();
  const refillId = await asked();
  assert.equal(await stateOf(refillId), 'Pending, due');
  assert.equal(await forward(), 1);
  assert.equal(await forward(), 0);
  assert.equal(refillsMade(), before + 1);
  assert.equal(await stateOf(refillId), 'Pending, following');
  assert.equal(await follow(), 0);
  panel.clock.advance(minuteMs);
  assert.equal(await follow(), 1);
  assert.equal(await stateOf(refillId), 'Completed, done');
  assert.equal(await shown(refillId), 'Completed');
  assert.equal(await follow(), 0);
});

test('a refill of an order that staff delivered is staff’s', async () => {
  const service = await makeService(panel, { refill: true });
  const link = 'https://example.com/manual';
  const orderId = await place(panel, { key: fields.key, service, link, quantity: 100 });
  await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  panel.clock.advance(25 * hourMs);
  const refillId = await askRefill(panel, fields.key, orderId);
  assert.equal(await stateOf(refillId), 'Pending, manual');
  assert.equal(await forward(), 0);
  await assert.rejects(sendRefill(panel.app, staff, refillId), /can't be passed on/);
  await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
  assert.equal(await stateOf(refillId), 'Completed, done');
});

test('150 refills go as two lists', async () => {
  const orderIds = await delivered(150);
  const reply = [orderIds.slice(0, 100), orderIds.slice(100)].map((part) =>
    panel.call({ key: fields.key, action: 'refill', orders: part.join(',') }),
  );
  await Promise.all(reply);
  const before = listsOf(upstream, 'refill').length;
  assert.equal(await forward(), 100);
  assert.equal(await forward(), 50);
  assert.equal(await forward(), 0);
  const lists = listsOf(upstream, 'refill').slice(before);
  assert.deepEqual(
    lists.map((list) => list.length),
    [100, 50],
  );
  assert.equal(new Set(lists.flat()).size, 150);
  panel.clock.advance(minuteMs);
  while ((await follow()) > 0);
  assert.deepEqual(await listOpenRefills(panel.app.db, 10), []);
});

const losses: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_html' },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_empty' },
  { kind: 'accept_then_redirect' },
  { kind: 'error_500' },
  { kind: 'answer', body: '[]' },
  { kind: 'answer', body: '[{"refill":1}, {"refill":2}]' },
];
for (const fault of losses) {
  test(`after ${JSON.stringify(fault)} a refill is staff’s, never asked for again`, async () => {
    const refillId = await asked();
    upstream.sandbox.script({ ...fault, on: { action: 'refill' } });
    await forward();
    const made = refillsMade();
    assert.equal(await stateOf(refillId), 'Pending, unknown');
    panel.clock.advance(2 * hourMs);
    await expireRefills(panel.app);
    assert.equal(await forward(), 0);
    assert.equal(refillsMade(), made);
    assert.equal(await shown(refillId), 'Pending');
    const [open] = await listOpenRefills(panel.app.db, 1);
    assert.equal(open?.refillId, refillId);
    assert.match(open.note, /^unknown: /);
    await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
    assert.equal(await stateOf(refillId), 'Completed, done');
  });
}

const refusals: readonly (readonly [string, string])[] = [
  ['Refill days are over', 'Rejected, done'],
  ['The order is not completed', 'Rejected, done'],
  ['Incorrect order ID', 'Rejected, done'],
  ['The refill task is not completed for this order', 'Rejected, done'],
  ['The order was completed or refill was requested less than 24 hours ago', 'Rejected, done'],
  ['something nobody has heard of', 'Rejected, done'],
  ['Refill is disabled for this service', 'Pending, manual'],
  ['Incorrect request', 'Pending, manual'],
  ['Not enough funds on balance', 'Pending, manual'],
];
for (const [error, expected] of refusals) {
  test(`refused with “${error}” a refill is ${expected}`, async () => {
    const refillId = await asked();
    upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'refill' } });
    await forward();
    assert.equal(await stateOf(refillId), expected);
    assert.equal((await refillOf(panel, refillId)).note, `refused: ${error}`);
    const call = { key: fields.key, action: 'refill_status', refill: String(refillId) };
    assert.equal(await panel.callText(call), `{"status":"${expected.split(',')[0]}"}`);
    if (expected.startsWith('Pending')) {
      await decideRefill(panel.app, staff, { refillId, status: 'Rejected' });
    }
  });
}

test('one refused row of a list says nothing about the others', async () => {
  const orderIds = await delivered(2);
  const refills: RefillId[] = [];
  for (const orderId of orderIds) refills.push(await askRefill(panel, fields.key, orderId));
  const externalIds = await Promise.all(
    orderIds.map(async (orderId) => (await deliveryOf(panel, orderId)).external_id),
  );
  const rows = [
    { order: Number(externalIds[1]), refill: 900_001 },
    { order: Number(externalIds[0]), refill: { error: 'Refill days are over' } },
  ];
  upstream.sandbox.script({
    kind: 'answer',
    body: JSON.stringify(rows),
    on: { action: 'refill' },
  });
  await forward();
  const states = await Promise.all(refills.map(stateOf));
  assert.deepEqual(states, ['Rejected, done', 'Pending, following']);
  // The sandbox never heard of this number: that is for staff to see, and nothing is applied.
  await followLater();
  const [, second] = refills;
  assert(second !== undefined);
  assert.equal((await refillOf(panel, second)).note, 'refused: Refill not found');
  assert.equal(await stateOf(second), 'Pending, following');
  await decideRefill(panel.app, staff, { refillId: second, status: 'Error' });
});

test('a refill that staff send again after a lost answer is not rejected by its echo', async () => {
  const refillId = await asked();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'refill' } });
  await forward();
  await sendRefill(panel.app, staff, refillId);
  await forward();
  const refill = await refillOf(panel, refillId);
  assert.equal(`${refill.status}, ${refill.delivery}`, 'Pending, unknown');
  assert.match(refill.note, /^unknown: refused: .*24 hours/);
  await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
});

test('a refill’s number that the provider gave before is nobody’s', async () => {
  const first = await asked();
  await forward();
  const { external_id: taken } = await refillOf(panel, first);
  const [orderId] = await delivered();
  assert(orderId !== undefined);
  const second = await askRefill(panel, fields.key, orderId);
  const { external_id: order } = await deliveryOf(panel, orderId);
  const body = `[{"order":${order},"refill":${taken}}]`;
  upstream.sandbox.script({ kind: 'answer', body, on: { action: 'refill' } });
  await forward();
  assert.equal(await stateOf(second), 'Pending, unknown');
  await panel.verify();
  await decideRefill(panel.app, staff, { refillId: second, status: 'Rejected' });
  await followLater();
  assert.equal(await stateOf(first), 'Completed, done');
});

test('a provider out of reach is tried again, later each time, then it is staff’s', async () => {
  const gone = await openUpstream(panel);
  const service = await gone.sell({ refill: true });
  const [orderId] = await placeDelivered(panel, gone, { fields: { ...fields, service } });
  assert(orderId !== undefined);
  const refillId = await askRefill(panel, fields.key, orderId);
  const provider = await gone.provider();
  await gone.close();
  const waits: number[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    await forwardRefills(gone.ctx, provider, 100);
    const { delivery, due_at: dueAt } = await refillOf(panel, refillId);
    if (delivery === 'manual') break;
    assert(delivery === 'due' && dueAt !== null);
    waits.push((dueAt.getTime() - panel.clock.now().getTime()) / secondMs);
    panel.clock.advance(2 * hourMs);
  }
  assert.deepEqual(waits.slice(0, 6), [5, 15, 60, 300, 900, 3600]);
  assert.equal(await stateOf(refillId), 'Pending, manual');
  assert.equal((await refillOf(panel, refillId)).note, 'not sent: unreachable');
  await decideRefill(panel.app, staff, { refillId, status: 'Rejected' });
});

test('a provider that limits is waited for; one that refuses its key is paused', async () => {
  const refillId = await asked();
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '120', on: { action: 'refill' } });
  await forward();
  assert.equal(await stateOf(refillId), 'Pending, due');
  panel.clock.advance(minuteMs);
  assert.equal(await forward(), 0);
  panel.clock.advance(minuteMs);
  upstream.sandbox.script({
    kind: 'refuse',
    error: 'Invalid API key',
    on: { action: 'refill' },
  });
  await forward();
  const { state, pausedBy } = await upstream.provider();
  assert.deepEqual([state, pausedBy], ['paused', 'key']);
  panel.clock.advance(hourMs);
  assert.equal(await forward(), 0);
  const on = { providerId: upstream.providerId, state: 'on' } as const;
  await setProviderState(panel.app, staff, on);
  assert.equal(await forward(), 1);
  assert.equal(await stateOf(refillId), 'Pending, following');
});

test('a paused provider is not asked; a draining one or one without funds is', async () => {
  const refillId = await asked();
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'paused' });
  assert.equal(await forward(), 0);
  panel.clock.advance(3 * hourMs);
  assert.equal(await follow(), 0);
  await setProviderState(panel.app, staff, { providerId, state: 'draining' });
  assert.equal(await forward(), 1);
  await panel.owner.sql`update providers set state = 'paused', paused_by = 'funds'
    where id = ${providerId}`;
  panel.clock.advance(3 * hourMs);
  assert.equal(await follow(), 2);
  assert.equal(await stateOf(refillId), 'Completed, done');
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
});

test('a worker that comes late overwrites nothing, and what it knew is kept', async () => {
  const refillId = await asked();
  setFailpoint('refill.after_send', async () => {
    setFailpoint('refill.after_send');
    panel.clock.advance(10 * minuteMs);
    assert.equal(await expireRefills(panel.app), 1);
  });
  await forward();
  assert.equal(await stateOf(refillId), 'Pending, unknown');
  const { rows: late } = await listAudit(
    panel.app.db,
    { action: 'refill.late_answer' },
    { limit: 9 },
  );
  assert.equal(late.length, 1);
  assert.equal(late[0]?.orderId, (await refillOf(panel, refillId)).order_id);
  const made = upstream.sandbox.journal().findLast((entry) => entry.kind === 'refill');
  assert.equal(Reflect.get(Object(late[0]?.after), 'externalId'), String(made?.refill));
  await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
});

test('a worker that dies after sending leaves an unknown refill', async () => {
  const refillId = await asked();
  setFailpoint('refill.after_send', () => {
    throw new Error('killed');
  });
  await assert.rejects(forward(), /killed/);
  setFailpoint('refill.after_send');
  assert.equal(await stateOf(refillId), 'Pending, sending');
  assert.equal(await forward(), 0);
  assert.equal(await expireRefills(panel.app), 0);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await expireRefills(panel.app), 1);
  assert.equal(await stateOf(refillId), 'Pending, unknown');
  await decideRefill(panel.app, staff, { refillId, status: 'Error' });
});

test('workers at once never ask for one refill twice', async () => {
  const orderIds = await delivered(40);
  await panel.call({ key: fields.key, action: 'refill', orders: orderIds.join(',') });
  const before = listsOf(upstream, 'refill').length;
  const provider = await upstream.provider();
  const taken = await Promise.all(
    Array.from({ length: 8 }, () => forwardRefills(upstream.ctx, provider, 7)),
  );
  const left = await forward();
  const ids = listsOf(upstream, 'refill').slice(before).flat();
  assert.equal(
    taken.reduce((sum, count) => sum + count, left),
    40,
  );
  assert.equal(ids.length, 40);
  assert.equal(new Set(ids).size, 40);
  await followLater();
});
