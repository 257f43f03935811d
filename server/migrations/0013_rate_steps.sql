-- Operators sell at round prices: the rate of a service that follows a provider is a multiple of
-- this, in 10⁻⁵; 1: as exact as a rate can be.
alter table service_sources
  add column rate_step bigint not null default 1 check (rate_step > 0);
