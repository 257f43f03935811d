import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type CustomerId,
  chargeFor,
  minuteMs,
  type OrderId,
  reach,
  type ServiceId,
} from '../base/index.ts';
import {
  findOrderable,
  isLinkBlocked,
  type Route,
  rateFor,
  type Service,
} from '../catalog/index.ts';
import { readPriceTerms, requireStaff } from '../customers/index.ts';
import { claimDueRows, inTransaction, mayDispatch, type Tx } from '../db/index.ts';
import { lockWallets, planTransfer, writeTransfers } from '../ledger/index.ts';
import { doubtNewOrders, isOfTheLostTime } from './doubt.ts';
import { checkLink } from './fields.ts';
import { allocateOrderIds, insertOrders } from './insert.ts';
import { changeActivity, dropDuePosts, isRunByProvider } from './parents.ts';
import type { OrdersCtx } from './place.ts';
import { changeOrder, startWork, writeWork } from './settle.ts';
import { lockOrders, raiseVersions } from './settle-rows.ts';

const postsPerBatchMax = 100;
const expiriesPerBatchMax = 100;

/**
 * Announces a new post of a subscribed user. It is ordered after the subscription's delay, once,
 * however often it is announced.
 * @returns whether the post is new
 * @throws AppError `not_allowed` for a customer, `incorrect_order` when it is no running
 *   subscription, `bad_link`, `conflict` for a new post beyond the subscription's number of posts,
 *   or where the provider finds posts itself
 */
export async function announcePost(
  ctx: OrdersCtx,
  actor: Actor,
  input: { orderId: OrderId; link: string },
): Promise<boolean> {
  requireStaff(actor, 'orders');
  const link = checkLink(input.link.trim());
  if (isLinkBlocked(ctx.catalog.current(), link)) {
    throw new AppError('bad_link', 'the link of the post is on the block list');
  }
  const now = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const parent = (await lockOrders(tx, [input.orderId])).get(input.orderId);
    if (parent?.kind !== 'subscription' || !['Active', 'Paused'].includes(parent.status)) {
      throw new AppError('incorrect_order', `order ${input.orderId} is no running subscription`);
    }
    if (await isRunByProvider(tx, parent)) {
      const why = `the provider of order ${parent.id} finds its posts itself`;
      throw new AppError('conflict', `${why}; announced as well, one would be ordered twice`);
    }
    const terms = await readSubscription(tx, parent);
    const { count, isKnown } = await tx
      .selectFrom('subscription_posts')
      .select((eb) => eb.fn.countAll<bigint>().as('count'))
      .select(sql<boolean>`coalesce(bool_or(link = ${link}), false)`.as('isKnown'))
      .where('customer_id', '=', parent.customerId)
      .where('order_id', '=', parent.id)
      .executeTakeFirstOrThrow();
    if (isKnown) return false;
    const postsMax = postsMaxOf(terms);
    if (postsMax !== null && count >= BigInt(postsMax)) {
      throw new AppError('conflict', `all ${postsMax} posts of this subscription are known`);
    }
    // The parent's lock makes announcements take turns.
    await tx
      .insertInto('subscription_posts')
      .values({
        customer_id: parent.customerId,
        order_id: parent.id,
        number: Number(count) + 1,
        link,
        quantity: BigInt(randomInt(terms.min, terms.max + 1)),
        announced_at: now,
        due_at: new Date(now.getTime() + terms.delay_minutes * minuteMs),
      })
      .execute();
    return true;
  });
}

/**
 * Orders the announced posts that are due, each charged at today's price in a transaction of its
 * own. Too little balance, a suspended customer, or a service no longer on sale pauses the
 * subscription; its post stays due.
 * @returns how many due posts were looked at
 */
export async function createDuePosts(ctx: OrdersCtx): Promise<number> {
  for (let done = 0; ; done += 1) {
    if (done === postsPerBatchMax || !(await createDuePost(ctx))) return done;
  }
}

/** Ends subscriptions whose last day has passed. @returns how many ended */
export async function expireSubscriptions(ctx: OrdersCtx): Promise<number> {
  const at = ctx.clock.now();
  const actor: Actor = { kind: 'system', name: 'subscriptions' };
  const due = await ctx.db
    .selectFrom('subscriptions as s')
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 's.customer_id').onRef('o.id', '=', 's.order_id'),
    )
    .select('s.order_id as orderId')
    .where('s.expires_at', '<=', at)
    .where('o.status', 'in', ['Active', 'Paused'])
    // One that a provider keeps ends when the provider says so, with its last posts.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries as d')
            .whereRef('d.customer_id', '=', 's.customer_id')
            .whereRef('d.order_id', '=', 's.order_id')
            .where('d.state', '<>', 'done')
            .select('d.order_id'),
        ),
      ),
    )
    .orderBy('s.expires_at')
    .limit(expiriesPerBatchMax)
    .execute();
  for (const { orderId } of due) {
    await inTransaction(ctx.db, async (tx) => {
      const orders = await lockOrders(tx, [orderId]);
      const parent = orders.get(orderId);
      if (parent === undefined || !['Active', 'Paused'].includes(parent.status)) return;
      await dropDuePosts(tx, parent);
      const work = startWork(actor, at, orders);
      changeOrder(work, parent, { next: { ...parent, status: 'Expired' } });
      await writeWork(tx, work);
    });
  }
  return due.length;
}

