-- Backups that workers make by themselves. next_at is when the one after it is due; seen_at is
-- renewed while one runs, so that one whose process died makes room. bytes and rows are of the file as
-- it was read again.
create table backups (
  id integer primary key generated always as identity,
  state text not null default 'running'
    check (state in ('running', 'finished', 'failed', 'interrupted')),
  started_at timestamptz not null,
  seen_at timestamptz not null,
  finished_at timestamptz,
  next_at timestamptz not null,
  file text not null,
  bytes bigint not null default 0,
  rows bigint not null default 0,
  failure text not null default '' check (length(failure) <= 500),
  check ((finished_at is null) = (state = 'running'))
);
create unique index backups_running on backups (state) where state = 'running';
grant select, insert, update, delete on backups to panelwright_app;
