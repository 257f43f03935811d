import { sql } from 'kysely';
import { type Amount, AppError, type OrderId, type ServiceId } from '../base/index.ts';
import type { Db, Json, Schema } from '../db/index.ts';
import { canPause } from './list.ts';
import type { OrderKey } from './queries.ts';
import type { OrderStatus } from './rules.ts';

/** All that a customer may know of one order; nothing of who delivers it. Amounts in 10⁻⁸. */
export type OrderDetail = {
  id: OrderId;
  serviceId: ServiceId;
  /** The service's name now. */
  service: string;
  type: string;
  kind: Schema['orders']['kind'];
  status: OrderStatus;
  link: string;
  quantity: bigint;
  /** What was charged when it was placed, and what has come back of it since. */
  charge: Amount;
  refunded: Amount;
  startCount: bigint | null;
  remains: bigint;
  /** The type's own parameters, by name. */
  details: Json;
  parentId: OrderId | null;
  /** Which run or post of its parent it is. */
  run: number | null;
  createdAt: Date;
  updatedAt: Date;
  completedAt: Date | null;
  dripFeed: DripFeedDetail | null;
  subscription: SubscriptionDetail | null;
  /** Whether it can be paused while it is active. */
  canPause: boolean;
};

type DripFeedDetail = {
  quantityPerRun: string;
  runs: number;
  runsDone: number;
  intervalMinutes: number;
  nextRunAt: string | null;
};

type SubscriptionDetail = {
  min: number;
  max: number;
  delayMinutes: number;
  posts: number | null;
  postsDone: number;
  oldPosts: number;
  expiresAt: string | null;
};

/**
 * Reads one order of a customer.
 * @throws AppError `incorrect_order` for an unknown order or another customer's
 */
export async function readOrder(db: Db, key: OrderKey): Promise<OrderDetail> {
  const row = await db
    .selectFrom('orders as o')
    .innerJoin('services as s', 's.id', 'o.service_id')
    .select(['o.id', 'o.service_id as serviceId', 's.name as service', 'o.type', 'o.kind'])
    .select(['o.status', 'o.link', 'o.quantity', 'o.charge', 'o.refunded'])
    .select(['o.start_count as startCount', 'o.remains', 'o.details', 'o.parent_id as parentId'])
    .select(['o.run', 'o.created_at as createdAt', 'o.updated_at as updatedAt'])
    .select(['o.completed_at as completedAt', dripFeed, subscription, canPause])
    .where('o.customer_id', '=', key.customerId)
    .where('o.id', '=', key.orderId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('incorrect_order', `no order ${key.orderId}`);
  return row;
}

const dripFeed = sql<DripFeedDetail | null>`(
  select json_build_object('quantityPerRun', d.quantity_per_run::text, 'runs', d.runs,
    'runsDone', d.runs_done, 'intervalMinutes', d.interval_minutes, 'nextRunAt', d.next_run_at)
  from drip_feeds d where d.customer_id = o.customer_id and d.order_id = o.id)`.as('dripFeed');

const subscription = sql<SubscriptionDetail | null>`(
  select json_build_object('min', u.min, 'max', u.max, 'delayMinutes', u.delay_minutes,
    'posts', u.posts, 'postsDone', u.posts_done, 'oldPosts', u.old_posts,
    'expiresAt', u.expires_at)
  from subscriptions u where u.customer_id = o.customer_id and u.order_id = o.id
)`.as('subscription');
