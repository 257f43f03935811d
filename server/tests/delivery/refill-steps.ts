import assert from 'node:assert/strict';
import { hourMs, type RefillId, setFailpoint } from '../../src/base/index.ts';
import { followRefills, forwardRefills } from '../../src/refills/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel } from '../harness.ts';
import { askRefill, placeDelivered, refillOf } from './requests.ts';
import { openUpstream } from './upstream.ts';

/** A panel with a customer, a provider that refills, and the steps of a refill there. */
export async function openRefills() {
  const panel = await openTestPanel();
  const upstream = await openUpstream(panel);
  const { key } = await makeCustomer(panel, { funds: '10000' });
  const fields = { key, service: await upstream.sell({ refill: true }) };

  async function delivered(count = 1) {
    return placeDelivered(panel, upstream, { fields, count });
  }

  async function asked(): Promise<RefillId> {
    const [orderId] = await delivered();
    assert(orderId !== undefined);
    return askRefill(panel, fields.key, orderId);
  }

  const forward = async () => forwardRefills(upstream.ctx, await upstream.provider(), 100);
  const follow = async () => followRefills(upstream.ctx, await upstream.provider(), 100);

  async function stateOf(refillId: RefillId): Promise<string> {
    const { status, delivery } = await refillOf(panel, refillId);
    return `${status}, ${delivery}`;
  }

  /** The status as the refill's customer sees it. */
  async function shown(refillId: RefillId): Promise<string> {
    const call = { key: fields.key, action: 'refill_status', refill: String(refillId) };
    return String(Object(await panel.call(call)).status);
  }

  /** Waits until a followed refill is due, and asks. */
  async function followLater(): Promise<void> {
    panel.clock.advance(3 * hourMs);
    await follow();
  }

  async function close(): Promise<void> {
    setFailpoint('refill.after_send');
    await upstream.close();
    await panel.verify();
    await panel.close();
  }

  return {
    panel,
    upstream,
    fields,
    delivered,
    asked,
    forward,
    follow,
    stateOf,
    shown,
    followLater,
    close,
  };
}
