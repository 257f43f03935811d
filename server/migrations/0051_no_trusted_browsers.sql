-- No browser is spared the second factor any more. What says so of one is kept for 30 days, all
-- else that is kept here for 3 at most.
delete from user_verifications where expires_at > created_at + interval '20 days';
