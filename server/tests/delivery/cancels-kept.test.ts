import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError, minuteMs, type OrderId } from '../../src/base/index.ts';
import {
  cancelParent,
  closeCancels,
  decideCancel,
  listOpenCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import { setPaused } from '../../src/orders/index.ts';
import { staff } from '../factories.ts';
import { type CancelDesk, cancelOf, openCancelDesk } from './requests.ts';
import { deliveryOf, place, statusOf } from './upstream.ts';
import { pauseAt } from './workers.ts';

let desk: CancelDesk;
let panel: CancelDesk['panel'];
let upstream: CancelDesk['upstream'];
before(async () => {
  desk = await openCancelDesk();
  ({ panel, upstream } = desk);
});
after(() => desk.close());

const isConflict = (error: unknown) => error instanceof AppError && error.code === 'conflict';

/** A subscription that its provider keeps, sent there or not yet. */
async function subscribe(isSent = true): Promise<{ orderId: OrderId; externalId: number }> {
  const type = 'Subscriptions';
  const service = await upstream.sell({ type, external: '17', isDelegated: true });
  const terms = { username: 'someone', min: 100, max: 100, delay: 0 };
  const orderId = await place(panel, { ...desk.fields, service, ...terms });
  if (isSent) await upstream.forward();
  return { orderId, externalId: Number((await deliveryOf(panel, orderId)).external_id) };
}

/** A drip-feed that its provider runs: one order there and here. */
async function dripFeed(): Promise<OrderId> {
  const service = await upstream.sell({ dripfeed: true, isDelegated: true });
  const link = `https://example.com/kept/${service}`;
  const fields = { ...desk.fields, service, link, quantity: 100, runs: 3, interval: 10 };
  const orderId = await place(panel, fields);
  await upstream.forward();
  return orderId;
}

async function shown(orderId: OrderId): Promise<unknown[]> {
  const { status, posts } = await statusOf(panel, desk.fields.key, orderId);
  return [status, posts];
}

async function pollSoon(): Promise<void> {
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
}

function cancelsMade(): number {
  return upstream.sandbox.journal().filter((entry) => entry.kind === 'cancel').length;
}

test('posts that come while a kept subscription is cancelled are charged', async () => {
  const { orderId, externalId } = await subscribe();
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  upstream.sandbox.announce(externalId, 'https://example.com/post/1');
  await pollSoon();
  assert.deepEqual(await shown(orderId), ['Active', 1]);
  upstream.sandbox.announce(externalId, 'https://example.com/post/2');
  const before = cancelsMade();
  assert.equal(await desk.forward(), 1);
  assert.equal(cancelsMade(), before + 1);
  assert.equal(await desk.stateOf(orderId), 'requested, following');
  await pollSoon();
  assert.deepEqual(await shown(orderId), ['Canceled', 2]);
  await closeCancels(panel.app);
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  await pollSoon();
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

test('a kept subscription that was not sent is stopped at once, and never sent', async () => {
  const { orderId } = await subscribe(false);
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  assert.deepEqual(await shown(orderId), ['Canceled', 0]);
  assert.equal(await upstream.forward(), 0);
});

test('a kept subscription that may be there is stopped once it is known not to be', async () => {
  const { orderId } = await subscribe(false);
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  const worker = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await worker.reached;
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  assert.deepEqual(await shown(orderId), ['Active', 0]);
  worker.release();
  await sending;
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  assert.deepEqual(await shown(orderId), ['Canceled', 0]);
});

test('a provider that can’t cancel a subscription leaves it to staff, who end it', async () => {
  const { orderId } = await subscribe();
  await desk.cancel(orderId);
  upstream.sandbox.script({ kind: 'refuse', error: 'Incorrect request', on: { action: 'cancel' } });
  await desk.forward();
  assert.equal(await desk.stateOf(orderId), 'requested, manual');
  const open = await listOpenCancels(panel.app.db, 10);
  assert.deepEqual(
    open.map((one) => [one.orderId, one.note]),
    [[orderId, 'refused: Incorrect request']],
  );
  const partly = { kind: 'accept_partly', remains: 1n } as const;
  await assert.rejects(decideCancel(panel.app, staff, { orderId, decision: partly }), /no remains/);
  await decideCancel(panel.app, staff, { orderId, decision: { kind: 'accept' } });
  assert.deepEqual(await shown(orderId), ['Canceled', 0]);
});

test('staff who cancel what a provider runs have it cancelled there', async () => {
  const parents = [(await subscribe()).orderId, await dripFeed()];
  for (const orderId of parents) {
    assert.equal(await cancelParent(panel.app, staff, orderId), 'requested');
    assert.equal(await desk.stateOf(orderId), 'requested, due');
    await assert.rejects(cancelParent(panel.app, staff, orderId), isConflict);
  }
  const before = cancelsMade();
  assert.equal(await desk.forward(), parents.length);
  assert.equal(cancelsMade(), before + parents.length);
  const [audited] = await panel.owner.sql`
    select count(*)::int as count from audit where action = 'cancel.request'`;
  assert.equal(audited?.count, parents.length);
  await desk.pollLater();
  for (const orderId of parents) {
    assert.equal(await desk.stateOf(orderId), 'accepted, done');
  }
  const ends = await Promise.all(parents.map(shown));
  // Of the drip-feed a run was delivered by then.
  assert.deepEqual(
    ends.map(([status]) => status),
    ['Canceled', 'Partial'],
  );
});

test('staff may ask again for what they rejected', async () => {
  const { orderId } = await subscribe();
  await desk.cancel(orderId);
  await decideCancel(panel.app, staff, { orderId, decision: { kind: 'reject' } });
  assert.equal(await cancelParent(panel.app, staff, orderId), 'requested');
  await desk.forward();
  const { state, note } = await cancelOf(panel, orderId);
  assert.deepEqual([state, note], ['requested', '']);
  await desk.pollLater();
  assert.deepEqual(await shown(orderId), ['Canceled', 0]);
});

test('what a provider runs is not paused, and says why', async () => {
  for (const orderId of [(await subscribe()).orderId, await dripFeed()]) {
    const pausing = setPaused(panel.app, staff, { orderId, isPaused: true });
    await assert.rejects(pausing, (error) => isConflict(error) && /run elsewhere/.test(`${error}`));
    await cancelParent(panel.app, staff, orderId);
  }
});
