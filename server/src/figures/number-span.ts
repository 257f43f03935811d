import { sql } from 'kysely';
import type { Db } from '../db/index.ts';

/** Order numbers, both among them. */
export type NumberSpan = { first: bigint; last: bigint };

type Numbered = { id: bigint; createdAt: Date };

/**
 * How far an order's number may be from those of its moment. Numbers are drawn when an order is
 * taken up and written some batches later, so neighbours in time are neighbours in number.
 */
const numbersApartMax = 50_000n;
/** Every look halves what is left of at most 2^63 numbers. */
const looksMax = 64;

/**
 * The numbers between which all orders are that were placed from `from` on and before `to`: there
 * is no index of orders by time.
 */
export async function findNumberSpan(db: Db, span: { from: Date; to: Date }): Promise<NumberSpan> {
  const newest = await sql<Numbered>`
    select id, created_at as "createdAt" from orders order by id desc limit 1`.execute(db);
  const [last] = newest.rows;
  if (last === undefined) return { first: 0n, last: 0n };
  const first = await findFirstNumber(db, span.from, last);
  const end = await findFirstNumber(db, span.to, last);
  return { first: first - numbersApartMax, last: end + numbersApartMax };
}

/**
 * The number of the first order that was placed at or after a moment, as near as the order of
 * numbers tells: a search by halves over the index of numbers, with some 25 looks into it.
 */
async function findFirstNumber(db: Db, at: Date, last: Numbered): Promise<bigint> {
  if (last.createdAt < at) return last.id + 1n;
  let low = 0n;
  let high = last.id;
  for (let look = 0; look < looksMax && low < high; look += 1) {
    const middle = (low + high) / 2n;
    const found = await sql<Numbered>`
      select id, created_at as "createdAt" from orders
      where id >= ${middle.toString()}::bigint order by id limit 1`.execute(db);
    const [order] = found.rows;
    if (order !== undefined && order.createdAt < at) low = order.id + 1n;
    else high = middle;
  }
  return low;
}
