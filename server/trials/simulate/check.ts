import { type RawBuilder, sql } from 'kysely';
import { cancelChecks } from '../../src/cancels/index.ts';
import { allKnown, type Check } from '../../src/db/index.ts';
import { figureChecks } from '../../src/figures/index.ts';
import { deliveryChecks } from '../../src/fulfilment/index.ts';
import { ledgerChecks } from '../../src/ledger/index.ts';
import { orderChecks } from '../../src/orders/index.ts';
import { paymentChecks } from '../../src/payments/index.ts';
import { refillChecks } from '../../src/refills/index.ts';
import { verify, verifyChanges } from '../../src/system/index.ts';
import {
  Broken,
  inWords,
  learnOrder,
  must,
  readOrders,
  refundOf,
  type StoredOrder,
  targetOf,
} from './model.ts';
import { sumPayments } from './payments.ts';
import { type Provider, secretsOf, type World } from './world.ts';

/** What is kept of a world from one look to the next. */
export type Watch = {
  /** How much of each journal was counted, and how often each target was ordered there. */
  counted: Map<Provider, number>;
  adds: Map<string, number>;
  /** The rows of append-only tables at the last look, by their place. */
  seals: Map<string, Map<string, string>>;
};

/** Starts to watch a world. */
export function startWatch(): Watch {
  return { counted: new Map(), adds: new Map(), seals: new Map() };
}

const checks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...deliveryChecks,
  ...refillChecks,
  ...cancelChecks,
  ...paymentChecks,
  ...figureChecks,
];

/** All that `verify` finds broken, as one statement: a fifth of the time of one each. */
const allBroken: RawBuilder<{ name: string; subject: string; detail: string }> = sql`
  with ${allKnown}
  select * from (${sql.join(
    checks.map(
      ({ invariant, name, broken }) => sql`
        select ${sql.lit(`${invariant} ${name}`)} as name, b.subject, b.detail from (${broken}) b`,
    ),
    sql` union all `,
  )}) broken limit 10`;

/**
 * Holds the panel against what the world knows, and against its own invariants.
 * @throws Broken
 */
export async function checkWorld(world: World, watch: Watch): Promise<void> {
  const stored = await readOrders(world);
  for (const order of stored) learnOrder(world.model, order);
  checkOrders(world, stored);
  await checkBalances(world, stored);
  checkJournals(world, watch, stored);
  const found = await allBroken.execute(world.owner.db);
  for (const { name, subject, detail } of found.rows) {
    throw new Broken(name, `${subject}: ${detail}`);
  }
}

function checkOrders({ model }: World, stored: readonly StoredOrder[]): void {
  const byId = new Map(stored.map((order) => [order.id, order]));
  for (const order of model.orders.values()) {
    const found = byId.get(order.id);
    must(found !== undefined, 'I13', () => `order ${order.id} was answered and is gone`);
    const isOwn = found.customerId === order.customer.id;
    must(isOwn, 'I12', () => `order ${order.id} is another customer's`);
    const { charge } = found;
    must(charge === order.charge, 'I4', () => `order ${order.id}: ${charge}, not ${order.charge}`);
    const requestId = order.request?.request_id ?? null;
    must(found.requestId === requestId, 'I10', () => `order ${order.id} is ${found.requestId}'s`);
  }
}

async function checkBalances(world: World, stored: readonly StoredOrder[]): Promise<void> {
  const { owner, model } = world;
  const wallets = await owner.sql<{ id: number; balance: bigint; limit: bigint }[]>`
    select customer_id as id, balance, credit_limit as limit from wallets`;
  const paid = await sumPayments(world);
  const expected = new Map<number, bigint>(
    model.customers.map(({ id, credits }) => [id, credits + (paid.get(id) ?? 0n)]),
  );
  for (const order of stored) {
    const charged = order.parentKind === 'drip_feed' ? 0n : order.charge;
    const before = expected.get(order.customerId) ?? 0n;
    expected.set(order.customerId, before - charged + refundOf(order));
  }
  for (const { id, balance, limit } of wallets) {
    const right = expected.get(id) ?? 0n;
    const words = () => `customer ${id} has ${inWords(balance)}, not ${inWords(right)}`;
    must(balance === right, 'I5', words);
    must(balance >= -limit, 'I3', () => `customer ${id} is below ${inWords(-limit)}`);
  }
}

/** Upstreams know best what was ordered there: once for each order, again by consent alone. */
function checkJournals(world: World, watch: Watch, stored: readonly StoredOrder[]): void {
  for (const provider of world.providers) {
    const journal = provider.sandbox.journal();
    for (let at = watch.counted.get(provider) ?? 0; at < journal.length; at += 1) {
      const entry = journal[at];
      if (entry?.kind !== 'add') continue;
      const target = targetOf(entry.params);
      watch.adds.set(target, (watch.adds.get(target) ?? 0) + 1);
    }
    watch.counted.set(provider, journal.length);
  }
  const allowed = new Map(world.model.consents);
  for (const { kind, link } of stored) {
    if (kind !== 'drip_feed') allowed.set(link, (allowed.get(link) ?? 0) + 1);
  }
  for (const [target, count] of watch.adds) {
    const most = allowed.get(target) ?? 0;
    must(count <= most, 'I6', () => `${target} was ordered ${count} times, not ${most}`);
  }
}

