import type { Actor } from '../src/base/index.ts';
import { addProvider } from '../src/providers/index.ts';
import { openBooks, seedMovements, seedParentEvents } from './book-seed.ts';
import type { FilledPanel } from './panel.ts';
import { seedServices } from './seed.ts';

/** One has a fifth of all orders, one nothing but posts, nine a third, and the others the rest. */
const listCustomers = 500;
export const largestCustomer = 1;
export const postsCustomer = 2;
export const smallCustomer = 300;
export const listServices = 2_000;
const listProviders = 20;

const ordersPerStatement = 500_000;
const actor: Actor = { kind: 'system', name: 'bench' };

/** How large the panel is to be. */
export type ListSize = { orders: number; customers?: number };

type Part = { from: number; to: number; count: number; customers: number };

/**
 * Orders over a year with their transfers, deliveries, attempts, refills and cancellations, skewed
 * as on a real panel: a few customers and services have most of them, one link is ordered again and
 * again, and nearly all are done, each with the event of its end. Every order is paid for by a
 * deposit of its own, so there are two transfers per order, and the refunds. The books hold.
 */
export async function seedLists(
  panel: FilledPanel,
  { orders: count, customers = listCustomers }: ListSize,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  await seedServices(panel, listServices);
  for (let number = 1; number <= listProviders; number += 1) {
    const name = `Upstream ${number}`;
    await addProvider(panel.app, actor, { name, url: 'http://127.0.0.1:9', key: 'bench-key' });
  }
  const { sql } = panel.owner;
  await sql`insert into customers (id, name, status, created_at)
    select n, 'Reseller ' || n, 'active', now() - interval '366 days'
    from generate_series(1, ${customers}::int) n`;
  await sql`select setval(pg_get_serial_sequence('customers', 'id'), ${customers}::int)`;
  const restore = await makeRoom(panel);
  await openBooks(panel);
  for (let from = 1; from <= count; from += ordersPerStatement) {
    signal.throwIfAborted();
    const to = Math.min(count, from + ordersPerStatement - 1);
    const part = { from, to, count, customers };
    await seedOrders(panel, part);
    await seedMovements(panel, part);
    await seedDeliveries(panel, part);
    say(`${part.to} of ${count} orders`);
  }
  // Else orders may be looked for among all of their customer's, of whom one has a fifth of them.
  await sql`set enable_nestloop = off`;
  await seedParents(panel);
  await sql`reset enable_nestloop`;
  await seedParentEvents(panel);
  await seedRequests(panel);
  say('indexes …');
  await restore();
  await sql`select setval('order_ids', ${count}::int)`;
  await sql.unsafe('vacuum analyze');
}

/**
 * Takes off what makes millions of rows slow: all of them fit, and an index that is built once is
 * built a few times as fast. By their number, orders are found again while they are filled in.
 * @returns puts it back
 */
