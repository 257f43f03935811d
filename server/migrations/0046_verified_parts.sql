-- What the sums that verification reads came to in each stretch of a large table's pages. It counts
-- as long as the same versions of rows are there: then they are not summed up again.
create table verified_parts (
  relation text not null,
  part bigint not null,
  files text not null,
  -- Of the statement that summed up, and the number that its hashes began with.
  code text not null,
  salt bigint not null,
  row_count bigint not null,
  versions numeric not null,
  totals jsonb not null,
  read_at timestamptz not null,
  primary key (relation, part)
);

grant select, insert, update, delete on verified_parts to panelwright_app;
