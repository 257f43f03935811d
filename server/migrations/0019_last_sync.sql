-- What the last sync of a provider's catalog did, or why it failed; null: there was none. A report is
-- {at, listed, followed, applied, held, warnings: [{code, serviceId}], warningCount}, a failure
-- {at, failure}.
alter table providers add column last_sync jsonb;
