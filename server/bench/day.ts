import { type Actor, type CustomerId, parseAmount, systemClock } from '../src/base/index.ts';
import { createKey, updateCustomer } from '../src/customers/index.ts';
import { addFunds } from '../src/payments/index.ts';
import type { OpenCall } from './open-load.ts';
import type { FilledPanel } from './panel.ts';
import {
  formBody,
  orderBody,
  randomOf,
  type SeededCustomer,
  seedCustomers,
  seedOrders,
  seedServices,
} from './seed.ts';

/** A customer's program, and the orders that it follows. */
type Caller = SeededCustomer & { orderIds: readonly number[] };

/** Something that can be asked for once, and by whom. */
type Once = { key: string; orderId: number };

/** What the customers of a panel do on a mixed day; the lists of `Once` grow shorter. */
export type Day = { callers: readonly Caller[]; refillable: Once[]; cancellable: Once[] };

/** How much there is on a panel. */
type DaySize = { orders: number; customers: number; services: number };

/** The panel that a large one is compared with. */
const smallDay: DaySize = { orders: 10_000, customers: 100, services: 2_000 };
/** Numbers as long as those of a large panel, which a list of orders has two hundred of. */
const firstOrder = 10_000_001;
const callersUsual = 100;
/** In one status call, as many as it may have: the newest of the caller's. */
const followed = 100;
const onceAskedMin = 150;
const onceAskedMax = 600;
const actor: Actor = { kind: 'system', name: 'bench' };

/** A panel with 10,000 orders of 100 customers, completed two days ago or running. */
export async function seedSmallDay(panel: FilledPanel, size = smallDay): Promise<void> {
  const customers = await seedCustomers(panel, size.customers);
  await seedServices(panel, size.services);
  await seedOrders(panel, customers, { count: size.orders, first: firstOrder });
  await panel.owner.sql`
    update orders set created_at = created_at - interval '3 days',
      completed_at = completed_at - interval '2 days'`;
  await panel.owner.sql.unsafe('vacuum analyze');
}

/**
 * Finds callers among a panel's customers, with 100 orders each at least, and orders that can be
 * refilled and cancelled; gives all of them keys and funds.
 */
export async function openDay(panel: FilledPanel, callersAsked = callersUsual): Promise<Day> {
  const { sql } = panel.owner;
  const following = await sql<{ customerId: CustomerId; orderIds: bigint[] }[]>`
    select c.id as "customerId", o.ids as "orderIds"
    from (select id from customers order by hashint4(id) limit 5000) c
    cross join lateral (
      select array_agg(id) as ids from (
        select id from orders where customer_id = c.id order by id desc limit ${followed}::int
      ) newest
    ) o
    where cardinality(o.ids) = ${followed}::int limit ${callersAsked}::int`;
  if (following.length < callersAsked) throw new Error('too few customers with 100 orders');
  const keys = new Map<number, string>();
  const keyOf = async (customerId: CustomerId): Promise<string> => {
    const key = keys.get(customerId) ?? (await letIn(panel, customerId));
    keys.set(customerId, key);
    return key;
  };
  const callers: Caller[] = [];
  for (const { customerId, orderIds } of following) {
    const key = await keyOf(customerId);
    callers.push({ customerId, key, orderIds: orderIds.map(Number) });
  }
  const once = async (found: readonly Found[]): Promise<Once[]> => {
    if (found.length < onceAskedMin) throw new Error('too few orders to refill or cancel');
    const asked: Once[] = [];
    for (const { customerId, id } of found) {
      asked.push({ key: await keyOf(customerId), orderId: Number(id) });
    }
    return asked;
  };
  const refillable = await once(await findRefillable(panel));
  return { callers, refillable, cancellable: await once(await findCancellable(panel)) };
}

