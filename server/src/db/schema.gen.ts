// Generated from the migrations by `node server/tests/run.ts --write-schema`. Do not edit.

import type { Generated, GeneratedAlways } from 'kysely';

import type {
  Amount,
  CategoryId,
  CustomerId,
  KeyId,
  OrderId,
  PaymentId,
  PaymentMethodId,
  ProviderId,
  Rate,
  RefillId,
  ServiceId,
  StaffId,
} from '../base/index.ts';

/** A JSON document: an object of strings, numbers, booleans, null and lists. */
export type Json = { [key: string]: unknown };

export type AlarmCalls = {
  id: GeneratedAlways<bigint>;
  body: string;
  due_at: Date | null;
  tries: Generated<number>;
  last_error: Generated<string>;
  created_at: Date;
  sent_at: Date | null;
  given_up_at: Date | null;
};

export type AlarmSettings = {
  singleton: Generated<boolean>;
  emails: Generated<string[]>;
  language: Generated<'en' | 'zh-CN'>;
  webhook_url: Generated<string>;
  webhook_secret_sealed: Uint8Array | null;
};

export type Alarms = {
  id: GeneratedAlways<bigint>;
  name: string;
  subject: string;
  source: Generated<string>;
  detail: string;
  began_at: Date;
  ended_at: Date | null;
};

export type ApiKeys = {
  customer_id: CustomerId;
  id: GeneratedAlways<KeyId>;
  name: string;
  prefix: string;
  hash: Uint8Array;
  allowed_addresses: Generated<string[]>;
  created_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
};

export type ArchivedMonths = {
  id: GeneratedAlways<number>;
  history: 'order_events' | 'delivery_events' | 'provider_calls';
  from_time: Date | null;
  until_time: Date;
  row_count: bigint;
  kept_count: bigint;
  file: string;
  file_bytes: bigint;
  sha256: string;
  dropped_at: Date;
  dropped_by: string;
};

export type Attempts = {
  customer_id: CustomerId;
  order_id: OrderId;
  number: number;
  provider_id: ProviderId;
  external_service_id: string;
  state: 'sending' | 'accepted' | 'rejected' | 'not_sent' | 'unknown';
  request_id: string;
  lease_until: Date;
  cost: bigint | null;
  external_id: string | null;
  reason: Generated<string>;
  raw: Generated<string>;
  balance_before: Amount | null;
  balance_before_at: Date | null;
  evidence: Generated<Json>;
  resolved_by: string | null;
  started_at: Date;
  ended_at: Date | null;
  claim: string | null;
  asked_until: Date | null;
};

export type Audit = {
  id: GeneratedAlways<bigint>;
  customer_id: CustomerId | null;
  actor: string;
  action: string;
  subject: string;
  before: Json | null;
  after: Json | null;
  created_at: Date;
};

export type Backups = {
  id: GeneratedAlways<number>;
  state: Generated<'running' | 'finished' | 'failed' | 'interrupted'>;
  started_at: Date;
  seen_at: Date;
  finished_at: Date | null;
  next_at: Date;
  file: string;
  bytes: Generated<bigint>;
  rows: Generated<bigint>;
  failure: Generated<string>;
};

export type BlockedLinks = {
  pattern: string;
};

export type Cancels = {
  customer_id: CustomerId;
  order_id: OrderId;
  state: 'requested' | 'accepted' | 'rejected';
  requested_at: Date;
  decided_at: Date | null;
  delivery: Generated<'manual' | 'due' | 'sending' | 'following' | 'unknown' | 'done'>;
  provider_id: ProviderId | null;
  due_at: Date | null;
  failures: Generated<number>;
  note: Generated<string>;
};

export type Categories = {
  id: Generated<CategoryId>;
  name: string;
  position: number;
};

export type CreditLimits = {
  customer_id: CustomerId;
  from_number: bigint;
  credit_limit: Amount;
  created_at: Date;
  id: GeneratedAlways<bigint>;
};

export type CustomerPrices = {
  customer_id: CustomerId;
  service_id: ServiceId;
  rate: Rate;
};

export type Customers = {
  id: Generated<CustomerId>;
  name: string;
  status: Generated<'active' | 'suspended'>;
  discount_basis_points: Generated<number>;
  calls_per_second_max: number | null;
  created_at: Date;
  language: Generated<'en' | 'zh-CN'>;
  time_zone: Generated<string>;
  notifications: Generated<string[]>;
  suspended_by: 'staff' | 'dispute' | null;
  suspension_note: Generated<string>;
};

