-- A statement is filtered by what a transfer was for. Charges of orders are nearly all of a busy
-- customer's transfers and are found by the primary key; the rest would be searched for among them.
-- No order that is placed pays for these indexes: its charge is in neither.
create index transfers_beside_orders on transfers (customer_id, number) where order_id is null;
create index transfers_refunds on transfers (customer_id, number) where debit = 'sales';