/** Callers for orders alone, of a panel that has their customers already. */
export async function openCallers(panel: FilledPanel, count: number): Promise<SeededCustomer[]> {
  const found = await panel.owner.sql<{ id: CustomerId }[]>`
    select id from customers order by hashint4(id) limit ${count}::int`;
  const callers: SeededCustomer[] = [];
  for (const { id } of found) callers.push({ customerId: id, key: await letIn(panel, id) });
  return callers;
}

async function letIn(panel: FilledPanel, customerId: CustomerId): Promise<string> {
  const changes = { callsPerSecondMax: 1_000_000 };
  await updateCustomer(panel.app, actor, { customerId, changes });
  const amount = parseAmount('100000', 'funds');
  const reference = `day-${systemClock.now().getTime()}`;
  await addFunds(panel.app, actor, { customerId, amount, reference });
  return (await createKey(panel.app, actor, { customerId, name: 'bench' })).key;
}

type Found = { customerId: CustomerId; id: bigint };

/** Of the last orders, in time for a refill, some that had none. */
function findRefillable({ owner: { sql } }: FilledPanel): Promise<Found[]> {
  return sql<Found[]>`
    with known as (select min(id) as first, max(id) as last from orders)
    select o.customer_id as "customerId", o.id
    from (
      select distinct
        last - floor(random() * least(last - first, greatest(10000, (last - first) * 0.5)))::bigint
          as id
      from known, generate_series(1, 40000)
    ) s
    cross join lateral (select * from orders where id = s.id limit 1) o
    join services on services.id = o.service_id and refill
    where o.status = 'Completed' and kind = 'single' and parent_id is null
      and completed_at between now() - interval '25 days' and now() - interval '25 hours'
      and not exists (select from refills r
        where r.customer_id = o.customer_id and r.order_id = o.id)
    limit ${onceAskedMax}::int`;
}

function findCancellable({ owner: { sql } }: FilledPanel): Promise<Found[]> {
  return sql<Found[]>`
    select o.customer_id as "customerId", o.id
    from (select * from orders where status = 'Pending' order by id desc limit 5000) o
    join services on services.id = o.service_id and cancel
    where kind = 'single' and parent_id is null
      and not exists (select from cancels c
        where c.customer_id = o.customer_id and c.order_id = o.id)
    limit ${onceAskedMax}::int`;
}

/** What one of the others is: each as often as the rest. */
const others = ['balance', 'status', 'refill', 'cancel'] as const;

/**
 * Calls of a mixed day in a random order: 90% statuses of 100 orders, 5% orders, 4% lists of
 * services, 1% others.
 */
export function makeDayCalls(day: Day, count: number): OpenCall[] {
  return Array.from({ length: count }, (_, at) => {
    const share = Math.random() * 100;
    const { key, orderIds } = randomOf(day.callers);
    if (share < 90) {
      const body = formBody({ key, action: 'status', orders: orderIds.join(',') });
      return { kind: 'status100', prefix: '{"', body };
    }
    if (share < 95) return { kind: 'add', prefix: '{"order":', body: orderBody(key) };
    if (share < 99) {
      return { kind: 'services', prefix: '[{', body: formBody({ key, action: 'services' }) };
    }
    return makeOther(day, others[at % others.length]);
  });
}

function makeOther(day: Day, kind: (typeof others)[number] | undefined): OpenCall {
  const { key, orderIds } = randomOf(day.callers);
  if (kind === 'refill' || kind === 'cancel') {
    const asked = kind === 'refill' ? day.refillable.pop() : day.cancellable.pop();
    if (asked === undefined) throw new Error(`no order is left to ${kind}: measure for less long`);
    const body = formBody({ key: asked.key, action: kind, orders: asked.orderId });
    return { kind, prefix: `[{"order":${asked.orderId},"${kind}":`, body };
  }
  if (kind === 'status') {
    const body = formBody({ key, action: 'status', order: randomOf(orderIds) });
    return { kind, prefix: '{"charge":', body };
  }
  return { kind: 'balance', prefix: '{"balance":', body: formBody({ key, action: 'balance' }) };
}
