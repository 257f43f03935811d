-- The orders of one service in one status: with the status beside the key, the index alone answers,
-- where before a list of all orders in that status was made first.
drop index orders_customer_service;
create index orders_customer_service on orders (customer_id, service_id, id) include (status);
drop index orders_service;
create index orders_service on orders (service_id, id) include (status);
