-- Which change of its order an event is: the order's revision after it. One that changed nothing has
-- the revision it met. So a history is shown to be whole by sums, without its events being sorted.
-- Of an order whose oldest events were dropped, those that are left are its last ones.
alter table order_events add column revision integer;

update order_events e set revision = n.revision
from (
  select e.customer_id, e.order_id, e.id, o.revision - count(*) filter (where e.kind <> 'ignored')
    over (partition by e.customer_id, e.order_id order by e.id
      rows between 1 following and unbounded following) as revision
  from order_events e join orders o on o.customer_id = e.customer_id and o.id = e.order_id
) n
where e.customer_id = n.customer_id and e.order_id = n.order_id and e.id = n.id;

alter table order_events alter column revision set not null;
