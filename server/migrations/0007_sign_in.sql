-- Who signs in, with what, and what is mailed.
--
-- Nothing here lets a reader of the database in: tokens are stored as hashes, passwords as scrypt
-- hashes, TOTP secrets, backup codes and the links of mails encrypted by the panel's secret.

-- A user is one customer or one member of staff.
create table users (
  id text primary key check (length(id) between 1 and 64),
  name text not null check (length(name) between 1 and 200),
  email text not null unique check (length(email) between 3 and 254),
  email_confirmed boolean not null default false,
  two_factor boolean not null default false,
  customer_id integer unique references customers (id),
  staff_id integer unique references staff (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint users_customer_or_staff check ((customer_id is null) <> (staff_id is null))
);

-- Its token is SHA-256 in hex; the check stops a token in clear.
create table user_sessions (
  id text primary key check (length(id) between 1 and 64),
  user_id text not null references users (id) on delete cascade,
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  address text not null default '',
  user_agent text not null default '' check (length(user_agent) <= 500),
  -- The customer whom a member of staff acts as.
  acting_customer_id integer references customers (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null
);
create index user_sessions_user on user_sessions (user_id);
create index user_sessions_expiry on user_sessions (expires_at);

create table user_credentials (
  id text primary key check (length(id) between 1 and 64),
  user_id text not null references users (id) on delete cascade,
  provider text not null check (provider = 'credential'),
  account text not null,
  password_hash text not null check (password_hash ~ '^[0-9a-f]{32}:[0-9a-f]{128}$'),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (user_id, provider)
);

-- What can be used once: links to set a password, steps of a sign-in under way.
create table user_verifications (
  id text primary key check (length(id) between 1 and 64),
  identifier_hash text not null check (identifier_hash ~ '^[A-Za-z0-9_-]{43}$'),
  value text not null check (length(value) <= 5000),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null
);
create index user_verifications_identifier on user_verifications (identifier_hash);
create index user_verifications_expiry on user_verifications (expires_at);

create table two_factors (
  id text primary key check (length(id) between 1 and 64),
  user_id text not null unique references users (id) on delete cascade,
  secret_sealed text not null,
  backup_codes_sealed text not null,
  verified boolean not null default false,
  failures integer not null default 0,
  locked_until timestamptz
);

create table passkeys (
  id text primary key check (length(id) between 1 and 64),
  user_id text not null references users (id) on delete cascade,
  name text check (length(name) <= 100),
  credential_id text not null unique check (length(credential_id) <= 1400),
  public_key text not null check (length(public_key) <= 5000),
  counter integer not null check (counter >= 0),
  device_type text not null,
  backed_up boolean not null,
  transports text not null default '' check (length(transports) <= 200),
  aaguid text,
  created_at timestamptz not null
);
create index passkeys_user on passkeys (user_id);

-- Written in the transaction of what it tells of, sent afterwards. due_at is null once it is sent
-- or given up; what it said is emptied then. A link that lets somebody in is encrypted.
create table mails (
  id bigint primary key generated always as identity,
  recipient text not null check (length(recipient) between 3 and 254),
  language text not null check (language in ('en', 'zh-CN')),
  kind text not null check (length(kind) between 1 and 40),
  details jsonb not null,
  link_sealed bytea,
  tries integer not null default 0,
  due_at timestamptz,
  expires_at timestamptz,
  sent_at timestamptz,
  given_up_at timestamptz,
  last_error text not null default '' check (length(last_error) <= 500),
  created_at timestamptz not null,
  check ((due_at is null) = (sent_at is not null or given_up_at is not null)),
  check (due_at is not null or (link_sealed is null and details = '{}'))
);
create index mails_due on mails (due_at) where due_at is not null;
create index mails_over on mails (created_at) where due_at is null;

grant select, insert, update, delete on
  users, user_sessions, user_credentials, user_verifications, two_factors, passkeys, mails
  to panelwright_app;
grant usage on all sequences in schema public to panelwright_app;
