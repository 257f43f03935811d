import type { Actor } from '../src/base/index.ts';
import { addProvider } from '../src/providers/index.ts';
import type { Panel } from './panel.ts';
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

type Part = { from: number; to: number; count: number };

/**
 * Orders 1 to `count` of 500 customers over a year with their deliveries, attempts, refills and
 * cancellations, skewed as on a real panel: a few customers and services have most of them, one
 * link is ordered again and again, and nearly all are done.
 */
export async function seedLists(
  panel: Panel,
  count: number,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  await seedServices(panel, listServices);
  for (let number = 1; number <= listProviders; number += 1) {
    const name = `Upstream ${number}`;
    await addProvider(panel.app, actor, { name, url: 'http://127.0.0.1:9', key: 'bench-key' });
  }
  const { sql } = panel.owner;
  await sql`insert into customers (id, name, status, created_at)
    select n, 'Reseller ' || n, 'active', now() from generate_series(1, ${listCustomers}::int) n`;
  await sql`insert into wallets (customer_id) select id from customers`;
  const restore = await makeRoom(panel);
  for (let from = 1; from <= count; from += ordersPerStatement) {
    signal.throwIfAborted();
    const part = { from, to: Math.min(count, from + ordersPerStatement - 1), count };
    await seedOrders(panel, part);
    await seedDeliveries(panel, part);
    say(`${part.to} of ${count} orders`);
  }
  await seedParents(panel);
  await seedRequests(panel);
  await seedTransfers(panel);
  say('indexes …');
  await restore();
  await sql`select setval('order_ids', ${count}::int)`;
  await sql.unsafe('vacuum analyze');
}

/**
 * Takes off what makes millions of rows slow: all of them fit, and an index that is built once is
 * built a few times as fast.
 * @returns puts it back
 */
async function makeRoom({ owner: { sql } }: Panel): Promise<() => Promise<void>> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes i
    where tablename in ('orders', 'deliveries', 'attempts', 'transfers') and not exists (
      select from pg_constraint where conname = i.indexname)`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await sql.unsafe(`alter system set max_wal_size = '8GB'`);
  await sql.unsafe('select pg_reload_conf()');
  await sql.unsafe(`set maintenance_work_mem = '512MB'`);
  await sql.unsafe('set synchronous_commit = off');
  await sql.unsafe('set session_replication_role = replica');
  return async () => {
    for (const { definition } of indexes) await sql.unsafe(definition);
    await sql.unsafe('set session_replication_role = origin');
    await sql.unsafe('set synchronous_commit = on');
  };
}

/**
 * Every 500th order is a drip-feed or a subscription, and the 20 after it are its runs or posts; of
 * the posts' customer all are of order 1. All else is drawn by hashes of the number.
 */
async function seedOrders(panel: Panel, { from, to, count }: Part): Promise<void> {
  await panel.owner.sql`
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      refunded, start_count, remains, parent_id, run, created_at, updated_at, completed_at)
    select customer_id, n, service_id, 'Default', kind, status, link, q, q * 90000,
      case when status in ('Canceled', 'Partial') then remains * 90000 else 0 end,
      case when status <> 'Pending' then n end, remains, parent_id,
      case when parent_id is not null then n end, placed, placed,
      case when status in ('Completed', 'Partial', 'Canceled', 'Expired')
        then placed + interval '3 hours' end
    from (
      select n.n, n.customer_id, q, k.kind, k.parent_id, s.status,
        now() - (${count}::int - n.n) * (interval '365 days' / ${count}::int) as placed,
        1 + floor(${listServices}::int * power(service_share, 3))::int as service_id,
        case s.status when 'Completed' then 0 when 'Partial' then q / 3 when 'In progress'
          then q / 2 else q end as remains,
        case when luck % 50 = 7 then 'https://www.instagram.com/star' || n.customer_id || '/'
          else 'https://www.instagram.com/p/' || left(md5((n.n % 6000000)::text), 11) || '/' end
          as link
      from (
        select b.*, 50 + n % 9000 as q, (hashint8extended(n, 3) & 1023)::int as luck,
          (hashint8extended(base, 4) & 65535) / 65536.0 as service_share,
          case when share < 205 or n = base and n = 1 then 1 + (n = 1)::int
            when share < 236 then ${postsCustomer}::int
            when share < 570 then 3 + share % 9
            else 12 + (hashint8extended(base, 2) & 65535)::int % ${listCustomers - 12}::int end
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
        select case
          when kind <> 'single' then case when luck < 50 or n.n = 1 then 'Active'
            when luck < 100 and kind = 'subscription' then 'Expired'
            when luck < 100 then 'Partial' else 'Completed' end
          when ${count}::int - n.n < ${count}::int / 200 then
            (array['Pending', 'In progress', 'Processing', 'Completed'])[1 + luck % 4]
          when luck < 40 then 'Canceled' when luck < 90 then 'Partial'
          when luck = 90 and n.n % 30 = 0 then 'In progress' else 'Completed' end as status
      ) s
    ) o`;
}

/** One order in ten is delivered by staff; the few providers at the front have most of the rest. */
async function seedDeliveries(panel: Panel, { from, to }: Part): Promise<void> {
  const { sql } = panel.owner;
  await sql`
    insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
      route_position, state, due_at, attempts, external_id, seen, poll_seconds, created_at,
      accepted_at)
    select customer_id, id, service_id,
      1 + floor(${listProviders}::int * power((hashint8extended(id, 5) & 65535) / 65536.0, 2))::int,
      service_id::text, 1, case when completed_at is null then 'following' else 'done' end,
      case when completed_at is null then now() + interval '1 day' end, 1, (id + 7000000)::text,
      status || '|' || id || '|' || remains || '|||', 3600, created_at, created_at
    from orders
    where id between ${from}::int and ${to}::int and kind = 'single' and id % 10 <> 3`;
  await sql`
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
      request_id, lease_until, cost, external_id, raw, started_at, ended_at)
    select customer_id, order_id, 1, provider_id, external_service_id, 'accepted', '',
      created_at + interval '1 minute', 1000000000 + order_id % 1000, external_id,
      '{"order":' || external_id || '}', created_at, created_at + interval '1 second'
    from deliveries where order_id between ${from}::int and ${to}::int`;
}

async function seedParents({ owner: { sql } }: Panel): Promise<void> {
  await sql`
    insert into drip_feeds (customer_id, order_id, quantity_per_run, runs, runs_done,
      interval_minutes, next_run_at)
    select customer_id, id, 100, 50, case status when 'Active' then 20 else 50 end, 60,
      case status when 'Active' then now() + interval '1 day' end
    from orders where kind = 'drip_feed'`;
  await sql`
    insert into subscriptions (customer_id, order_id, username, min, max, delay_minutes, posts,
      posts_done)
    select customer_id, id, 'star', 50, 100, 0, 40, 20 from orders where kind = 'subscription'`;
}

/** One completed order in a hundred was refilled, one running order in ten is to be cancelled. */
async function seedRequests({ owner: { sql } }: Panel): Promise<void> {
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

/** The charges of the largest customer, whose statement is the longest. */
async function seedTransfers({ owner: { sql } }: Panel): Promise<void> {
  await sql`
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      order_id, created_at)
    select customer_id, row_number() over (order by id), 'wallet', 'sales', charge,
      1000000000000000 - sum(charge) over (order by id), 'order:' || id || ':charge', id,
      created_at
    from orders where customer_id = ${largestCustomer}::int and parent_id is null`;
}