type DuePost = {
  customerId: CustomerId;
  orderId: OrderId;
  serviceId: ServiceId;
  number: number;
  link: string;
  quantity: bigint;
  /** Since when a panel that this one was restored from may have ordered it. */
  doubtedSince?: Date | null;
};

/** @returns whether there was a due post to look at */
async function createDuePost(ctx: OrdersCtx): Promise<boolean> {
  const at = ctx.clock.now();
  const actor: Actor = { kind: 'system', name: 'subscriptions' };
  return inTransaction(ctx.db, async (tx) => {
    const post = await claimDuePost(tx, at);
    if (post === undefined) return false;
    const orders = await lockOrders(tx, [post.orderId]);
    const parent = orders.get(post.orderId);
    const service = findOrderable(ctx.catalog.current(), post.serviceId);
    if (parent === undefined) return false;
    // Under another type the rate has another meaning, and the post would be another kind of order.
    const problem =
      service?.type !== 'Subscriptions'
        ? 'the service is not on sale'
        : problemIn(
            await orderPost(tx, { ctx, post, service, at, route: service.routes[0] ?? null }),
          );
    if (problem !== null) {
      await changeActivity(tx, { actor, at, order: parent, isPaused: true, note: problem });
      return true;
    }
    const terms = await readSubscription(tx, parent);
    const postsMax = postsMaxOf(terms);
    if (postsMax !== null && terms.posts_done >= postsMax) {
      const work = startWork(actor, at, orders);
      changeOrder(work, parent, { next: { ...parent, status: 'Completed' } });
      await writeWork(tx, work);
    }
    await reach('post.before_commit');
    return true;
  });
}

const isMoving = sql<boolean>`not exists (select from wallets w
  where w.customer_id = p.customer_id and w.stopped_at is not null)`;
const lostTime = { dueAt: sql`p.due_at`, madeAt: sql`p.announced_at` };

async function claimDuePost(tx: Tx, now: Date): Promise<DuePost | undefined> {
  const due = sql`from subscription_posts p
    join orders o on o.customer_id = p.customer_id and o.id = p.order_id
    where p.due_at <= ${now}::timestamptz and o.status = 'Active' and ${mayDispatch}
      and ${isMoving}`;
  const query = { due, customerId: 'p.customer_id', limit: 1 };
  const [post] = await claimDueRows(tx, query, (only) => claimPosts(tx, now, only));
  return post;
}

function claimPosts(tx: Tx, now: Date, only: CustomerId | undefined): Promise<DuePost[]> {
  return (
    tx
      .selectFrom('subscription_posts as p')
      .innerJoin('orders as o', (join) =>
        join.onRef('o.customer_id', '=', 'p.customer_id').onRef('o.id', '=', 'p.order_id'),
      )
      .select(['p.customer_id as customerId', 'p.order_id as orderId', 'p.number', 'p.link'])
      .select(['p.quantity', 'o.service_id as serviceId'])
      .select(
        sql<Date | null>`case when ${isOfTheLostTime(lostTime)} then p.due_at end`.as(
          'doubtedSince',
        ),
      )
      .where('p.due_at', '<=', now)
      .where('o.status', '=', 'Active')
      .where(mayDispatch)
      // They wait as they are: a pause would have to be ended by hand.
      .where(isMoving)
      .$if(only !== undefined, (query) => query.where('p.customer_id', '=', only as CustomerId))
      .orderBy('p.due_at')
      .orderBy('p.number')
      .limit(1)
      // The subscription first: of one that others hold no post is kept from them.
      .forUpdate(['o', 'p'])
      .skipLocked()
      .execute()
  );
}

function problemIn(ordered: { orderId: OrderId } | string): string | null {
  return typeof ordered === 'string' ? ordered : null;
}

/**
 * Takes over a post that a provider has delivered to by itself: its order is created and charged at
 * today's price, and its delivery is the caller's to write. The protocol names no post, so its link
 * is the user and which post it is; the provider's own number is not for customers.
 * @returns the post's order, or why it could not be charged; nothing is written then
 */