async function makeRoom({ owner: { sql } }: FilledPanel): Promise<() => Promise<void>> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname as name,
      -- Its months' indexes went with it, and come back with it.
      replace(indexdef, ' ON ONLY ', ' ON ') as definition
    from pg_indexes i
    where tablename in ('orders', 'deliveries', 'attempts', 'transfers', 'order_events')
      and indexname <> 'orders_id'
      and not exists (select from pg_constraint where conname = i.indexname)`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  // Nothing refers to a transfer or an event.
  const keys = await sql<{ of: string; name: string; definition: string }[]>`
    select conrelid::regclass::text as of, conname as name,
      pg_get_constraintdef(oid) as definition
    from pg_constraint
    where conrelid in ('transfers'::regclass, 'order_events'::regclass) and contype in ('p', 'u')`;
  for (const { of, name } of keys) await sql.unsafe(`alter table ${of} drop constraint ${name}`);
  await sql.unsafe(`set maintenance_work_mem = '512MB'`);
  await sql.unsafe(`set work_mem = '256MB'`);
  await sql.unsafe('set synchronous_commit = off');
  await sql.unsafe('set session_replication_role = replica');
  return async () => {
    for (const { definition } of indexes) await sql.unsafe(definition);
    for (const { of, name, definition } of keys) {
      await sql.unsafe(`alter table ${of} add constraint ${name} ${definition}`);
    }
    await sql.unsafe('set session_replication_role = origin');
    await sql.unsafe('set synchronous_commit = on');
  };
}

/**
 * Every 500th order is a drip-feed or a subscription, and the 20 after it are its runs or posts; of
 * the posts' customer all are of order 1. All else is drawn by hashes of the number. A drip-feed
 * has 20 runs, or goes on after them; what it came to is added up when its runs are there.
 */
async function seedOrders(panel: FilledPanel, { from, to, count, customers }: Part): Promise<void> {
  const { sql } = panel.owner;
  const changed = sql`least(placed + interval '3 hours', now())`;
  await sql`
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      refunded, start_count, remains, parent_id, run, revision, created_at, updated_at,
      completed_at, has_delivery)
    select customer_id, n, service_id, 'Default', kind, status, link, q, q * 90000,
      case when status in ('Canceled', 'Partial') then remains * 90000 else 0 end,
      case when status <> 'Pending' and kind = 'single' then n end, remains, parent_id,
      case when parent_id is not null then n end, (status not in ('Pending', 'Active'))::int,
      placed, case when status in ('Pending', 'Active') then placed else ${changed} end,
      case when status in ('Completed', 'Partial', 'Canceled', 'Expired') then ${changed} end,
      kind = 'single' and n % 10 <> 3
    from (
      select n.n, n.customer_id, q.q, k.kind, k.parent_id, s.status,
        now() - (${count}::int - n.n) * (interval '365 days' / ${count}::int) as placed,
        1 + floor(${listServices}::int * power(service_share, 3))::int as service_id,
        case s.status when 'Completed' then 0 when 'Partial' then q.q / 3 when 'In progress'
          then q.q / 2 else q.q end as remains,
        case when luck % 50 = 7 and k.parent_id is null
            then 'https://www.instagram.com/star' || n.customer_id || '/'
          else 'https://www.instagram.com/p/' || left(md5((case when k.parent_id is null
            then n.n % 6000000 else n.n end)::text), 11) || '/' end as link
      from (
        select b.*, (hashint8extended(n, 3) & 1023)::int as luck,
          (hashint8extended(base, 4) & 65535) / 65536.0 as service_share,
          case when share < 205 or n = base and n = 1 then 1 + (n = 1)::int
            when share < 236 then ${postsCustomer}::int
            when share < 570 then 3 + share % 9
            else 12 + (hashint8extended(base, 2) & 2147483647)::int % ${customers - 12}::int end
            as customer_id
        from (
          select n, case when n > 500 and n % 500 between 1 and 20 then n - n % 500 else n end
              as base,
            (hashint8extended(case when n > 500 and n % 500 between 1 and 20 then n - n % 500
              else n end, 1) & 1023)::int as share
          from generate_series(${from}::int, ${to}::int) n
        ) b
      ) n
      cross join lateral (
        select case when n.n = 1 then 'subscription' when n.customer_id = ${postsCustomer}::int
            or n.n % 500 <> 0 then 'single' when n.n % 1000 = 0 then 'drip_feed'
            else 'subscription' end as kind,
          case when n.n = 1 then null when n.customer_id = ${postsCustomer}::int then 1
            when base <> n.n then base end as parent_id
      ) k
      cross join lateral (
        select case when kind = 'subscription' then 0
          when kind = 'drip_feed' then 100 * case when luck < 100
            or n.n + 20 > ${count}::int then 50 else 20 end
          when parent_id % 1000 = 0 then 100 else 50 + n.n % 9000 end as q
      ) q
      cross join lateral (
        select case
          when kind = 'drip_feed' or n.n = 1 then 'Active'
          when kind = 'subscription' then case when luck < 50 then 'Active'
            when luck < 100 then 'Expired' else 'Completed' end
          when ${count}::int - n.n < ${count}::int / 200 then
            (array['Pending', 'In progress', 'Processing', 'Completed'])[1 + luck % 4]
          when luck < 40 then 'Canceled' when luck < 90 then 'Partial'
          when luck = 90 and n.n % 30 = 0 then 'In progress' else 'Completed' end as status
      ) s
    ) o`;
}

/** One order in ten is delivered by staff; the few providers at the front have most of the rest. */
async function seedDeliveries(panel: FilledPanel, { from, to }: Part): Promise<void> {
  await panel.owner.sql`
    with delivered as (
      insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
        route_position, state, due_at, attempts, external_id, seen, poll_seconds, created_at,
        accepted_at)
      select customer_id, id, service_id,
        1 + floor(${listProviders}::int
          * power((hashint8extended(id, 5) & 65535) / 65536.0, 2))::int,
        service_id::text, 1, case when completed_at is null then 'following' else 'done' end,
        case when completed_at is null then now() + interval '1 day' end, 1,
        (id + 7000000)::text, status || '|' || id || '|' || remains || '|||', 3600, created_at,
        created_at
      from orders
      where id between ${from}::int and ${to}::int and has_delivery
      returning *
    )
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
      request_id, lease_until, cost, external_id, raw, started_at, ended_at)
    select customer_id, order_id, 1, provider_id, external_service_id, 'accepted', '',
      created_at + interval '1 minute', 1000000000 + order_id % 1000, external_id,
      '{"order":' || external_id || '}', created_at, created_at + interval '1 second'
    from delivered`;
}

/** What drip-feeds and subscriptions came to, by the runs and posts that are there. */
async function seedParents({ owner: { sql } }: FilledPanel): Promise<void> {
  await sql`create temporary table run_sums as
    select customer_id, parent_id, count(*)::int as done, sum(remains)::bigint as remains,
      sum(refunded)::bigint as refunded, max(completed_at) as ended_at,
      bool_and(completed_at is not null) as has_ended
    from orders where parent_id is not null group by customer_id, parent_id`;
  await sql`
    insert into drip_feeds (customer_id, order_id, quantity_per_run, runs, runs_done,
      interval_minutes, next_run_at)
    select o.customer_id, o.id, 100, o.quantity / 100, coalesce(s.done, 0), 60,
      case when o.quantity / 100 > coalesce(s.done, 0) then now() + interval '1 day' end
    from orders o
    left join run_sums s on s.customer_id = o.customer_id and s.parent_id = o.id
    where o.kind = 'drip_feed'`;
  await sql`
    update orders o set remains = o.quantity - 100 * s.done + s.remains, refunded = s.refunded,
      revision = (s.is_over or s.refunded > 0)::int,
      updated_at = coalesce(s.ended_at, o.updated_at),
      status = case when not s.is_over then 'Active' when s.remains > 0 then 'Partial'
        else 'Completed' end,
      completed_at = case when s.is_over then s.ended_at end
    from (
      select s.*, s.has_ended and 100 * s.done = p.quantity as is_over
      from run_sums s join orders p on p.customer_id = s.customer_id and p.id = s.parent_id
    ) s
    where o.kind = 'drip_feed' and o.customer_id = s.customer_id and o.id = s.parent_id`;
  await sql`
    insert into subscriptions (customer_id, order_id, username, min, max, delay_minutes, posts,
      posts_done)
    select o.customer_id, o.id, 'star', 50, 10000, 0, case when o.id > 1 then 40 end,
      coalesce(s.done, 0)
    from orders o
    left join run_sums s on s.customer_id = o.customer_id and s.parent_id = o.id
    where o.kind = 'subscription'`;
  await sql`
    insert into subscription_posts (customer_id, order_id, number, link, quantity, announced_at,
      child_id)
    select o.customer_id, o.parent_id,
      row_number() over (partition by o.customer_id, o.parent_id order by o.id), o.link,
      o.quantity, o.created_at, o.id
    from orders o
    join subscriptions s on s.customer_id = o.customer_id and s.order_id = o.parent_id`;
}

/** One completed order in a hundred was refilled, one running order in ten is to be cancelled. */
async function seedRequests({ owner: { sql } }: FilledPanel): Promise<void> {
  await sql`
    insert into refills (customer_id, id, order_id, status, requested_at, updated_at, delivery)
    select customer_id, row_number() over (order by id), id,
      case when id % 1000 = 1 then 'Pending' when id % 2000 = 101 then 'Rejected'
        else 'Completed' end,
      completed_at + interval '2 days', completed_at + interval '3 days',
      case when id % 1000 = 1 then 'manual' else 'done' end
    from orders where status = 'Completed' and kind = 'single' and id % 100 = 1`;
  await sql`select setval('refill_ids', (select max(id) from refills))`;
  await sql`
    insert into cancels (customer_id, order_id, state, requested_at, decided_at, delivery)
    select customer_id, id, case when completed_at is null then 'requested' else 'accepted' end,
      created_at + interval '1 hour', completed_at,
      case when completed_at is null then 'manual' else 'done' end
    from orders
    where kind = 'single' and (completed_at is null and id % 10 = 1 or status = 'Canceled')`;
}
