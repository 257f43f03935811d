-- One row: a random name by which the panel knows its own payments again where several panels share
-- one account of a gateway. A backup takes it along, as its payments are still the panel's own.
create table panel_identity (
  singleton boolean primary key default true check (singleton),
  id text not null default gen_random_uuid()::text
);
insert into panel_identity default values;

grant select on panel_identity to panelwright_app;
