-- A link's place in an index is anywhere, so with millions of orders each new one changed a page
-- that was neither in memory nor in the log since the last checkpoint, 8 kB of log for some bytes.
-- The links of a million orders beside each other fit into memory while they are added to; whoever
-- looks for a link looks into each million (`orders/by-link.ts`).
drop index if exists orders_link;
create index orders_link on orders ((id / 1000000), link_hash(link), id, customer_id);
