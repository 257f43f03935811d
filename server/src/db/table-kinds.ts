import type { Schema } from './schema.gen.ts';

/**
 * Where a table's rows are in a cluster: `distributed` over the nodes by `customer_id`, all tables
 * alike, so that what belongs to a customer is on one node; `reference`, whole on every node, to be
 * joined anywhere; `local`, whole on the coordinator alone.
 */
export type TableKind = 'distributed' | 'reference' | 'local';

type Placed = { kind: TableKind; why: string };

const ofCustomer: Placed = {
  kind: 'distributed',
  why: "a customer's rows, read and written by customer",
};
const besideOrders: Placed = {
  kind: 'reference',
  why: 'few rows, which every shard reads beside its orders',
};
const signIn: Placed = {
  kind: 'local',
  why: 'found by e-mail or token before the customer is known; small',
};
const payment: Placed = {
  kind: 'reference',
  why: 'named by a gateway without the customer, once over all; read beside transfers; few',
};
const ofPanel: Placed = { kind: 'local', why: "the panel's own, read by nothing on the shards" };

/** Every table and where it is in a cluster. A migration that adds a table adds a line here. */
export const tableKinds: Readonly<Record<keyof Schema, Placed>> = {
  wallets: ofCustomer,
  credit_limits: ofCustomer,
  transfers: ofCustomer,
  money_stops: ofCustomer,
  customer_prices: ofCustomer,
  favourites: ofCustomer,
  recent_calls: ofCustomer,
  notices: ofCustomer,
  orders: ofCustomer,
  order_versions: ofCustomer,
  order_events: ofCustomer,
  drip_feeds: ofCustomer,
  subscriptions: ofCustomer,
  subscription_posts: ofCustomer,
  deliveries: ofCustomer,
  delivery_events: ofCustomer,
  attempts: ofCustomer,
  refills: ofCustomer,
  cancels: ofCustomer,

  customers: {
    kind: 'reference',
    why: 'one small row each, which keys, users and orders point to',
  },
  api_keys: { kind: 'reference', why: 'found by hash before the customer is known, once over all' },
  settings: besideOrders,
  blocked_links: besideOrders,
  categories: besideOrders,
  services: besideOrders,
  service_routes: besideOrders,
  service_sources: besideOrders,
  service_changes: besideOrders,
  providers: besideOrders,
  provider_services: besideOrders,
  restores: { kind: 'reference', why: 'every claim of due orders asks for it' },

  users: signIn,
  user_sessions: signIn,
  user_credentials: signIn,
  user_verifications: signIn,
  two_factors: signIn,
  passkeys: signIn,

  payment_methods: payment,
  payments: payment,
  payment_disputes: payment,
  payment_events: payment,
  payment_strays: payment,

  staff: ofPanel,
  staff_spending: ofPanel,
  audit: { kind: 'local', why: 'numbered through for all; most rows are of no customer' },
  mails: ofPanel,
  alarms: ofPanel,
  alarm_calls: ofPanel,
  alarm_settings: ofPanel,
  figures: ofPanel,
  figure_days: ofPanel,
  delivery_times: ofPanel,
  worker_tasks: ofPanel,
  provider_calls: {
    kind: 'local',
    why: 'read by staff alone, and in parts by months, which no table on every node can be',
  },
  retention: ofPanel,
  archived_months: ofPanel,
  panel_identity: ofPanel,
  verifications: ofPanel,
  verify_marks: ofPanel,
  verified_parts: ofPanel,
  backups: ofPanel,
  migrations: ofPanel,
};

/**
 * Unique indexes of distributed tables that say something over all customers, which no shard can
 * see. In a cluster they end with the customer, and hold for his rows alone; for those of others
 * the panel looks before it writes, and `verify` finds what came twice all the same.
 */
export const globalIndexes: readonly string[] = [
  'deliveries_external',
  'attempts_external',
  'refills_external',
];
