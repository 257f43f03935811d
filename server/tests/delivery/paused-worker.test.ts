import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inTransaction } from '../../src/db/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';
import { openSecondWorker, type SecondWorker } from './workers.ts';

let panel: TestPanel;
let upstream: Upstream;
let other: SecondWorker;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  other = await openSecondWorker(panel);
});
after(async () => {
  await upstream.close();
  await other.close();
  await panel.verify();
  await panel.close();
});

test('a worker asleep in a transaction gives its locks back, and the others go on', async () => {
  const { key } = await makeCustomer(panel);
  const service = await upstream.sell();
  const link = 'https://example.com/asleep';
  const orderId = await place(panel, { key, service, link, quantity: 100 });
  const locked = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  const asleep = inTransaction(other.app.db, async (tx) => {
    await tx.updateTable('providers').set({ last_sent_at: panel.clock.now() }).execute();
    locked.resolve();
    await woken.promise;
    await tx.updateTable('providers').set({ alias: 'overwritten' }).execute();
  });
  const failed = assert.rejects(asleep);
  await locked.promise;
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
  assert.equal(addsIn(upstream, link), 1);
  woken.resolve();
  await failed;
  assert.equal((await upstream.provider()).alias, '');
});