/**
 * What is looked at less often: secrets in the database and the log, rows that must stay as they
 * were, whom what is followed belongs to.
 * @throws Broken
 */
export async function checkDeeply(world: World, watch: Watch): Promise<void> {
  await checkSeals(world, watch);
  await checkFollowed(world);
  const changes = await verifyChanges(world.app);
  const { broken } = await verify(world.app.db);
  for (const { invariant, check, subject, detail } of broken) {
    throw new Broken(`${invariant} ${check}`, `${subject}: ${detail}`);
  }
  // What is right as a whole is right in parts, too: a check that says otherwise stops customers.
  for (const { invariant, check, subject, detail } of changes?.findings ?? []) {
    throw new Broken(`${invariant} ${check} of what changed`, `${subject}: ${detail}`);
  }
}

const sealed: Readonly<Record<string, string>> = {
  transfers: "lpad(customer_id::text, 9, '0') || '/' || lpad(number::text, 9, '0')",
  order_events: "lpad(id::text, 19, '0')",
  delivery_events: "lpad(id::text, 19, '0')",
  audit: "lpad(id::text, 19, '0')",
  credit_limits: "lpad(id::text, 19, '0')",
};

/** I11: what was there at the last look is there as it was. */
async function checkSeals({ owner }: World, { seals }: Watch): Promise<void> {
  for (const [table, place] of Object.entries(sealed)) {
    const known = seals.get(table);
    const rows = await owner.sql.unsafe(
      `select row_place, row_seal from (
        select ${place} as row_place, md5(t::text) as row_seal from ${table} t) rows`,
    );
    const now = new Map(rows.map((row) => [String(row.row_place), String(row.row_seal)]));
    for (const [at, seal] of known ?? []) {
      must(now.get(at) === seal, 'I11', () => `${table} ${at} was rewritten`);
    }
    seals.set(table, now);
  }
}

/** I7: what is followed is what was ordered there for this order, where nobody has lied. */
async function checkFollowed({ owner, providers, isHonest }: World): Promise<void> {
  if (!isHonest) return;
  const rows = await owner.sql<{ provider: number; external: string; link: string; by: string }[]>`
    select d.provider_id as provider, d.external_id as external, o.link,
      coalesce(a.resolved_by, '') as by
    from deliveries d
    join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
      and a.number = d.attempts
    where d.external_id is not null`;
  for (const provider of providers) {
    const own = rows.filter((row) => row.provider === provider.id && !row.by.startsWith('staff'));
    const targets = new Map(
      provider.sandbox
        .journal()
        .flatMap((entry) =>
          entry.kind === 'add' ? [[String(entry.order), targetOf(entry.params)]] : [],
        ),
    );
    for (const { external, link } of own) {
      const target = targets.get(external) ?? link;
      must(target === link, 'I7', () => `${link} follows ${external}, which is ${target}`);
    }
  }
}

/** I16: no key stands in any table or line of the log. @throws Broken */
export async function checkSecrets(world: World): Promise<void> {
  const keys = world.model.customers.flatMap(({ key, oldKeys }) => [key, ...oldKeys]);
  const secrets = [...keys.map((key) => key.slice(10)), ...world.providers.map(({ key }) => key)];
  const tables = await world.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  for (const { name } of tables) {
    const rows = await world.owner.sql.unsafe(
      `select string_agg(t::text, ' ') as rows from ${name} t`,
    );
    refuse(String(rows[0]?.rows ?? ''), { secrets, where: `table ${name}` });
  }
  refuse(world.logged.join('\n'), { secrets, where: 'the log' });
}

function refuse(text: string, { secrets, where }: { secrets: string[]; where: string }): void {
  const leaked = secrets.some((secret) => text.includes(secret));
  must(!leaked, 'I16', () => `a key stands in clear in ${where}`);
}

/** I12: nothing that customers read names an upstream. @throws Broken */
export async function checkVisible(world: World): Promise<void> {
  const rows = await world.owner.sql<{ text: string }[]>`
    select coalesce(string_agg(t::text, ' '), '') as text from (
      select link, status, details::text from orders) t
    union all select coalesce(string_agg(t::text, ' '), '') from (
      select name, description from services) t`;
  const text = rows.map((row) => row.text).join(' ');
  const leak = secretsOf(world).find((secret) => text.includes(secret));
  must(leak === undefined, 'I12', () => `what customers read holds ${leak}`);
}
