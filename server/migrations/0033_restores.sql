-- From which backups this database was restored. Until staff confirm the last one, nothing goes out
-- to providers: another panel may have sent it after the backup. Written by the restore itself, as
-- the database's owner; doubted is how many deliveries it made unknown.
create table restores (
  id integer primary key generated always as identity,
  backup_at timestamptz not null,
  restored_at timestamptz not null,
  doubted integer not null check (doubted >= 0),
  confirmed_at timestamptz,
  confirmed_by text,
  check ((confirmed_at is null) = (confirmed_by is null))
);
grant select, update on restores to panelwright_app;
