-- What keeps two from acting on one attempt, and what probing asks for.

-- claim names the transaction that wrote the attempt, so that a worker which lost the answer to its
-- commit finds what it has taken. Until asked_until the provider is asked again under the attempt's
-- request id, and a decision of staff waits.
alter table attempts
  add column claim text,
  add column asked_until timestamptz;

-- Orders that a provider runs itself, whose own orders are nobody's lost one.
create index deliveries_delegated on deliveries (provider_id)
  where is_delegated and external_id is not null;
-- Ids that came with an answer which was too late for its attempt.
create index delivery_events_late on delivery_events ((detail ->> 'externalId'))
  where kind = 'late_answer';
