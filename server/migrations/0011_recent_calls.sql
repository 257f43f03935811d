-- A customer's last calls of the API, newest first, so that they can see what was refused and why.
-- One small row each, written by the second and not by the call.
create table recent_calls (
  customer_id integer primary key references customers (id),
  calls jsonb not null check (jsonb_typeof(calls) = 'array')
) with (fillfactor = 50);

grant select, insert, update, delete on recent_calls to panelwright_app;
