-- When a worker last began to read what the next verification would have to read; null: it has not
-- come to an end.
alter table verify_marks add column read_ahead_at timestamptz;
