-- What is undelivered of a drip-feed may be more than 32 bits hold: its total is a quantity times
-- its runs. Its notice could not be written then, and with it neither its end nor its refund.
alter table notices alter column remains type bigint;
