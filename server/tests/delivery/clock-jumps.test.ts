import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, hourMs } from '../../src/base/index.ts';
import { closeCancels, forwardCancels } from '../../src/cancels/index.ts';
import { createDueRuns } from '../../src/orders/index.ts';
import { followRefills, forwardRefills } from '../../src/refills/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, openUpstream, place, type Upstream } from './upstream.ts';

const yearMs = 365 * dayMs;
let panel: TestPanel;
let upstream: Upstream;
let key: string;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  ({ key } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

/** All that is due, as a worker does it. */
async function work(): Promise<void> {
  await createDueRuns(panel.app);
  while ((await upstream.forward()) > 0);
  while ((await upstream.poll()) > 0);
}

test('a clock that jumps a year back and on again makes each run of a drip-feed once', async () => {
  const service = await upstream.sell({ dripfeed: true });
  const link = 'https://example.com/jump';
  const dripFeed = { runs: 3, interval: 30 };
  await place(panel, { key, service, link, quantity: 100, ...dripFeed });
  await work();
  for (const jump of [-yearMs, yearMs + hourMs, -yearMs, yearMs + hourMs, yearMs]) {
    panel.clock.advance(jump);
    await work();
    await work();
  }
  assert.equal(addsIn(upstream, link), 3);
});

test('a clock that jumps a year asks once for a refill, and once for a cancellation', async () => {
  const service = await upstream.sell({ refill: true, cancel: true, refillDays: 36_500 });
  const [kept, stopped] = ['https://example.com/kept', 'https://example.com/stopped'];
  const order = await place(panel, { key, service, link: kept, quantity: 100 });
  await work();
  panel.clock.advance(30 * hourMs);
  await work();
  upstream.sandbox.plan({ link: stopped }, { end: 'In progress', remains: 60 });
  const running = await place(panel, { key, service, link: stopped, quantity: 100 });
  await work();
  panel.clock.advance(30 * hourMs);
  await work();
  await panel.call({ key, action: 'refill', order: String(order) });
  await panel.call({ key, action: 'cancel', orders: String(running) });
  for (const jump of [0, -yearMs, yearMs + dayMs, -yearMs, yearMs + dayMs]) {
    panel.clock.advance(jump);
    const provider = await upstream.provider();
    await forwardRefills(upstream.ctx, provider, 100);
    await followRefills(upstream.ctx, provider, 100);
    await forwardCancels(upstream.ctx, provider, 100);
    await work();
    await closeCancels(panel.app);
  }
  const asked = (kind: 'refill' | 'cancel') =>
    upstream.sandbox.journal().filter((entry) => entry.kind === kind).length;
  assert.deepEqual([asked('refill'), asked('cancel')], [1, 1]);
});
