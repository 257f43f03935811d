import { formatAmount, minuteMs, type OrderId, type ServiceId } from '../src/base/index.ts';
import type { Sums } from '../src/figures/index.ts';
import { deliveryOf, place, type Upstream } from './delivery/upstream.ts';
import type { TestPanel } from './harness.ts';

type Lab = { panel: TestPanel; upstream: Upstream };

/** Sums in short: money as revenue, cost and margin; failures of tries; how orders ended. */
export function shown(sums: Sums) {
  const { orders, revenue, cost, margin, attempts, failures, completed, partial, canceled } = sums;
  return {
    orders,
    money: [revenue, cost, margin].map(formatAmount).join(' '),
    tries: `${failures}/${attempts}`,
    ended: [completed, partial, canceled].join(' '),
  };
}

/** Makes an accepted attempt unknown; answers how to make it accepted again. */
export async function lose(panel: TestPanel, orderId: OrderId): Promise<() => Promise<void>> {
  const { sql } = panel.owner;
  const [before] = await sql`select external_id from attempts where order_id = ${orderId}`;
  await sql`update attempts set state = 'unknown', external_id = null where order_id = ${orderId}`;
  return async () => {
    await sql`update attempts set state = 'accepted', external_id = ${before?.external_id}
      where order_id = ${orderId}`;
  };
}

/** A service of the provider's that it lists without a price. */
export async function sellUncosted(at: Lab, external: string): Promise<ServiceId> {
  const { panel, upstream } = at;
  await panel.owner.sql`update provider_services set cost = null where external_id = ${external}`;
  return upstream.sell({ rate: '5', dripfeed: true, external });
}

/** Its customer is charged 0.50 for a post, and nobody tells what that costs. */
export async function postBySubscription({
  panel,
  upstream,
  key,
}: Lab & { key: string }): Promise<void> {
  const service = await upstream.sell({
    ...{ type: 'Subscriptions', external: '17', isDelegated: true },
    ...{ min: 10, rate: '5' },
  });
  const fields = { username: 'somebody', delay: 0, posts: 2, min: 100, max: 100 };
  const orderId = await place(panel, { key, service, ...fields });
  await upstream.forward();
  const { external_id } = await deliveryOf(panel, orderId);
  upstream.sandbox.announce(Number(external_id), 'https://example.com/post/1');
  for (let round = 0; round < 2; round += 1) {
    panel.clock.advance(10 * minuteMs);
    await upstream.poll();
  }
}
