-- Single orders that a provider took at a price nobody knows: how many were placed on the day, and
-- what the day's charges of such orders are, less the day's refunds. The margin leaves them out.
alter table figures
  add column uncosted integer not null default 0,
  add column uncosted_revenue bigint not null default 0;

-- Days that have such orders, and days of drip-feeds and subscriptions, which counted as delivered
-- by staff: the worker sums them up again. Until then they show what they showed. All other days
-- stay as they are, since their costs would follow today's exchange rates.
with uncosted as (
  select customer_id, order_id from attempts where state = 'accepted' and cost is null
  union
  select post.customer_id, post.id from orders parent
    join orders post on post.customer_id = parent.customer_id and post.parent_id = parent.id
    where parent.kind = 'subscription'
), moments as (
  select created_at from orders where kind <> 'single'
  union all
  select o.created_at from uncosted u
    join orders o on o.customer_id = u.customer_id and o.id = u.order_id
  union all
  select e.created_at from uncosted u
    join order_events e on e.customer_id = u.customer_id and e.order_id = u.order_id
)
update figure_days set is_closed = false, rolled_at = null
where day in (select date_trunc('day', created_at, 'UTC') from moments);
