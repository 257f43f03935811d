-- History by months: events of orders and of deliveries, and counts of calls. Each is partitioned by
-- its time, so that an old month is dropped whole. Nothing is rewritten: the table that is there
-- becomes the first partition, for all that was before next month, and keeps its indexes. All that
-- takes time is one read of it, which shows that its rows belong there.
--
-- Months are created ahead by the worker; what has no month of its own goes to `_rest`. The key of a
-- partition is what the table's was: an event's id is given out once, so none of them needs its time
-- in it. Calls are counted up in place, by a key that has the hour in it.
--
-- This is the one place that asks the database for the time: it only says where the first partition
-- ends, and rows of a clock that is ahead move that on.
do $$
declare
  history record;
  month timestamp;
  boundary timestamp;
  given bigint;
begin
  -- All times are of UTC, as the sessions of migrations are.
  for history in
    select * from (values
      ('order_events', 'created_at', 'customer_id, order_id, id', 'order_events_time',
        'using brin (created_at) with (autosummarize = on)'),
      ('delivery_events', 'created_at', 'customer_id, order_id, id', 'delivery_events_late',
        '((detail ->> ''externalId'')) where kind = ''late_answer'''),
      ('provider_calls', 'hour', 'provider_id, hour, action', null, null)
    ) as histories (name, time, key, index_name, index_of)
  loop
    -- Of events of orders the block-range index finds these rows, if there are any.
    execute format('select date_trunc(''month'', coalesce(max(%2$I), now()) at time zone ''UTC'')
      from %1$I where %2$I > now()', history.name, history.time) into month;
    boundary := month + interval '1 month';

    execute format('alter table %1$I rename to %1$s_first;
      alter table %1$s_first rename constraint %1$s_pkey to %1$s_first_pkey;
      create table %1$I (like %1$s_first including defaults including constraints)
        partition by range (%2$I);
      revoke all on %1$s_first from panelwright_app', history.name, history.time);
    if history.index_name is null then
      execute format('alter table %1$I add primary key (%2$s),
          add foreign key (provider_id) references providers (id);
        grant select, insert, update, delete on %1$I to panelwright_app',
        history.name, history.key);
    else
      execute format('select last_value + is_called::int from %1$s_id_seq', history.name)
        into given;
      execute format('alter table %1$s_first alter column id drop identity;
        alter table %1$I alter column id add generated always as identity (start with %2$s);
        alter index %3$I rename to %5$I;
        create index %3$I on %1$I %4$s;
        grant select, insert on %1$I to panelwright_app',
        history.name, given, history.index_name, history.index_of,
        replace(history.index_name, history.name, history.name || '_first'));
    end if;
    execute format('alter table %1$I attach partition %1$s_first
      for values from (minvalue) to (%2$L)', history.name, boundary || 'Z');

    execute format('create table %1$s_rest partition of %1$I default', history.name);
    for ahead in 0 .. 3 loop
      month := boundary + ahead * interval '1 month';
      execute format('create table %1$s_%2$s partition of %1$I for values from (%3$L) to (%4$L)',
        history.name, to_char(month, 'YYYY_MM'), month || 'Z', (month + interval '1 month') || 'Z');
      if history.index_name is not null then
        execute format('alter table %1$s_%2$s add primary key (%3$s)', history.name,
          to_char(month, 'YYYY_MM'), history.key);
      end if;
    end loop;
    if history.index_name is not null then
      execute format('alter table %1$s_rest add primary key (%2$s)', history.name, history.key);
    end if;
  end loop;
end $$;
grant usage on all sequences in schema public to panelwright_app;

-- How long history is kept, in whole months after its own; null: for ever.
create table retention (
  singleton boolean primary key default true check (singleton),
  events_months integer check (events_months between 1 and 240),
  calls_months integer default 3 check (calls_months between 1 and 240),
  -- Whether a month is written into a file before it is dropped.
  is_exported boolean not null default true
);
insert into retention default values;

-- Which months are gone, and where to. row_count is what the month had, kept_count what of it stayed
-- because its orders still ran. file is a name, empty where none was written.
create table archived_months (
  id integer primary key generated always as identity,
  history text not null check (history in ('order_events', 'delivery_events', 'provider_calls')),
  from_time timestamptz,
  until_time timestamptz not null,
  row_count bigint not null,
  kept_count bigint not null,
  file text not null,
  file_bytes bigint not null,
  sha256 text not null,
  dropped_at timestamptz not null,
  dropped_by text not null,
  unique (history, until_time)
);
grant select, update on retention to panelwright_app;
grant select on archived_months to panelwright_app;

-- What follows an unknown attempt asks for a provider's attempts by their time, and read all that were
-- ever sent.
create index attempts_sent on attempts (provider_id, started_at);
