import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs } from '../../src/base/index.ts';
import { requestCancels } from '../../src/cancels/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { until } from './processes.ts';
import { cancelOf } from './requests.ts';
import { deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel({ connectionsMax: 12 });
  upstream = await openUpstream(panel);
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

const firstSlotMs = 9_500;
const minuteMs = 60_000;
/** To send, to follow, to cancel, to find out. */
const waits = 4;

test('a worker stops at once, however far ahead the slots it waits for are', async (t) => {
  const { customerId, key } = await makeCustomer(panel);
  const service = await upstream.sell();
  const order = (name: string) =>
    place(panel, { key, service, link: `https://example.com/stop/${name}`, quantity: 100 });
  const followed = await order('followed');
  const cancelled = await order('cancelled');
  await upstream.forward();
  const lost = await order('lost');
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  const waiting = await order('waiting');
  panel.clock.advance(hourMs);
  await requestCancels(panel.app, { kind: 'customer', customerId, keyId: null }, [cancelled]);
  const startMs = panel.clock.now().getTime();
  const calls = upstream.sandbox.calls().length;
  await panel.owner.sql`
    update providers set calls_per_minute_max = 1, balance_at = ${new Date(startMs)},
      next_call_at = ${new Date(startMs + firstSlotMs)}
    where id = ${upstream.providerId}`;

  const worker = startWorker(panel.app);
  t.after(() => worker.stop());
  const wanted = startMs + firstSlotMs + waits * minuteMs;
  await until('all kinds of work wait for a slot', async () => {
    const { nextCallAt } = await upstream.provider();
    return (nextCallAt?.getTime() ?? 0) >= wanted;
  });
  const beganMs = performance.now();
  await worker.stop();
  const tookMs = performance.now() - beganMs;
  assert(tookMs < firstSlotMs / 2, `it took ${tookMs} ms`);
  assert.equal(upstream.sandbox.calls().length, calls, 'nothing is sent before its slot');
  const states = [followed, lost, waiting].map(async (id) => (await deliveryOf(panel, id)).state);
  assert.deepEqual(await Promise.all(states), ['following', 'unknown', 'due']);
  assert.equal((await cancelOf(panel, cancelled)).delivery, 'due');
});