export type Deliveries = {
  customer_id: CustomerId;
  order_id: OrderId;
  service_id: ServiceId;
  provider_id: ProviderId;
  external_service_id: string;
  route_position: number;
  is_delegated: Generated<boolean>;
  ignores_margin: Generated<boolean>;
  state: 'due' | 'sending' | 'unknown' | 'following' | 'held' | 'done';
  due_at: Date | null;
  attempts: Generated<number>;
  failures: Generated<number>;
  reason: Generated<string>;
  external_id: string | null;
  seen: string | null;
  poll_seconds: Generated<number>;
  created_at: Date;
  accepted_at: Date | null;
};

export type DeliveryEvents = {
  customer_id: CustomerId;
  order_id: OrderId;
  id: GeneratedAlways<bigint>;
  kind: string;
  actor: string;
  detail: Json;
  created_at: Date;
};

export type DeliveryTimes = {
  day: Date;
  provider_id: ProviderId;
  service_id: ServiceId;
  bucket: number;
  orders: number;
};

export type DripFeeds = {
  customer_id: CustomerId;
  order_id: OrderId;
  quantity_per_run: bigint;
  runs: number;
  runs_done: Generated<number>;
  interval_minutes: number;
  next_run_at: Date | null;
  stopped_at: Date | null;
};

export type Favourites = {
  customer_id: CustomerId;
  service_id: ServiceId;
  created_at: Date;
};

export type FigureDays = {
  day: Date;
  rolled_at: Date | null;
  took_ms: Generated<number>;
  is_closed: Generated<boolean>;
  deposits: Generated<bigint>;
  bonuses: Generated<bigint>;
  adjustments: Generated<bigint>;
};

export type Figures = {
  day: Date;
  provider_id: ProviderId;
  service_id: ServiceId;
  orders: number;
  charge: Amount;
  refunded: Amount;
  cost: bigint;
  attempts: number;
  failures: number;
  completed: number;
  partial: number;
  canceled: number;
  uncosted: Generated<number>;
  uncosted_revenue: Generated<bigint>;
};

export type Mails = {
  id: GeneratedAlways<bigint>;
  recipient: string;
  language: 'en' | 'zh-CN';
  kind: string;
  details: Json;
  link_sealed: Uint8Array | null;
  tries: Generated<number>;
  due_at: Date | null;
  expires_at: Date | null;
  sent_at: Date | null;
  given_up_at: Date | null;
  last_error: Generated<string>;
  created_at: Date;
};

export type Migrations = {
  name: string;
  checksum: string;
  applied_at: Date;
};

export type MoneyStops = {
  customer_id: CustomerId;
  id: GeneratedAlways<bigint>;
  stopped_at: Date;
  broken: Json;
  lifted_at: Date | null;
  lifted_by: string | null;
  reason: Generated<string>;
};

export type Notices = {
  customer_id: CustomerId;
  id: GeneratedAlways<bigint>;
  kind: 'order_partial' | 'order_canceled' | 'refill_done' | 'refill_rejected';
  order_id: OrderId;
  refill_id: bigint | null;
  remains: Generated<bigint>;
  refund: Generated<Amount>;
  created_at: Date;
};

export type OrderEvents = {
  customer_id: CustomerId;
  order_id: OrderId;
  id: GeneratedAlways<bigint>;
  kind: 'settled' | 'ignored' | 'runs_stopped';
  actor: string;
  before: Json;
  after: Json;
  refund: Generated<Amount>;
  note: Generated<string>;
  created_at: Date;
  revision: number;
};

export type OrderVersions = {
  customer_id: CustomerId;
  version: bigint;
};

export type Orders = {
  customer_id: CustomerId;
  id: OrderId;
  service_id: ServiceId;
  type: string;
  kind: 'single' | 'drip_feed' | 'subscription';
  status:
    | 'Pending'
    | 'In progress'
    | 'Processing'
    | 'Completed'
    | 'Partial'
    | 'Canceled'
    | 'Active'
    | 'Paused'
    | 'Expired';
  link: string;
  quantity: bigint;
  charge: Amount;
  refunded: Generated<Amount>;
  start_count: bigint | null;
  remains: bigint;
  details: Generated<Json>;
  parent_id: OrderId | null;
  run: number | null;
  request_id: string | null;
  request_hash: Uint8Array | null;
  revision: Generated<number>;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
  has_delivery: boolean | null;
};

export type PanelIdentity = {
  singleton: Generated<boolean>;
  id: Generated<string>;
};

export type Passkeys = {
  id: string;
  user_id: string;
  name: string | null;
  credential_id: string;
  public_key: string;
  counter: number;
  device_type: string;
  backed_up: boolean;
  transports: Generated<string>;
  aaguid: string | null;
  created_at: Date;
};

