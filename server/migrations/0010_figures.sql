-- What a day came to, rolled up so that nobody sums millions of orders for a chart; the index of
-- orders that run; how the audit log is searched; when the worker's tasks last ran.

-- A day (its midnight, UTC) as it was last rolled up. The running day and those before it are rolled
-- up again; a closed day stays as it is. took_ms is how long that took, by which it is paced.
create table figure_days (
  day timestamptz primary key check (extract(epoch from day)::bigint % 86400 = 0),
  rolled_at timestamptz,
  took_ms integer not null default 0,
  is_closed boolean not null default false,
  deposits bigint not null default 0,
  bonuses bigint not null default 0,
  adjustments bigint not null default 0
);
create index figure_days_open on figure_days (day) where not is_closed;

-- What happened on a day, by provider (0: staff deliver) and service (0: all of them together, so
-- that a year's chart reads some thousand rows). orders: what customers ordered. All else is of single orders, a drip-feed's runs among them: charge and cost on the day
-- they were placed, attempts and failures with them, refunded and how they ended on its own day.
create table figures (
  day timestamptz not null,
  provider_id integer not null,
  service_id integer not null,
  orders integer not null,
  charge bigint not null,
  refunded bigint not null,
  cost bigint not null,
  attempts integer not null,
  failures integer not null,
  completed integer not null,
  partial integer not null,
  canceled integer not null,
  primary key (day, provider_id, service_id)
);
create index figures_service on figures (service_id, day);

-- How many orders that were completed on a day took at most 2^(bucket/4) seconds, and more than the
-- bucket below: medians and other parts of any range are read from their sums. Service 0 is all of
-- them here, too.
create table delivery_times (
  day timestamptz not null,
  provider_id integer not null,
  service_id integer not null,
  bucket integer not null,
  orders integer not null,
  primary key (day, provider_id, service_id, bucket)
);
create index delivery_times_service on delivery_times (service_id, day);

-- Rows of these two are only ever added, so blocks are in the order of time: some kilobytes find
-- those of a day.
create index transfers_time on transfers using brin (created_at) with (autosummarize = on);
create index order_events_time on order_events using brin (created_at) with (autosummarize = on);

-- Orders that run, by service and age: which of them are slower than the service is.
create index orders_running on orders (service_id, created_at, id)
  where completed_at is null and kind = 'single';

create index audit_actor on audit (actor, id);
create index audit_action on audit (action text_pattern_ops, id);
create index audit_subject on audit (subject, id);
create index audit_customer on audit (customer_id, id) where customer_id is not null;
create index audit_time on audit (created_at);

-- Written every few seconds by whoever ran the task last.
create table worker_tasks (
  name text primary key check (length(name) between 1 and 40),
  started_at timestamptz not null,
  took_ms integer not null,
  failed_at timestamptz,
  failure text not null default '' check (length(failure) <= 500)
);

grant select, insert, update, delete on figure_days, figures, delivery_times, worker_tasks
  to panelwright_app;
