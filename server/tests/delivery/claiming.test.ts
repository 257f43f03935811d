import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrderId } from '../../src/base/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { createRecorder, forwardDue, listWaiting } from '../../src/fulfilment/index.ts';
import { applyReports, settleOrder } from '../../src/orders/index.ts';
import { openCuttingProxy } from '../concurrency/cutting-proxy.ts';
import { openPeer } from '../concurrency/peers.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { untilBlocked } from './processes.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';
import { openSecondWorker, pauseAt } from './workers.ts';

let panel: TestPanel;
let upstream: Upstream;
let key: string;
let service: number;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  service = await upstream.sell();
  ({ key } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

async function order() {
  links += 1;
  const link = `https://example.com/claim/${links}`;
  return { link, orderId: await place(panel, { key, service, link, quantity: 100 }) };
}

const stateOf = async (orderId: OrderId) => (await deliveryOf(panel, orderId)).state;

test('an order that is being settled is not taken, and never sent once it is final', async () => {
  const { orderId, link } = await order();
  const other = await order();
  const settled = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const settling = inTransaction(panel.app.db, async (tx) => {
    const reports = [{ orderId, status: 'Canceled' as const }];
    await applyReports(tx, { actor: staff, at: panel.clock.now(), reports });
    settled.resolve();
    await finish.promise;
  });
  await settled.promise;
  await upstream.forward();
  assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['due', 0]);
  assert.equal(addsIn(upstream, other.link), 1, 'the others are not held up');
  finish.resolve();
  await settling;
  await upstream.forward();
  assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['done', 0]);
  assert.equal((await statusOf(panel, key, orderId)).charge, '0.00');
});

test('an order settled between claim and send is refunded once, and known to staff', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_intent');
  const sending = upstream.forward();
  await worker.reached;
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  worker.release();
  await sending;
  assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['done', 1]);
  const waiting = await listWaiting(panel.app.db, 100);
  assert.equal(waiting.find((row) => row.orderId === orderId)?.reason, 'late_accepted');
  assert.equal((await statusOf(panel, key, orderId)).charge, '0.00');
});

test('two workers that take due orders at once each take what the other has not', async (t) => {
  const other = await openSecondWorker(panel);
  t.after(() => other.close());
  const made = [await order(), await order(), await order(), await order()];
  const first = pauseAt('forward.before_commit');
  const sending = [upstream.forward(2)];
  await first.reached;
  const options = { limit: 100, brake: { isSet: false } };
  sending.push(forwardDue(other.ctx, await upstream.provider(), options));
  // The first one has the provider's slots until it commits; the second has chosen its orders.
  await untilBlocked(panel);
  first.release();
  assert.deepEqual(await Promise.all(sending), [2, 2]);
  for (const { orderId, link } of made) {
    assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['following', 1]);
  }
});

for (const when of ['before', 'after'] as const) {
  test(`a claim cut off ${when} its commit arrived is given back, and sent once`, async (t) => {
    const proxy = await openCuttingProxy(panel.databaseUrl);
    const peer = await openPeer(panel, { databaseUrl: proxy.url });
    t.after(async () => {
      await peer.close();
      await proxy.close();
    });
    const ctx = { ...peer.app, recorder: createRecorder(peer.app) };
    const made = [await order(), await order(), await order()];
    const provider = await upstream.provider();
    const forward = () => forwardDue(ctx, provider, { limit: 100, brake: { isSet: false } });
    proxy.cutNextCommit(when);
    await assert.rejects(forward());
    assert.equal(proxy.cuts(), 1);
    for (const { orderId, link } of made) {
      assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['due', 0]);
    }
    await forward();
    for (const { orderId, link } of made) {
      assert.deepEqual([await stateOf(orderId), addsIn(upstream, link)], ['following', 1]);
    }
  });
}