export type PaymentDisputes = {
  customer_id: CustomerId;
  payment_id: PaymentId;
  external_id: string;
  state: 'open' | 'won' | 'lost';
  amount: Amount;
  reported_at: Date;
  created_at: Date;
};

export type PaymentEvents = {
  customer_id: CustomerId;
  payment_id: PaymentId;
  id: GeneratedAlways<bigint>;
  kind: string;
  actor: string;
  external_event_id: string | null;
  before: Json;
  after: Json;
  note: Generated<string>;
  created_at: Date;
};

export type PaymentMethods = {
  id: Generated<PaymentMethodId>;
  kind: 'manual' | 'stripe' | 'webhook';
  name: string;
  instructions: Generated<string>;
  enabled: Generated<boolean>;
  position: number;
  amount_min: Amount;
  amount_max: Amount;
  fee_basis_points: Generated<number>;
  fee_fixed: Generated<Amount>;
  bonus_tiers: Generated<Json>;
  secrets: Generated<string[]>;
  secrets_sealed: Uint8Array | null;
  created_at: Date;
  instructions_zh: Generated<string>;
};

export type PaymentStrays = {
  id: GeneratedAlways<bigint>;
  method_id: PaymentMethodId;
  external_event_id: string;
  charge_id: string | null;
  report: Json;
  state: Generated<'open' | 'applied' | 'dismissed'>;
  created_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
};

export type Payments = {
  customer_id: CustomerId;
  id: PaymentId;
  method_id: PaymentMethodId;
  state:
    | 'started'
    | 'waiting'
    | 'credited'
    | 'failed'
    | 'expired'
    | 'disputed'
    | 'lost'
    | 'refunded';
  currency: string;
  amount: Amount;
  fee: Amount;
  bonus: Amount;
  credit: Amount;
  external_id: string | null;
  charge_id: string | null;
  refunded: Generated<Amount>;
  taken: Generated<Amount>;
  owed: Generated<Amount>;
  waived: Generated<Amount>;
  returns: Generated<number>;
  flag: 'amount_differs' | 'paid_twice' | 'reference_used' | 'refund_failed' | null;
  note: Generated<string>;
  created_at: Date;
  updated_at: Date;
  credited_at: Date | null;
};

export type ProviderCalls = {
  provider_id: ProviderId;
  hour: Date;
  action: string;
  calls: Generated<number>;
  failures: Generated<number>;
  buckets: number[];
};

export type ProviderServices = {
  provider_id: ProviderId;
  external_id: string;
  position: number;
  name: string;
  category: string;
  type: string;
  is_type_known: boolean;
  cost: bigint | null;
  min: number | null;
  max: number | null;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  description: Generated<string>;
  average_time: Generated<string>;
  seen_at: Date;
  missing_since: Date | null;
};

export type Providers = {
  id: Generated<ProviderId>;
  name: string;
  alias: Generated<string>;
  url: string;
  key_sealed: Uint8Array | null;
  currency: Generated<string>;
  exchange_rate: Generated<bigint>;
  state: Generated<'on' | 'draining' | 'paused'>;
  paused_by: 'staff' | 'funds' | 'key' | null;
  calls_per_minute_max: Generated<number>;
  next_call_at: Date | null;
  add_timeout_ms: Generated<number>;
  request_id_field: string | null;
  ids_increase: Generated<boolean>;
  balance: Amount | null;
  balance_at: Date | null;
  balance_low_mark: Amount | null;
  last_success_at: Date | null;
  last_failure_at: Date | null;
  last_failure: Generated<string>;
  last_sent_at: Date | null;
  sync_prices: Generated<boolean>;
  sync_limits: Generated<boolean>;
  sync_flags: Generated<boolean>;
  sync_removals: Generated<boolean>;
  sync_returns: Generated<boolean>;
  price_jump_percent_max: Generated<number>;
  synced_at: Date | null;
  is_sandbox: Generated<boolean>;
  created_at: Date;
  last_sync: Json | null;
  held_back_until: Date | null;
};

export type RecentCalls = {
  customer_id: CustomerId;
  calls: Json;
};

export type Refills = {
  customer_id: CustomerId;
  id: RefillId;
  order_id: OrderId;
  status: 'Pending' | 'In progress' | 'Completed' | 'Rejected' | 'Error';
  requested_at: Date;
  updated_at: Date;
  delivery: Generated<'manual' | 'due' | 'sending' | 'following' | 'unknown' | 'done'>;
  provider_id: ProviderId | null;
  due_at: Date | null;
  external_id: string | null;
  failures: Generated<number>;
  note: Generated<string>;
};

