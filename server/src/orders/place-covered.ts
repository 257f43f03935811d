import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { assert, int8Max, type OrderId } from '../base/index.ts';
import { constraintName, type Db, putIn } from '../db/index.ts';
import type { OrderDraft } from './draft.ts';
import {
  type Moment,
  orderRow,
  orderRows,
  orderValues,
  storeDeliveries,
  storeOrders,
} from './insert.ts';
import { type PlacementEntry, requestKey } from './rules.ts';

/**
 * Charges and stores the orders of those customers whose balance covers all of theirs, in one
 * statement that is a transaction of its own. So a wallet is locked while the database works and no
 * longer, and what comes alone is answered after one round trip. It leaves to the caller whatever
 * takes more than a look at the wallet: parents, what is free, links of which one order may run,
 * repeated requests, and all orders of a customer who can't pay for all.
 * @returns the ids of what is stored
 */
export async function placeCovered(
  db: Db,
  entries: readonly PlacementEntry[],
  at: Date,
): Promise<Set<OrderId>> {
  const repeated = findRepeated(entries);
  const plain = entries.filter((entry) => needsWalletOnly(entry.draft) && !repeated.has(entry));
  if (plain.length === 0) return new Set();
  try {
    const stored = await storeCovered(db, plain, at);
    return new Set(stored.map(({ id }) => id));
  } catch (error) {
    // A request_id that another batch stored meanwhile: nothing of this one is.
    if (constraintName(error) === 'orders_request_id') return new Set();
    throw error;
  }
}

function needsWalletOnly({ kind, charge, denyDuplicates }: OrderDraft): boolean {
  // What no wallet can hold is no number for the statement either, and would fail its neighbours.
  return kind === 'single' && charge > 0n && charge <= int8Max && !denyDuplicates;
}

/** Those whose `request_id` another entry has too. */
function findRepeated(entries: readonly PlacementEntry[]): Set<PlacementEntry> {
  const firsts = new Map<string, PlacementEntry>();
  const repeated = new Set<PlacementEntry>();
  for (const entry of entries) {
    const { customerId, request } = entry.draft;
    if (request === null) continue;
    const key = requestKey(customerId, request.id);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, entry);
    else repeated.add(first).add(entry);
  }
  return repeated;
}

type Stored = { id: OrderId };

async function storeCovered(
  db: Db,
  entries: readonly PlacementEntry[],
  at: Date,
): Promise<Stored[]> {
  const [first] = entries;
  assert(first !== undefined, 'orders to store');
  // Without it where nothing is sent on: its indexes are opened for no row.
  const isRouted = entries.some(({ draft }) => draft.route !== null);
  const statement =
    entries.length === 1
      ? putIn(compileOne(db, isRouted), new Map([...orderValues(first), [atPlace, at]]))
      : storeCharged(chargeAll(entries), { isRouted, at }).compile(db);
  const stored = await db.executeQuery(statement);
  return stored.rows;
}

/** Stands for the moment in the statement of one order. */
const atPlace = Symbol('at');
/** By whether it is routed. */
const oneOrderStatements = new WeakMap<Db, Map<boolean, CompiledQuery<Stored>>>();

/** The text is made once: that takes longer than all else that the server does for an order. */
function compileOne(db: Db, isRouted: boolean): CompiledQuery<Stored> {
  const statements = oneOrderStatements.get(db) ?? new Map<boolean, CompiledQuery<Stored>>();
  oneOrderStatements.set(db, statements);
  const known = statements.get(isRouted);
  if (known !== undefined) return known;
  const made = storeCharged(chargeOne(), { isRouted, at: sql<Date>`${atPlace}` }).compile(db);
  statements.set(isRouted, made);
  return made;
}

/** Stores of the `entries` those of the customers who `paid`, with what was charged. */
function storeCharged(
  charging: RawBuilder<unknown>,
  { isRouted, at }: { isRouted: boolean; at: Moment },
): RawBuilder<Stored> {
  const covered = sql`entries join paid using (customer_id)`;
  const routed = isRouted ? sql`, routed as (${storeDeliveries(covered, at)})` : sql``;
  return sql<Stored>`
    with ${charging}, placed as (${storeOrders(covered, at)})${routed}
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      order_id, created_at)
    select customer_id, transfer_count + nth, 'wallet', 'sales', charge, balance - spent,
      'order:' || id || ':charge', id, ${at}::timestamptz
    from ${covered}
    returning order_id as id`;
}

/**
 * Charges wallets: each of the `entries` is the `nth` of its customer's and has `spent` so much
 * together with those before it; wallets that `paid` are as they were before.
 */
function chargeAll(entries: readonly PlacementEntry[]): RawBuilder<unknown> {
  const customerIds = [...new Set(entries.map(({ draft }) => draft.customerId))];
  return sql`
    entries as materialized (
      select o.*, row_number() over earlier as nth, sum(charge) over earlier as spent
      from ${orderRows(entries)} window earlier as (partition by customer_id order by id)
    ), totals as (
      select customer_id, max(nth) as transfers, max(spent) as charge
      from entries group by customer_id
    ), locked as materialized (
      -- In the order of their ids like everywhere, so that no two batches wait for each other.
      select customer_id, balance, credit_limit, transfer_count
      from wallets where customer_id = any(${customerIds}::int[]) and stopped_at is null
      order by customer_id for update
    ), paid as (
      update wallets w set balance = l.balance - t.charge,
        transfer_count = l.transfer_count + t.transfers
      from locked l join totals t using (customer_id)
      where w.customer_id = l.customer_id and l.balance - t.charge >= -l.credit_limit
      returning w.customer_id, l.balance, l.transfer_count
    )`;
}

/** The same for one order, with nothing to sort, to add up or to keep: on a quiet panel most. */
function chargeOne(): RawBuilder<unknown> {
  return sql`
    entries as not materialized (select o.*, 1 as nth, charge as spent from ${orderRow()}),
    paid as (
      update wallets w set balance = balance - charge, transfer_count = transfer_count + 1
      from entries e
      where w.customer_id = e.customer_id and balance - charge >= -credit_limit
        and stopped_at is null
      returning w.customer_id, balance + charge as balance, transfer_count - 1 as transfer_count
    )`;
}
