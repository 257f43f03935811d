import { sql } from 'kysely';

/**
 * What checks look something up in by key, beside the rows that they look at: all there is, which
 * the planner reads as the tables themselves.
 */
export const allKnown = sql`
  known_wallets as not materialized (select * from public.wallets),
  known_transfers as not materialized (select * from public.transfers),
  known_orders as not materialized (select * from public.orders)`;

/**
 * The same for a part of the rows in a cluster, which looks up nothing by key from beside what it
 * has read: it is read before, by all keys that are asked for. Whatever else a check reads of
 * customers' tables is read as well, and so a check itself is the coordinator's work alone.
 */
export const knownOfPart = sql`
  known_wallets as materialized (
    select w.* from (
      select customer_id from transfers union select customer_id from wallets
    ) k join public.wallets w using (customer_id)),
  known_transfers as materialized (
    select t.* from (
      select customer_id, number - 1 as number from transfers
      union select customer_id, transfer_count from wallets
      union select customer_id, transfer_count + 1 from wallets
    ) k join public.transfers t using (customer_id, number)),
  known_orders as materialized (
    select o.* from (
      select customer_id, id from orders
      union select customer_id, parent_id from orders where parent_id is not null
      union select customer_id, order_id from transfers where order_id is not null
    ) k join public.orders o using (customer_id, id)
    union
    select c.* from orders p
    join public.orders c on c.customer_id = p.customer_id and c.parent_id = p.id
    where p.kind <> 'single'),
  credit_limits as materialized (
    select l.* from (select distinct customer_id from transfers) k
    join public.credit_limits l using (customer_id)),
  subscription_posts as materialized (
    select s.* from order_keys k join public.subscription_posts s using (customer_id, order_id))`;