export type Restores = {
  id: GeneratedAlways<number>;
  backup_at: Date;
  restored_at: Date;
  doubted: number;
  confirmed_at: Date | null;
  confirmed_by: string | null;
};

export type Retention = {
  singleton: Generated<boolean>;
  events_months: number | null;
  calls_months: Generated<number | null>;
  is_exported: Generated<boolean>;
};

export type ServiceChanges = {
  id: GeneratedAlways<bigint>;
  service_id: ServiceId;
  kind: 'created' | 'rate' | 'limits' | 'flags' | 'disabled' | 'enabled';
  before: Json;
  after: Json;
  state: 'applied' | 'held' | 'rejected';
  actor: string;
  created_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
};

export type ServiceRoutes = {
  service_id: ServiceId;
  position: number;
  provider_id: ProviderId;
  external_id: string;
  is_delegated: Generated<boolean>;
  guards_margin: Generated<boolean>;
};

export type ServiceSources = {
  service_id: ServiceId;
  provider_id: ProviderId;
  external_id: string;
  markup_basis_points: Generated<number>;
  markup_fixed: Generated<Rate>;
  rate_min: Generated<Rate>;
  rate_step: Generated<bigint>;
};

export type Services = {
  id: Generated<ServiceId>;
  category_id: CategoryId;
  position: number;
  name: string;
  type:
    | 'Default'
    | 'Package'
    | 'Custom Comments'
    | 'Custom Comments Package'
    | 'Mentions'
    | 'Mentions with Hashtags'
    | 'Mentions Custom List'
    | 'Mentions Hashtag'
    | 'Mentions User Followers'
    | 'Mentions Media Likers'
    | 'Comment Likes'
    | 'Comment Replies'
    | 'Poll'
    | 'Invites from Groups'
    | 'Subscriptions'
    | 'SEO'
    | 'Web Traffic';
  rate: Rate;
  min: number;
  max: number;
  refill: Generated<boolean>;
  refill_days: number | null;
  cancel: Generated<boolean>;
  dripfeed: Generated<boolean>;
  deny_duplicates: Generated<boolean>;
  enabled: Generated<boolean>;
  hidden: Generated<boolean>;
  description: Generated<string>;
  average_time: Generated<string>;
  disabled_by: 'staff' | 'sync' | null;
};

export type Settings = {
  singleton: Generated<boolean>;
  currency: Generated<string>;
  show_description: Generated<boolean>;
  show_average_time: Generated<boolean>;
  name: Generated<string>;
  tagline: Generated<string>;
  accent: Generated<string>;
  logo: Uint8Array | null;
  logo_type: 'image/png' | 'image/webp' | 'image/jpeg' | null;
  languages: Generated<string[]>;
  announcement: Generated<string>;
  terms: Generated<string>;
  contact: Generated<string>;
  sign_up_open: Generated<boolean>;
  public_price_list: Generated<boolean>;
  calls_per_second_default: number | null;
  tagline_zh: Generated<string>;
  announcement_zh: Generated<string>;
  terms_zh: Generated<string>;
  contact_zh: Generated<string>;
  staff_second_factor: Generated<boolean>;
};

export type Staff = {
  id: Generated<StaffId>;
  name: string;
  status: Generated<'active' | 'suspended'>;
  areas: Generated<string[]>;
  daily_limit: Amount | null;
  created_at: Date;
};

export type StaffSpending = {
  staff_id: StaffId;
  day: string;
  amount: Amount;
};

export type SubscriptionPosts = {
  customer_id: CustomerId;
  order_id: OrderId;
  number: number;
  link: string;
  quantity: bigint;
  announced_at: Date;
  due_at: Date | null;
  child_id: OrderId | null;
};

export type Subscriptions = {
  customer_id: CustomerId;
  order_id: OrderId;
  username: string;
  min: number;
  max: number;
  delay_minutes: number;
  posts: number | null;
  posts_done: Generated<number>;
  old_posts: Generated<number>;
  expires_at: Date | null;
};

export type Transfers = {
  customer_id: CustomerId;
  number: bigint;
  debit: 'wallet' | 'deposits' | 'sales' | 'bonuses' | 'adjustments';
  credit: 'wallet' | 'deposits' | 'sales' | 'bonuses' | 'adjustments';
  amount: Amount;
  balance_after: Amount;
  reference: string;
  order_id: OrderId | null;
  created_at: Date;
};

export type TwoFactors = {
  id: string;
  user_id: string;
  secret_sealed: string;
  backup_codes_sealed: string;
  verified: Generated<boolean>;
  failures: Generated<number>;
  locked_until: Date | null;
};

