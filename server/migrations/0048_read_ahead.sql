-- When a worker reads again what the next verification would have to read; null: when it likes.
alter table verify_marks add column read_ahead_due_at timestamptz;
