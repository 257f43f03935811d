import { hourMs, minuteMs, type OrderId, type RefillId } from '../../src/base/index.ts';
import { closeCancels, forwardCancels } from '../../src/cancels/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let links = 0;

/** Places orders that their provider has accepted. */
export async function placeFollowed(
  panel: TestPanel,
  upstream: Upstream,
  fields: Record<string, string | number>,
): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/r/${links}`;
  const orderId = await place(panel, { link, quantity: 100, ...fields });
  while ((await upstream.forward()) > 0);
  return orderId;
}

/** Places orders that their provider has delivered, long enough ago to be refilled. */
export async function placeDelivered(
  panel: TestPanel,
  upstream: Upstream,
  input: { fields: Record<string, string | number>; count?: number },
): Promise<OrderId[]> {
  const orderIds: OrderId[] = [];
  for (let made = 0; made < (input.count ?? 1); made += 1) {
    links += 1;
    const link = `https://example.com/r/${links}`;
    orderIds.push(await place(panel, { link, quantity: 100, ...input.fields }));
  }
  while ((await upstream.forward()) > 0);
  panel.clock.advance(10 * minuteMs);
  while ((await upstream.poll()) > 0);
  panel.clock.advance(25 * hourMs);
  return orderIds;
}

/** Asks for a refill as its customer does, and answers its number. */
export async function askRefill(
  panel: TestPanel,
  key: string,
  orderId: OrderId,
): Promise<RefillId> {
  const reply = Object(await panel.call({ key, action: 'refill', order: String(orderId) }));
  if (reply.refill === undefined) throw new Error(`refused: ${JSON.stringify(reply)}`);
  return BigInt(reply.refill) as RefillId;
}

/** A refill as its row has it. */
export async function refillOf(panel: TestPanel, refillId: RefillId) {
  return panel.app.db
    .selectFrom('refills')
    .selectAll()
    .where('id', '=', refillId)
    .executeTakeFirstOrThrow();
}

/** A cancellation as its row has it. */
export async function cancelOf(panel: TestPanel, orderId: OrderId) {
  return panel.app.db
    .selectFrom('cancels')
    .selectAll()
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow();
}

/** The lists of ids that a sandbox was called with for an action. */
export function listsOf(upstream: Pick<Upstream, 'sandbox'>, action: string): string[][] {
  return upstream.sandbox
    .calls()
    .filter((call) => call.action === action)
    .map((call) => (call.fields.orders ?? call.fields.refills ?? '').split(','));
}

/** A panel with a provider, and what its cancellations are tried with. */
export type CancelDesk = Awaited<ReturnType<typeof openCancelDesk>>;

/** Opens a panel whose one customer buys of one provider. Close it in `after`. */
export async function openCancelDesk() {
  const panel = await openTestPanel({ connectionsMax: 12 });
  const upstream = await openUpstream(panel);
  const { customerId, key } = await makeCustomer(panel, { funds: '10000' });
  const fields = { key, service: await upstream.sell() };
  return {
    panel,
    upstream,
    customerId,
    fields,
    /** An order that is due to be sent. */
    waiting: async (more: Record<string, string | number> = {}) => {
      links += 1;
      const link = `https://example.com/c/${links}`;
      const orderId = await place(panel, { ...fields, link, quantity: 100, ...more });
      return { orderId, link };
    },
    followed: () => placeFollowed(panel, upstream, fields),
    forward: async () => forwardCancels(upstream.ctx, await upstream.provider(), 100),
    cancel: (...orderIds: OrderId[]) =>
      panel.callText({ key, action: 'cancel', orders: orderIds.join(',') }),
    stateOf: async (orderId: OrderId) => {
      const { state, delivery } = await cancelOf(panel, orderId);
      return `${state}, ${delivery}`;
    },
    /** As the customer sees it. */
    shown: async (orderId: OrderId) => {
      const { status, charge, remains } = await statusOf(panel, key, orderId);
      return `${status}, ${charge}, ${remains}`;
    },
    /** Cancellations upstream take effect, and the panel sees it. */
    pollLater: async () => {
      panel.clock.advance(hourMs);
      while ((await upstream.poll()) > 0);
      await closeCancels(panel.app);
    },
    /** Fails unless the books balance. */
    close: async () => {
      await upstream.close();
      await panel.verify();
      await panel.close();
    },
  };
}