export type UserCredentials = {
  id: string;
  user_id: string;
  provider: string;
  account: string;
  password_hash: string;
  created_at: Date;
  updated_at: Date;
};

export type UserSessions = {
  id: string;
  user_id: string;
  token_hash: string;
  address: Generated<string>;
  user_agent: Generated<string>;
  acting_customer_id: CustomerId | null;
  created_at: Date;
  updated_at: Date;
  expires_at: Date;
  confirmed_at: Date | null;
  confirm_failures: Generated<number>;
  by_passkey: Generated<boolean>;
};

export type UserVerifications = {
  id: string;
  identifier_hash: string;
  value: string;
  created_at: Date;
  updated_at: Date;
  expires_at: Date;
};

export type Users = {
  id: string;
  name: string;
  email: string;
  email_confirmed: Generated<boolean>;
  two_factor: Generated<boolean>;
  customer_id: CustomerId | null;
  staff_id: StaffId | null;
  created_at: Date;
  updated_at: Date;
};

export type Verifications = {
  id: Generated<number>;
  started_by: string;
  started_at: Date;
  seen_at: Date;
  done: Generated<number>;
  total: Generated<number>;
  current_check: Generated<string>;
  state: Generated<'running' | 'finished' | 'failed' | 'interrupted'>;
  finished_at: Date | null;
  checked: Json | null;
  broken: Json | null;
  broken_count: Generated<number>;
  failure: Generated<string>;
};

export type VerifiedParts = {
  relation: string;
  part: bigint;
  files: string;
  code: string;
  salt: bigint;
  row_count: bigint;
  totals: Json;
  read_at: Date;
  since: bigint;
};

export type VerifyMarks = {
  singleton: Generated<boolean>;
  checked_until: Date | null;
  ran_at: Date | null;
  after_customer: Generated<number>;
  after_transfer_customer: Generated<number>;
  after_transfer: Generated<bigint>;
  after_order_customer: Generated<number>;
  after_order: Generated<bigint>;
  after_payment_customer: Generated<number>;
  after_payment: Generated<bigint>;
  read_ahead_due_at: Date | null;
};

export type Wallets = {
  customer_id: CustomerId;
  balance: Generated<Amount>;
  credit_limit: Generated<Amount>;
  transfer_count: Generated<bigint>;
  stopped_at: Date | null;
};

export type WorkerTasks = {
  name: string;
  started_at: Date;
  took_ms: number;
  failed_at: Date | null;
  failure: Generated<string>;
  failures: Generated<number>;
};

export type Schema = {
  alarm_calls: AlarmCalls;
  alarm_settings: AlarmSettings;
  alarms: Alarms;
  api_keys: ApiKeys;
  archived_months: ArchivedMonths;
  attempts: Attempts;
  audit: Audit;
  backups: Backups;
  blocked_links: BlockedLinks;
  cancels: Cancels;
  categories: Categories;
  credit_limits: CreditLimits;
  customer_prices: CustomerPrices;
  customers: Customers;
  deliveries: Deliveries;
  delivery_events: DeliveryEvents;
  delivery_times: DeliveryTimes;
  drip_feeds: DripFeeds;
  favourites: Favourites;
  figure_days: FigureDays;
  figures: Figures;
  mails: Mails;
  migrations: Migrations;
  money_stops: MoneyStops;
  notices: Notices;
  order_events: OrderEvents;
  order_versions: OrderVersions;
  orders: Orders;
  panel_identity: PanelIdentity;
  passkeys: Passkeys;
  payment_disputes: PaymentDisputes;
  payment_events: PaymentEvents;
  payment_methods: PaymentMethods;
  payment_strays: PaymentStrays;
  payments: Payments;
  provider_calls: ProviderCalls;
  provider_services: ProviderServices;
  providers: Providers;
  recent_calls: RecentCalls;
  refills: Refills;
  restores: Restores;
  retention: Retention;
  service_changes: ServiceChanges;
  service_routes: ServiceRoutes;
  service_sources: ServiceSources;
  services: Services;
  settings: Settings;
  staff: Staff;
  staff_spending: StaffSpending;
  subscription_posts: SubscriptionPosts;
  subscriptions: Subscriptions;
  transfers: Transfers;
  two_factors: TwoFactors;
  user_credentials: UserCredentials;
  user_sessions: UserSessions;
  user_verifications: UserVerifications;
  users: Users;
  verifications: Verifications;
  verified_parts: VerifiedParts;
  verify_marks: VerifyMarks;
  wallets: Wallets;
  worker_tasks: WorkerTasks;
};
