-- What was last decided of a service, which a sync asks for each service that follows a provider;
-- without it every sync reads the whole history.
create index service_changes_decided on service_changes (service_id, kind, id)
  where state <> 'held';
