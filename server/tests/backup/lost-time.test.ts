import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createBackup, restoreBackup } from '../../src/backup/index.ts';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import { createRecorder, forwardDue, reconcileDue } from '../../src/fulfilment/index.ts';
import { findProvider } from '../../src/providers/index.ts';
import { confirmRestore } from '../../src/system/index.ts';
import { type LostOrders, openLostOrders } from '../delivery/lost-orders.ts';
import { deliveryOf, place } from '../delivery/upstream.ts';
import { makeCustomer, staff } from '../factories.ts';
import { createRestoreTarget, openTestPanel, type TestPanel } from '../harness.ts';

let dir: string;
let old: TestPanel;
let lost: LostOrders;
let upstream: Awaited<ReturnType<LostOrders['openCalibrated']>>;
let key: string;
const panels: TestPanel[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'panelwright-lost-time-'));
  old = await openTestPanel();
  ({ key } = await makeCustomer(old, { funds: '10000' }));
  lost = openLostOrders(old, key);
  upstream = await lost.openCalibrated();
});

after(async () => {
  await lost.close();
  for (const panel of panels) {
    await panel.verify();
    await panel.close();
  }
  await old.close();
  await rm(dir, { recursive: true, force: true });
});

async function backup(name: string): Promise<string> {
  const file = join(dir, name);
  await createBackup({ target: { url: old.databaseUrl }, file, clock: old.clock });
  old.clock.advance(1_000);
  return file;
}

/** A panel restored from a backup, which staff have let go on. */
async function restore(file: string): Promise<TestPanel> {
  const url = await createRestoreTarget();
  await restoreBackup({ target: { url }, file, clock: old.clock });
  const panel = await openTestPanel({ databaseUrl: url, clock: old.clock });
  panels.push(panel);
  await confirmRestore(panel.app, staff);
  panel.clock.advance(1_000);
  return panel;
}

/** Sends what is due, and looks into what is unknown until it is for staff. */
async function work(panel: TestPanel): Promise<void> {
  const ctx = { ...panel.app, recorder: createRecorder(panel.app) };
  const provider = () => findProvider(panel.app.db, upstream.providerId);
  await forwardDue(ctx, await provider(), { limit: 100, brake: { isSet: false } });
  for (let round = 0; round < 6; round += 1) {
    await reconcileDue(ctx, await provider());
    panel.clock.advance(10 * minuteMs);
  }
}

async function stateOf(panel: TestPanel, orderId: OrderId) {
  const { state, reason, external_id: externalId } = await deliveryOf(panel, orderId);
  return { state, reason, externalId };
}

const forStaff = { state: 'held', reason: 'unknown', externalId: null };

test('an order that was placed after the backup is never taken for a new one', async () => {
  const file = await backup('without-due');
  await upstream.send();
  const panel = await restore(file);
  const link = 'https://example.com/after-the-restore';
  upstream.sandbox.script({ kind: 'error_500', on: { action: 'add', link } });
  const [service] = await panel.app.db.selectFrom('services').select('id').execute();
  assert(service);
  const orderId = await place(panel, { key, service: service.id, link, quantity: 100 });
  await work(panel);
  assert.deepEqual(await stateOf(panel, orderId), forStaff);
});

test('nor for one of before it; but staff see what was found', async () => {
  const { orderId } = await upstream.order();
  const file = await backup('with-due');
  // Canceled before it was sent; then an order that is as the first one in all, and is sent.
  await old.call({ key, action: 'cancel', orders: String(orderId) });
  await upstream.send();
  const panel = await restore(file);
  await work(panel);
  assert.deepEqual(await stateOf(panel, orderId), forStaff);
  const { evidence } = await panel.app.db
    .selectFrom('attempts')
    .select('evidence')
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow();
  const probe = Object(Reflect.get(Object(evidence), 'probe'));
  const lostOrder = upstream.sandbox.journal().findLast((entry) => entry.kind === 'add');
  assert(lostOrder?.kind === 'add');
  assert.deepEqual(probe.candidates, [String(lostOrder.order)]);
});
