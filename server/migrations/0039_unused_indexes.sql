-- No query reads these. Sessions are deleted by their end or their beginning, whichever is first,
-- for which an index of one of the two is of no use; they are found by their token or user. Routes
-- are always looked for by their service, which the other unique key of the table begins with.
drop index user_sessions_expiry;
drop index service_routes_provider;
