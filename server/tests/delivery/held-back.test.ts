import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, minuteMs } from '../../src/base/index.ts';
import { forwardCancels } from '../../src/cancels/index.ts';
import { claimDue, pollDue } from '../../src/fulfilment/index.ts';
import { delayCalls } from '../../src/providers/index.ts';
import { forwardRefills } from '../../src/refills/index.ts';
import {
  askRefill,
  type CancelDesk,
  cancelOf,
  openCancelDesk,
  placeDelivered,
  refillOf,
} from './requests.ts';
import { deliveryOf } from './upstream.ts';

let desk: CancelDesk;
before(async () => {
  desk = await openCancelDesk();
});
after(() => desk.close());

/** An order to send, one to cancel and look at, and a refill to ask for. */
async function oneOfEach() {
  const { panel, upstream, fields } = desk;
  const refillable = { ...fields, service: await upstream.sell({ refill: true }) };
  const [delivered] = await placeDelivered(panel, upstream, { fields: refillable });
  assert(delivered !== undefined);
  const refillId = await askRefill(panel, fields.key, delivered);
  const followed = await desk.followed();
  await desk.cancel(followed);
  const { orderId: due } = await desk.waiting();
  panel.clock.advance(minuteMs);
  return { due, followed, refillId };
}

test('a provider that asked for a pause since it was read is sent nothing', async () => {
  const { panel, upstream } = desk;
  const { due, followed, refillId } = await oneOfEach();
  const { providerId } = upstream;
  const seen = await upstream.provider();
  const until = new Date(panel.clock.now().getTime() + hourMs);
  await delayCalls(panel.app.db, { providerId, until });
  const calls = upstream.sandbox.calls().length;
  assert.deepEqual(await claimDue(panel.app, seen, 10), { intents: [], taken: 0 });
  assert.equal(await forwardCancels(upstream.ctx, seen, 10), 0);
  assert.equal(await forwardRefills(upstream.ctx, seen, 10), 0);
  assert.equal(await pollDue(upstream.ctx, seen, 1), 0);
  assert.equal(upstream.sandbox.calls().length, calls);
  assert.deepEqual((await upstream.provider()).nextCallAt, until);
  assert.equal((await deliveryOf(panel, due)).state, 'due');
  assert.equal((await cancelOf(panel, followed)).delivery, 'due');
  assert.equal((await refillOf(panel, refillId)).delivery, 'due');
  panel.clock.advance(hourMs);
  assert.equal((await claimDue(panel.app, await upstream.provider(), 10)).taken, 1);
  assert.equal(await desk.forward(), 1);
});
