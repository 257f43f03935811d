-- When who is signed in last said their password or code again; wrong answers in a row end the
-- session. Null: not since they signed in.
alter table user_sessions add column confirmed_at timestamptz;
alter table user_sessions add column confirm_failures integer not null default 0
  check (confirm_failures >= 0);

-- Why staff suspended a customer; for staff alone.
alter table customers add column suspension_note text not null default ''
  check (length(suspension_note) <= 500);

-- How to pay by hand, for customers who read Chinese; empty: as in `instructions`.
alter table payment_methods add column instructions_zh text not null default ''
  check (length(instructions_zh) <= 5000);
