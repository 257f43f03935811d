-- What a customer wants to be told of their orders and refills: gathered here for some minutes, so
-- that many orders that end make one mail. Written in the transaction of what it tells of, and only
-- for customers who want it; gone once the mail is in the outbox.
create table notices (
  customer_id integer not null references customers (id),
  id bigint not null generated always as identity,
  kind text not null
    check (kind in ('order_partial', 'order_canceled', 'refill_done', 'refill_rejected')),
  order_id bigint not null,
  refill_id bigint,
  remains integer not null default 0,
  refund bigint not null default 0,
  created_at timestamptz not null,
  primary key (customer_id, id),
  check ((refill_id is not null) = (kind in ('refill_done', 'refill_rejected')))
);
create index notices_time on notices (created_at);
grant select, insert, delete on notices to panelwright_app;
grant usage on all sequences in schema public to panelwright_app;

-- Nothing was ever mailed as news; what an operator has to say stands above every page.
update customers set notifications = array_remove(notifications, 'news')
  where 'news' = any(notifications);
alter table customers drop constraint customers_notifications_check;
alter table customers add constraint customers_notifications_check
  check (notifications <@ '{deposits,orders,refills}');
