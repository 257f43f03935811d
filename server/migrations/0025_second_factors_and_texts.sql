-- Texts of the panel for readers of Chinese; empty: as in the other one.
alter table settings
  add column tagline_zh text not null default '' check (length(tagline_zh) <= 200),
  add column announcement_zh text not null default '' check (length(announcement_zh) <= 2000),
  add column terms_zh text not null default '' check (length(terms_zh) <= 50000),
  add column contact_zh text not null default '' check (length(contact_zh) <= 500),
  -- Whether staff without a second factor reach nothing but their own account.
  add column staff_second_factor boolean not null default false;

-- Who signed in by a passkey has shown a second factor with it; a password beside it has not.
alter table user_sessions add column by_passkey boolean not null default false;
