import type { OrderStatus as UpstreamStatus } from '@panelwright/sdk';
import { sql } from 'kysely';
import {
  type Actor,
  type CustomerId,
  chargeFor,
  type OrderId,
  parseAmount,
  rate,
} from '../base/index.ts';
import { type Db, inTransaction, type Tx } from '../db/index.ts';
import {
  endSubscription,
  lockOrders,
  markDelivered,
  type OrdersCtx,
  recordPost,
} from '../orders/index.ts';
import {
  awaitCall,
  lockExternalIds,
  type Provider,
  type ProvidersCtx,
} from '../providers/index.ts';
import { writeDeliveryEvents } from './events.ts';
import { readBoundIds } from './external-ids.ts';
import { firstPollSeconds } from './rules.ts';

/** A subscription that its provider keeps, and what the provider says of it. */
export type FollowedSubscription = {
  customerId: CustomerId;
  orderId: OrderId;
  status: UpstreamStatus;
};

type Terms = {
  min: number;
  max: number;
  /** Per 1000, in 10⁻⁸ of the provider's currency; null while it isn't known. */
  unitCost: bigint | null;
  externalServiceId: string;
};

const postsPerRoundMax = 100;
const actor: Actor = { kind: 'system', name: 'poller' };

/**
 * Takes over what a provider's subscription has made: each of its orders becomes a post of ours,
 * charged, and followed like any other; a subscription that ended there ends here. The protocol
 * says no quantity, so it is the one that `min` and `max` leave no choice about, or follows from
 * what the provider charged.
 * @returns what staff should look at; empty when everything was taken over
 */
export async function followSubscription(
  ctx: ProvidersCtx & OrdersCtx,
  provider: Provider,
  followed: FollowedSubscription,
): Promise<string> {
  const { status } = followed;
  if (!status.status.known) return `unknown status "${status.status.word}"`;
  const fresh = await findNewPosts(ctx.db, provider, status.orders ?? []);
  const problem = await takeOver(ctx, provider, { followed, fresh });
  if (problem !== '') return problem;
  const { word } = status.status;
  if (word === 'Failed' || word === 'Partial' || word === 'Refunded') {
    return `${word} is no status of a subscription`;
  }
  if (word === 'Completed' || word === 'Canceled' || word === 'Expired') {
    const at = ctx.clock.now();
    const { orderId } = followed;
    await inTransaction(ctx.db, (tx) => endSubscription(tx, { actor, at, orderId, status: word }));
  }
  return '';
}

async function findNewPosts(db: Db, provider: Provider, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const taken = await readBoundIds(db, provider.id, ids);
  return ids.filter((id) => !taken.has(id)).slice(0, postsPerRoundMax);
}

async function takeOver(
  ctx: ProvidersCtx & OrdersCtx,
  provider: Provider,
  input: { followed: FollowedSubscription; fresh: readonly string[] },
): Promise<string> {
  const { followed, fresh } = input;
  if (fresh.length === 0) return '';
  const terms = await readTerms(ctx.db, provider, followed);
  await awaitCall(ctx, provider.id);
  const { answers } = await ctx.upstreams.open(provider).statuses(fresh);
  for (const [externalId, answer] of answers) {
    if (!answer.ok) return `its order ${externalId} says no status`;
    const quantity = quantityOf(terms, answer.value);
    if (quantity === null) return `how much its order ${externalId} delivers is not said`;
    const post = { externalId, quantity, terms };
    const problem = await inTransaction(ctx.db, (tx) =>
      writePost(tx, { ctx, provider, followed, post }),
    );
    if (problem !== '') return problem;
  }
  return '';
}

async function readTerms(
  db: Db,
  provider: Provider,
  followed: FollowedSubscription,
): Promise<Terms> {
  const found = await sql<Terms>`
    select s.min, s.max, p.cost as "unitCost",
      d.external_service_id as "externalServiceId"
    from deliveries d
    join subscriptions s on s.customer_id = d.customer_id and s.order_id = d.order_id
    left join provider_services p on p.provider_id = ${provider.id}
      and p.external_id = d.external_service_id
    where d.customer_id = ${followed.customerId} and d.order_id = ${followed.orderId}`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new Error('a followed subscription has its terms');
  return row;
}

/** The quantity that terms and charge leave no doubt about, or null. Pure. */
export function quantityOf(
  terms: Pick<Terms, 'min' | 'max' | 'unitCost'>,
  status: Pick<UpstreamStatus, 'charge'>,
): bigint | null {
  if (terms.min === terms.max) return BigInt(terms.min);
  if (terms.unitCost === null || terms.unitCost === 0n || status.charge === null) return null;
  if (!/^[0-9]{1,12}(?:\.[0-9]{1,8})?$/.test(status.charge)) return null;
  const charge: bigint = parseAmount(status.charge, 'charge');
  const thousandths = charge * 1_000n;
  const quantity = thousandths / terms.unitCost;
  const isExact = chargeFor(rate(terms.unitCost), quantity) === thousandths;
  const isInBounds = quantity >= BigInt(terms.min) && quantity <= BigInt(terms.max);
  return isExact && isInBounds ? quantity : null;
}

/** The post's order, charged, and its delivery as what it already is: accepted and under way. */
async function writePost(
  tx: Tx,
  input: {
    ctx: OrdersCtx;
    provider: Provider;
    followed: FollowedSubscription;
    post: { externalId: string; quantity: bigint; terms: Terms };
  },
): Promise<string> {
  const { ctx, provider, followed, post } = input;
  const at = ctx.clock.now();
  const { externalId, quantity, terms } = post;
  // Under the parent's lock: another poll of the same subscription may be taking it over too.
  await lockOrders(tx, [followed.orderId]);
  await lockExternalIds(tx, [provider.id]);
  if ((await findNewPosts(tx, provider, [externalId])).length === 0) return '';
  const recorded = await recordPost(tx, { ctx, at, parentId: followed.orderId, quantity });
  if (typeof recorded === 'string') return recorded;
  const { customerId } = followed;
  await sql`
    insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
      route_position, state, due_at, attempts, external_id, poll_seconds, created_at, accepted_at)
    select customer_id, ${recorded.orderId}, service_id, provider_id, external_service_id,
      route_position, 'following', ${at}, 1, ${externalId}, ${firstPollSeconds}, ${at}, ${at}
    from deliveries where customer_id = ${customerId} and order_id = ${followed.orderId}`.execute(
    tx,
  );
  await markDelivered(tx, { customerId, id: recorded.orderId });
  await sql`
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
      request_id, lease_until, external_id, reason, started_at, ended_at)
    values (${customerId}, ${recorded.orderId}, 1, ${provider.id}, ${terms.externalServiceId},
      'accepted', '', ${at}, ${externalId}, 'made by its subscription', ${at}, ${at})`.execute(tx);
  const detail = { post: externalId, quantity: String(quantity) };
  await writeDeliveryEvents(tx, [{ ...followed, kind: 'resolved', detail }], { actor, at });
  return '';
}