export async function recordPost(
  tx: Tx,
  input: { ctx: OrdersCtx; at: Date; parentId: OrderId; quantity: bigint },
): Promise<{ orderId: OrderId } | string> {
  const { ctx, at, parentId, quantity } = input;
  const parent = (await lockOrders(tx, [parentId])).get(parentId);
  if (parent === undefined || parent.completedAt !== null) return 'the subscription is over';
  if (parent.status === 'Paused') return 'the subscription is paused';
  const { customerId } = parent;
  const { count, serviceId } = await tx
    .selectFrom('orders as o')
    .select('o.service_id as serviceId')
    .select((eb) =>
      eb
        .selectFrom('subscription_posts as p')
        .whereRef('p.customer_id', '=', 'o.customer_id')
        .whereRef('p.order_id', '=', 'o.id')
        .select((inner) => inner.fn.countAll<bigint>().as('count'))
        .as('count'),
    )
    .where('o.customer_id', '=', customerId)
    .where('o.id', '=', parentId)
    .executeTakeFirstOrThrow();
  const service = ctx.catalog.current().services.get(serviceId);
  if (service?.type !== 'Subscriptions') return 'the service is no subscription any more';
  const terms = await readSubscription(tx, parent);
  const postsMax = postsMaxOf(terms);
  if (postsMax !== null && (count ?? 0n) >= BigInt(postsMax)) {
    return `it has more than ${postsMax} posts`;
  }
  const number = Number(count) + 1;
  const link = `${terms.username}#${number}`;
  const post = { customerId, orderId: parentId, serviceId, number, link, quantity };
  const row = { customer_id: customerId, order_id: parentId, number, link, quantity };
  await tx
    .insertInto('subscription_posts')
    .values({ ...row, announced_at: at, due_at: at })
    .execute();
  const ordered = await orderPost(tx, { ctx, post, service, at, route: null });
  if (typeof ordered !== 'string') return ordered;
  await tx
    .deleteFrom('subscription_posts')
    .where('customer_id', '=', customerId)
    .where('order_id', '=', parentId)
    .where('number', '=', number)
    .execute();
  return ordered;
}

/** Ends a subscription as its provider has ended it. */
export async function endSubscription(
  tx: Tx,
  input: {
    actor: Actor;
    at: Date;
    orderId: OrderId;
    status: 'Completed' | 'Canceled' | 'Expired';
  },
): Promise<void> {
  const orders = await lockOrders(tx, [input.orderId]);
  const parent = orders.get(input.orderId);
  if (parent?.kind !== 'subscription' || parent.completedAt !== null) return;
  await dropDuePosts(tx, parent);
  const work = startWork(input.actor, input.at, orders);
  changeOrder(work, parent, { next: { ...parent, status: input.status } });
  await writeWork(tx, work);
}

/** Charges and creates a post's order; answers its number, or why not. */
async function orderPost(
  tx: Tx,
  input: { ctx: OrdersCtx; post: DuePost; service: Service; at: Date; route: Route | null },
): Promise<{ orderId: OrderId } | string> {
  const { post, service, at, route } = input;
  const { customerId } = post;
  // The subscription may end or pause with it: settlements lock this before the wallet.
  await raiseVersions(tx, [customerId]);
  const wallet = (await lockWallets(tx, [customerId])).get(customerId);
  if (wallet === undefined) return 'the customer has no wallet';
  if (wallet.isStopped) return 'the money of the customer is stopped';
  const customer = await readPriceTerms(tx, customerId);
  if (customer.status === 'suspended') return 'the customer is suspended';
  const charge = chargeFor(rateFor(service, customer), post.quantity);
  const [id] = await allocateOrderIds(tx, 1);
  if (id === undefined) return 'no order number';
  if (charge > 0n) {
    const reference = `order:${id}:charge`;
    const planned = planTransfer(wallet, {
      debit: 'wallet',
      credit: 'sales',
      amount: charge,
      reference,
      orderId: id,
    });
    if (planned === undefined) return 'the balance is too low';
    await writeTransfers(tx, { wallets: [planned.wallet], transfers: [planned.transfer], at });
    await reach('post.after_debit');
  }
  const draft = {
    customerId,
    serviceId: service.id,
    type: service.type,
    kind: 'single' as const,
    link: post.link,
    quantity: post.quantity,
    charge,
    details: {},
    dripFeed: null,
    subscription: null,
    denyDuplicates: false,
    route,
    request: null,
  };
  await insertOrders(tx, [{ id, draft, parentId: post.orderId, run: post.number }], at);
  const { doubtedSince: dueAt } = post;
  if (dueAt) await doubtNewOrders(tx, [{ customerId, id, dueAt }], at);
  await tx
    .updateTable('subscription_posts')
    .set({ due_at: null, child_id: id })
    .where('customer_id', '=', customerId)
    .where('order_id', '=', post.orderId)
    .where('number', '=', post.number)
    .execute();
  await tx
    .updateTable('subscriptions')
    .set((eb) => ({ posts_done: eb('posts_done', '+', 1) }))
    .where('customer_id', '=', customerId)
    .where('order_id', '=', post.orderId)
    .execute();
  return { orderId: id };
}

/** How many posts it has at most: new ones, and the existing ones besides. Null: without an end. */
function postsMaxOf(terms: { posts: number | null; old_posts: number }): number | null {
  return terms.posts === null ? null : terms.posts + terms.old_posts;
}

function readSubscription(tx: Tx, parent: { customerId: CustomerId; id: OrderId }) {
  return tx
    .selectFrom('subscriptions')
    .selectAll()
    .where('customer_id', '=', parent.customerId)
    .where('order_id', '=', parent.id)
    .executeTakeFirstOrThrow();
}
