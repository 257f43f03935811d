import { type RawBuilder, sql } from 'kysely';
import { type Amount, type CustomerId, int8Max, type OrderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { Account } from './rules.ts';

export type StatementLine = {
  number: bigint;
  debit: Account;
  credit: Account;
  /** What the wallet gained (positive) or lost (negative). */
  change: Amount;
  balanceAfter: Amount;
  reference: string;
  orderId: OrderId | null;
  createdAt: Date;
};

export type StatementPage = { lines: StatementLine[]; next: bigint | null };

/** What a statement can be narrowed down to: money in, charges of orders, and so on. */
export const statementKinds = ['deposits', 'bonuses', 'orders', 'refunds', 'adjustments'] as const;
export type StatementKind = (typeof statementKinds)[number];

export type StatementFilter = {
  kind?: StatementKind;
  /** Only lines after this number. */
  after?: bigint;
  /** Only lines before this number. */
  before?: bigint;
};

const statementLinesMax = 500;

/** In the words of the partial indexes of `transfers`, so that rare kinds are found by them. */
const conditions: Readonly<Record<StatementKind, RawBuilder<unknown>>> = {
  deposits: sql`and order_id is null and debit = 'deposits'`,
  bonuses: sql`and order_id is null and debit = 'bonuses'`,
  orders: sql`and credit = 'sales'`,
  refunds: sql`and debit = 'sales'`,
  adjustments: sql`and order_id is null and 'adjustments' in (debit, credit)`,
};

/**
 * A customer's transfers, newest first. `before` is the `next` of the page read last; pages neither
 * repeat nor miss a line while new transfers arrive.
 */
export async function readStatement(
  db: Db,
  customerId: CustomerId,
  page: StatementFilter & { limit: number },
): Promise<StatementPage> {
  const limit = Math.min(page.limit, statementLinesMax);
  const found = await sql<StatementLine>`
    select number, debit, credit,
      case when credit = 'wallet' then amount else -amount end as change,
      balance_after as "balanceAfter", reference, order_id as "orderId", created_at as "createdAt"
    from transfers
    where customer_id = ${customerId}
      and number < ${page.before ?? int8Max}::bigint and number > ${page.after ?? 0n}::bigint
      ${page.kind === undefined ? sql`` : conditions[page.kind]}
    order by number desc limit ${limit + 1}`.execute(db);
  const lines = found.rows.slice(0, limit);
  const last = lines.at(-1);
  return { lines, next: found.rows.length > limit && last !== undefined ? last.number : null };
}

/**
 * A customer's whole statement, newest first, in pages: a long one is never in memory at once. New
 * transfers while it is read are left out, and none of the others is missed.
 */
export async function* readStatementPages(
  db: Db,
  customerId: CustomerId,
  filter: StatementFilter = {},
): AsyncGenerator<StatementLine[], void, undefined> {
  let before = filter.before;
  do {
    const page = await readStatement(db, customerId, {
      ...filter,
      limit: statementLinesMax,
      ...(before === undefined ? {} : { before }),
    });
    yield page.lines;
    before = page.next ?? undefined;
  } while (before !== undefined);
}

/**
 * The number of a customer's last transfer before a day (`2026-03-01`) begins in a time zone; 0
 * before the first. Numbers and times rise together, so it is found by halving: some twenty looks
 * at the primary key among a million transfers, where no index by time has to be kept up.
 */
export async function findLastBefore(
  db: Db,
  customerId: CustomerId,
  { day, timeZone }: { day: string; timeZone: string },
): Promise<bigint> {
  const found = await sql<{ last: bigint }>`
    with recursive step (low, high) as (
      select 0::bigint, 1 + coalesce((select max(number) from transfers
        where customer_id = ${customerId}), 0)
      union all
      select case when is_before then middle else low end,
        case when is_before then high else middle end
      from (
        select s.low, s.high, s.low + (s.high - s.low) / 2 as middle, (
          select t.created_at < (${day}::date)::timestamp at time zone ${timeZone}
          from transfers t
          where t.customer_id = ${customerId} and t.number = s.low + (s.high - s.low) / 2
        ) as is_before
        from step s where s.high - s.low > 1
      ) halved
    )
    select max(low) as last from step`.execute(db);
  return found.rows[0]?.last ?? 0n;
}

/** The balances of several customers in one round trip; an unknown customer is missing. */
export async function readBalances(
  db: Db,
  customerIds: readonly CustomerId[],
): Promise<Map<CustomerId, Amount>> {
  const found = await sql<{ customer_id: CustomerId; balance: Amount }>`
    select customer_id, balance from wallets
    where customer_id = any(${customerIds}::int[])`.execute(db);
  return new Map(found.rows.map((row) => [row.customer_id, row.balance]));
}
