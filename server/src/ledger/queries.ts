import { sql } from 'kysely';
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

const statementLinesMax = 500;

/**
 * A customer's transfers, newest first. `before` is the `next` of the page read last; pages neither
 * repeat nor miss a line while new transfers arrive.
 */
export async function readStatement(
  db: Db,
  customerId: CustomerId,
  page: { before?: bigint; limit: number },
): Promise<StatementPage> {
  const limit = Math.min(page.limit, statementLinesMax);
  const found = await sql<StatementLine>`
    select number, debit, credit,
      case when credit = 'wallet' then amount else -amount end as change,
      balance_after as "balanceAfter", reference, order_id as "orderId", created_at as "createdAt"
    from transfers
    where customer_id = ${customerId}
      and number < ${page.before ?? int8Max}::bigint
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
): AsyncGenerator<StatementLine[], void, undefined> {
  let before: bigint | undefined;
  do {
    const page = await readStatement(db, customerId, {
      limit: statementLinesMax,
      ...(before === undefined ? {} : { before }),
    });
    yield page.lines;
    before = page.next ?? undefined;
  } while (before !== undefined);
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
