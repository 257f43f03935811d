import { sql } from 'kysely';
import { type Check, midnight } from '../db/index.ts';
import {
  addsUp,
  closed,
  eventsSince,
  excess,
  figuresOfMoney,
  figuresOfOrders,
  wholes,
  wholesAddUp,
} from './verify-days.ts';

/**
 * The roll-ups of closed days. Costs and providers are not compared: what an order costs follows
 * today's exchange rate, and an order can go to another provider later.
 */
export const figureChecks: readonly Check[] = [
  {
    invariant: 'I17',
    name: 'figures_equal_orders_and_events',
    count: closed,
    proof: figuresOfOrders,
    broken: sql`
      with parts (day, service_id, orders, charge, refunded, completed, partial, canceled) as (
        select ${midnight('created_at')}, service_id, (parent_id is null)::int,
          case kind when 'single' then charge else 0 end, 0, 0, 0, 0
        from orders
        union all
        select ${midnight('t.created_at')}, o.service_id, 0, 0,
          case when t.credit = 'wallet' then t.amount else -t.amount end, 0, 0, 0
        from transfers t
        join orders o on o.customer_id = t.customer_id and o.id = t.order_id and o.kind = 'single'
        where t.reference <> 'order:' || t.order_id || ':charge'
        union all
        select ${midnight('e.created_at')}, o.service_id, 0, 0, 0,
          (e.after ->> 'status' = 'Completed')::int - (e.before ->> 'status' = 'Completed')::int,
          (e.after ->> 'status' = 'Partial')::int - (e.before ->> 'status' = 'Partial')::int,
          (e.after ->> 'status' = 'Canceled')::int - (e.before ->> 'status' = 'Canceled')::int
        from order_events e
        join orders o on o.customer_id = e.customer_id and o.id = e.order_id and o.kind = 'single'
        where e.kind = 'settled'
      ), base as (
        select day, service_id, sum(orders) as orders, sum(charge) as charge,
          sum(refunded) as refunded, sum(completed) as completed, sum(partial) as partial,
          sum(canceled) as canceled
        from parts group by day, service_id
      ), rolled as (
        select day, service_id, sum(orders) as orders, sum(charge) as charge,
          sum(refunded) as refunded, sum(completed) as completed, sum(partial) as partial,
          sum(canceled) as canceled
        from figures where service_id <> 0 group by day, service_id
      )
      select format('day %s service %s', (day at time zone 'UTC')::date, service_id) as subject,
        format('rolled up as %s, is %s', to_jsonb(r) - '{day,service_id}'::text[],
          to_jsonb(b) - '{day,service_id}'::text[]) as detail
      from base b full join rolled r using (day, service_id)
      join figure_days d using (day)
      where d.is_closed and
        ((coalesce(b.orders, 0), coalesce(b.charge, 0), coalesce(b.refunded, 0))
        is distinct from
        (coalesce(r.orders, 0), coalesce(r.charge, 0), coalesce(r.refunded, 0))
        or d.day >= ${eventsSince} and
        (coalesce(b.completed, 0), coalesce(b.partial, 0), coalesce(b.canceled, 0))
        is distinct from
        (coalesce(r.completed, 0), coalesce(r.partial, 0), coalesce(r.canceled, 0)))`,
  },
  {
    invariant: 'I17',
    name: 'figures_of_all_services_equal_those_of_each',
    count: wholes,
    proof: wholesAddUp,
    broken: sql`
      select format('day %s provider %s', (day at time zone 'UTC')::date, provider_id) as subject,
        format('more than its services: orders %s, charge %s, refunded %s, cost %s, attempts %s',
          ${sql.join(['orders', 'charge', 'refunded', 'cost', 'attempts'].map(excess))}) as detail
      from figures
      group by day, provider_id
      having not (${addsUp})`,
  },
  {
    invariant: 'I17',
    name: 'figures_equal_money_in',
    count: closed,
    proof: figuresOfMoney,
    broken: sql`
      with base as (
        select ${midnight('created_at')} as day,
          sum(amount * sign) filter (where account = 'deposits') as deposits,
          sum(amount * sign) filter (where account = 'bonuses') as bonuses,
          sum(amount * sign) filter (where account = 'adjustments') as adjustments
        from (
          select created_at, amount, case when credit = 'wallet' then debit else credit end
            as account, case when credit = 'wallet' then 1 else -1 end as sign
          from transfers
        ) t group by 1
      )
      select 'day ' || (d.day at time zone 'UTC')::date as subject,
        format('deposits %s, bonuses %s, adjustments %s, rolled up as %s, %s, %s',
          coalesce(b.deposits, 0), coalesce(b.bonuses, 0), coalesce(b.adjustments, 0),
          d.deposits, d.bonuses, d.adjustments) as detail
      from figure_days d left join base b using (day)
      where d.is_closed
        and (d.deposits, d.bonuses, d.adjustments) is distinct from
          (coalesce(b.deposits, 0), coalesce(b.bonuses, 0), coalesce(b.adjustments, 0))`,
  },
];
