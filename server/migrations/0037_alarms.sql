-- What an operator is told of: it begins, lasts, and ends. Each is told twice, however long it
-- lasts, whoever looks. The subject is what it is of: a provider, a task; empty for the panel. Those
-- with a source are seen by some processes alone, and end by what one of these sees.
create table alarms (
  id bigint primary key generated always as identity,
  name text not null,
  subject text not null,
  source text not null default '',
  detail text not null,
  began_at timestamptz not null,
  ended_at timestamptz
);
create unique index alarms_open on alarms (name, subject) where ended_at is null;

-- What the webhook is still to be told, in the order of ids; mails have an outbox of their own.
create table alarm_calls (
  id bigint primary key generated always as identity,
  body text not null,
  due_at timestamptz,
  tries integer not null default 0,
  last_error text not null default '',
  created_at timestamptz not null,
  sent_at timestamptz,
  given_up_at timestamptz
);
create index alarm_calls_due on alarm_calls (due_at) where due_at is not null;

-- Who is told. The secret that signs calls is encrypted, bound to the address.
create table alarm_settings (
  singleton boolean primary key default true check (singleton),
  emails text[] not null default '{}',
  language text not null default 'en' check (language in ('en', 'zh-CN')),
  webhook_url text not null default '',
  webhook_secret_sealed bytea,
  check (webhook_url = '' or webhook_secret_sealed is not null)
);
insert into alarm_settings default values;

-- How often a task has failed in a row.
alter table worker_tasks add column failures integer not null default 0;

grant select, insert, update, delete on alarms, alarm_calls to panelwright_app;
grant select, update on alarm_settings to panelwright_app;
grant usage on all sequences in schema public to panelwright_app;
