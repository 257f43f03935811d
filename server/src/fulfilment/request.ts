import type { RawOrder } from '@panelwright/sdk';
import { assert, formatLastDay, type OrderId } from '../base/index.ts';
import type { ServiceType } from '../catalog/index.ts';
import type { Json } from '../db/index.ts';
import { type FieldName, orderTypeOf, type Subscription } from '../orders/index.ts';

/** An order as it has to be told to a provider. */
export type Outgoing = {
  orderId: OrderId;
  kind: 'single' | 'drip_feed' | 'subscription';
  type: ServiceType;
  link: string;
  /** The total; over all runs of a drip-feed that the provider runs itself. */
  quantity: bigint;
  details: Json;
  externalServiceId: string;
  /** Names the attempt to a provider that documents a field for it; empty: none does. */
  requestId: string;
  subscription: Subscription | null;
};

/**
 * The fields of `add` for an order, by its type's own table. A post of a subscription that the
 * panel keeps itself is told as a link with a quantity. Pure.
 */
export function buildRequest(order: Outgoing): RawOrder {
  const request: RawOrder = { service: order.externalServiceId };
  if (order.requestId !== '') request.requestId = order.requestId;
  if (order.kind === 'subscription') return { ...request, ...subscriptionFields(order) };
  if (order.type === 'Subscriptions') {
    return { ...request, link: order.link, quantity: String(order.quantity) };
  }
  const { required, optional } = orderTypeOf(order.type);
  for (const name of [...required, ...optional]) {
    const value = fieldValue(order, name);
    if (value !== undefined) request[name] = value;
  }
  return request;
}

function fieldValue(order: Outgoing, name: FieldName): string | string[] | undefined {
  if (name === 'link') return order.link;
  const runs = order.details.runs;
  if (name === 'quantity') {
    return String(typeof runs === 'number' ? order.quantity / BigInt(runs) : order.quantity);
  }
  const value = order.details[name];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(String) : String(value);
}

function subscriptionFields(order: Outgoing): RawOrder {
  const { subscription } = order;
  assert(subscription !== null, 'a subscription has its terms');
  const { username, min, max, delayMinutes: delay, posts, oldPosts, expiresAt } = subscription;
  return {
    service: order.externalServiceId,
    username,
    min,
    max,
    delay,
    ...(posts === null ? {} : { posts }),
    ...(oldPosts === 0 ? {} : { old_posts: oldPosts }),
    ...(expiresAt === null ? {} : { expiry: formatLastDay(expiresAt) }),
  };
}
