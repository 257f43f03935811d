-- How many customers have an own price for a service, which its page says.
create index customer_prices_service on customer_prices (service_id);
