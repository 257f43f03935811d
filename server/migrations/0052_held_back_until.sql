-- Until when a provider has asked not to be called. next_call_at alone does not tell it: the slots that
-- are taken of a low rate limit move that ahead, too.
alter table providers add column held_back_until timestamptz;
