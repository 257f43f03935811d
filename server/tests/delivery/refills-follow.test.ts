import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hourMs, minuteMs, setFailpoint } from '../../src/base/index.ts';
import { decideRefill, listOpenRefills } from '../../src/refills/index.ts';
import { staff } from '../factories.ts';
import { openRefills } from './refill-steps.ts';
import { askRefill, refillOf } from './requests.ts';
import { deliveryOf } from './upstream.ts';

const { close, ...refills } = await openRefills();
const { panel, upstream, fields, delivered, asked, forward, follow, stateOf, shown, followLater } =
  refills;
after(close);

test('answers that are repeated, come in any order or say nothing are harmless', async () => {
  const refillId = await asked();
  await forward();
  const { external_id: id } = await refillOf(panel, refillId);
  const answers = [
    [`[{"refill":${id},"status":"in_progress"}]`, 'In progress, following'],
    [`[{"refill":${id},"status":"In Progress"}]`, 'In progress, following'],
    [`[{"refill":${id},"status":"Pending"}]`, 'In progress, following'],
    ['[]', 'In progress, following'],
    ['[{"refill":999999,"status":"Rejected"}]', 'In progress, following'],
    ['<html>', 'In progress, following'],
    [`[{"refill":${id},"status":"Completed"}]`, 'Completed, done'],
  ] as const;
  for (const [body, expected] of answers) {
    upstream.sandbox.script({ kind: 'answer', body, on: { action: 'refill_status' } });
    await followLater();
    assert.equal(await stateOf(refillId), expected, body);
    assert.equal((await refillOf(panel, refillId)).note, '');
  }
  assert.equal(await follow(), 0);
});

test('a word that nobody knows is noted and not applied', async () => {
  const refillId = await asked();
  await forward();
  const { external_id: id } = await refillOf(panel, refillId);
  const body = `[{"refill":${id},"status":"Simmering"}]`;
  upstream.sandbox.script({ kind: 'answer', body, on: { action: 'refill_status' } });
  await followLater();
  const [open] = await listOpenRefills(panel.app.db, 1);
  assert.equal(open?.note, 'unknown status "Simmering"');
  assert.equal(await shown(refillId), 'Pending');
  await followLater();
  const { status, note } = await refillOf(panel, refillId);
  assert.deepEqual([status, note], ['Completed', '']);
});

test('a word that no database could keep is noted without what it could not', async () => {
  const refillId = await asked();
  await forward();
  const { external_id: id } = await refillOf(panel, refillId);
  const body = `[{"refill":${id},"status":"Simm\\u0000ering \\ud83d"}]`;
  upstream.sandbox.script({ kind: 'answer', body, on: { action: 'refill_status' } });
  await followLater();
  assert.equal((await refillOf(panel, refillId)).note, 'unknown status "Simmering \ufffd"');
});

for (const end of ['Rejected', 'Error'] as const) {
  test(`a refill that ends as ${end} there does so here`, async () => {
    const [orderId] = await delivered();
    assert(orderId !== undefined);
    const { external_id: order } = await deliveryOf(panel, orderId);
    upstream.sandbox.plan({ order: Number(order) }, { refill: end });
    const refillId = await askRefill(panel, fields.key, orderId);
    await forward();
    await followLater();
    assert.equal(await stateOf(refillId), `${end}, done`);
  });
}

test('a refill is looked at ever more rarely', async () => {
  const [orderId] = await delivered();
  assert(orderId !== undefined);
  const { external_id: order } = await deliveryOf(panel, orderId);
  upstream.sandbox.plan({ order: Number(order) }, { refill: 'In progress' });
  const refillId = await askRefill(panel, fields.key, orderId);
  await forward();
  const waits: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    const { due_at: dueAt } = await refillOf(panel, refillId);
    assert(dueAt !== null);
    waits.push(dueAt.getTime() - panel.clock.now().getTime());
    panel.clock.advance((waits.at(-1) ?? 0) + 1);
    assert.equal(await follow(), 1);
  }
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  assert.deepEqual([waits[0], waits.at(-1)], [minuteMs, 2 * hourMs]);
  await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
});

test('what staff decide ends the following, also while an answer is on its way', async () => {
  const refillId = await asked();
  await forward();
  await decideRefill(panel.app, staff, { refillId, status: 'In progress' });
  assert.equal(await stateOf(refillId), 'In progress, manual');
  panel.clock.advance(3 * hourMs);
  assert.equal(await follow(), 0);
  await decideRefill(panel.app, staff, { refillId, status: 'Rejected' });
  const second = await asked();
  setFailpoint('refill.after_send', async () => {
    setFailpoint('refill.after_send');
    await decideRefill(panel.app, staff, { refillId: second, status: 'Rejected' });
  });
  await forward();
  assert.equal(await stateOf(second), 'Rejected, done');
  assert.equal((await refillOf(panel, second)).external_id, null);
});
