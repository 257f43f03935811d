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
import { costsNothing, firstPollSeconds } from './rules.ts';

/** A subscription that its provider keeps, and what the provider says of it. */
export type FollowedSubscription = {
  customerId: CustomerId;
  orderId: OrderId;
  status: UpstreamStatus;
};

/** What came of following a subscription. */
type Outcome = {
  /** What staff should look at; empty when everything was taken over. */
  problem: string;
  /** Whether all that it has made was looked at; the rest has its turn the next time. */
  isWhole: boolean;
};

type Terms = {
  min: number;
  max: number;
  /** Per 1000, in 10⁻⁸ of the provider's currency; null while it isn't known. */
  unitCost: bigint | null;
  externalServiceId: string;
};

const postsPerCallMax = 100;
/** Of a round in which nothing can be taken over: others have their turn at the provider, too. */
const callsPerRoundMax = 10;
const actor: Actor = { kind: 'system', name: 'poller' };

/**
 * Takes over what a provider's subscription has made: each of its orders becomes a post of ours,
 * charged, and followed like any other; a subscription that ended there ends here, once all that it
 * made is taken over. The protocol says no quantity, so it is the one that `min` and `max` leave no
 * choice about, or follows from what the provider charged.
 */
export async function followSubscription(
  ctx: ProvidersCtx & OrdersCtx,
  provider: Provider,
  followed: FollowedSubscription,
): Promise<Outcome> {
  const { status } = followed;
  if (!status.status.known) return told(`unknown status "${status.status.word}"`);
  const fresh = await findNewPosts(ctx.db, provider, { followed, ids: status.orders ?? [] });
  const { problem, isWhole } = await takeOver(ctx, provider, { followed, fresh });
  if (problem !== '' || !isWhole) return { problem, isWhole };
  const { word } = status.status;
  if (word === 'Failed' || word === 'Partial' || word === 'Refunded') {
    return told(`${word} is no status of a subscription`);
  }
  if (word === 'Completed' || word === 'Canceled' || word === 'Expired') {
    const at = ctx.clock.now();
    const { orderId } = followed;
    await inTransaction(ctx.db, (tx) => endSubscription(tx, { actor, at, orderId, status: word }));
  }
  return told('');
}

function told(problem: string): Outcome {
  return { problem, isWhole: true };
}

/** Of some ids of its orders, those that are neither taken over nor known to cost nothing. */
async function findNewPosts(
  db: Db,
  provider: Provider,
  input: { followed: FollowedSubscription; ids: readonly string[] },
): Promise<string[]> {
  const { followed, ids } = input;
  if (ids.length === 0) return [];
  const taken = await readBoundIds(db, provider.id, ids);
  const free = await sql<{ id: string }>`
    select detail ->> 'post' as id from delivery_events
    where customer_id = ${followed.customerId} and order_id = ${followed.orderId}
      and kind = 'resolved' and detail ->> 'quantity' = '0'`.execute(db);
  for (const { id } of free.rows) taken.add(id);
  return ids.filter((id) => !taken.has(id));
}

/** One post that can't be taken over holds up no other; of those that can some are, a round. */
async function takeOver(
  ctx: ProvidersCtx & OrdersCtx,
  provider: Provider,
  input: { followed: FollowedSubscription; fresh: readonly string[] },
): Promise<Outcome> {
  const { followed, fresh } = input;
  if (fresh.length === 0) return told('');
  const terms = await readTerms(ctx.db, provider, followed);
  let problem = '';
  const roundMax = postsPerCallMax * callsPerRoundMax;
  for (let at = 0; at < fresh.length; at += postsPerCallMax) {
    if (at === roundMax) return { problem, isWhole: false };
    const some = fresh.slice(at, at + postsPerCallMax);
    const problems = await takeOverSome(ctx, provider, { followed, terms, some });
    problem ||= problems.find((one) => one !== '') ?? '';
    const isLast = at + postsPerCallMax >= fresh.length;
    if (!isLast && problems.includes('')) return { problem, isWhole: false };
  }
  return told(problem);
}

/** @returns of each post why it could not be taken over; empty: it was */
async function takeOverSome(
  ctx: ProvidersCtx & OrdersCtx,
  provider: Provider,
  input: { followed: FollowedSubscription; terms: Terms; some: readonly string[] },
): Promise<string[]> {
  const { followed, terms, some } = input;
  await awaitCall(ctx, provider.id);
  const { answers } = await ctx.upstreams.open(provider).statuses(some);
  const problems: string[] = [];
  for (const [externalId, answer] of answers) {
    const quantity = answer.ok ? quantityOf(terms, answer.value) : null;
    if (!answer.ok) problems.push(`its order ${externalId} says no status`);
    else if (quantity === null) {
      problems.push(`how much its order ${externalId} delivers is not said`);
    } else {
      const post = { externalId, quantity, terms };
      problems.push(
        await inTransaction(ctx.db, (tx) => writePost(tx, { ctx, provider, followed, post })),
      );
    }
  }
  return problems;
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

/** The quantity that terms and status leave no doubt about, or null; 0: it costs nothing. Pure. */
export function quantityOf(
  terms: Pick<Terms, 'min' | 'max' | 'unitCost'>,
  said: Pick<UpstreamStatus, 'status' | 'charge' | 'remains'>,
): bigint | null {
  const { word } = said.status;
  if ((word === 'Canceled' || word === 'Refunded') && costsNothing(said.charge)) return 0n;
  if (terms.min === terms.max) return BigInt(terms.min);
  const undelivered = unchargedOf(said);
  if (terms.unitCost === null || terms.unitCost === 0n || said.charge === null) return null;
  if (undelivered === null || !/^[0-9]{1,12}(?:\.[0-9]{1,8})?$/.test(said.charge)) return null;
  const charge: bigint = parseAmount(said.charge, 'charge');
  const thousandths = charge * 1_000n;
  const charged = thousandths / terms.unitCost;
  const isExact = chargeFor(rate(terms.unitCost), charged) === thousandths;
  const quantity = charged + undelivered;
  const isInBounds = quantity >= BigInt(terms.min) && quantity <= BigInt(terms.max);
  return isExact && isInBounds ? quantity : null;
}

/**
 * What of an order's quantity its charge does not pay for: that of a partial one is what was kept,
 * as the protocol has it. Null where the status does not say what the charge is for. One that was
 * cancelled with a charge is taken over with that, and then seen to by itself.
 */
function unchargedOf(said: Pick<UpstreamStatus, 'status' | 'remains'>): bigint | null {
  switch (said.status.word) {
    case 'Pending':
    case 'In progress':
    case 'Processing':
    case 'Completed':
    case 'Canceled':
    case 'Refunded':
      return 0n;
    case 'Partial':
      return said.remains === null || said.remains < 0 ? null : BigInt(said.remains);
    default:
      return null;
  }
}

/**
 * The post's order, charged, and its delivery as what it already is: accepted and under way. Of one
 * that costs nothing it is noted alone, so that it is not asked for again.
 */
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
  const isNew = (await findNewPosts(tx, provider, { followed, ids: [externalId] })).length > 0;
  if (!isNew) return '';
  const detail = { post: externalId, quantity: String(quantity) };
  const tell = () =>
    writeDeliveryEvents(tx, [{ ...followed, kind: 'resolved', detail }], { actor, at });
  if (quantity === 0n) {
    await tell();
    return '';
  }
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
  await tell();
  return '';
}
