-- Whether there is a delivery of an order, so that it is known of both tables by themselves which
-- rows belong together. Null where it was placed before anybody said so.
alter table orders add column has_delivery boolean;
