-- Since when a customer's money may not move, because a check of the books found something broken.
-- It stands with the wallet, whose lock everything that moves money takes: so nothing that begins
-- after the stop is committed moves money, in any process.
alter table wallets add column stopped_at timestamptz;

-- What was found broken, and who let the money move again. Of a lifted one the list still counts:
-- the same finding does not stop the customer a second time.
create table money_stops (
  customer_id integer not null,
  id bigint not null generated always as identity,
  stopped_at timestamptz not null,
  broken jsonb not null,
  lifted_at timestamptz,
  lifted_by text,
  reason text not null default '',
  primary key (customer_id, id),
  check ((lifted_at is null) = (lifted_by is null))
);
create unique index money_stops_open on money_stops (customer_id) where lifted_at is null;

-- How far the checks of what changed have come, and where their round through everything stands.
create table verify_marks (
  singleton boolean primary key default true check (singleton),
  checked_until timestamptz,
  ran_at timestamptz,
  after_customer integer not null default 0,
  after_transfer_customer integer not null default 0,
  after_transfer bigint not null default 0,
  after_order_customer integer not null default 0,
  after_order bigint not null default 0,
  after_payment_customer integer not null default 0,
  after_payment bigint not null default 0
);
insert into verify_marks default values;

grant select, insert, update on money_stops to panelwright_app;
grant select, update on verify_marks to panelwright_app;
grant usage on all sequences in schema public to panelwright_app;
