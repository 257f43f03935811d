import { type RawBuilder, sql } from 'kysely';
import { type Db, isCluster } from '../db/index.ts';

/** The millions of numbers that there are, by which `orders_link` begins, the newest first. */
const millions = sql`(
  select million from generate_series(0, (select max(id) from orders) / 1000000) million
  order by million desc
) m`;
const million = sql`o.id / 1000000`;

/**
 * Orders of a link, newest first. They are looked for in a million after the other, from the newest
 * down, until there are enough.
 * @param select `orders o` of the link where a condition holds, newest first, `limit` at most; its
 *   rows have an `id`
 */
export function ordersOfLink(
  db: Db,
  select: (isThere: RawBuilder<boolean>) => RawBuilder<unknown>,
  limit: number,
): RawBuilder<unknown> {
  // A cluster joins no series with what its shards have: it reads all of a link, and sorts it.
  if (isCluster(db)) return select(sql`${million} = any(array(select million from ${millions}))`);
  return sql`
    select o.* from ${millions}
    cross join lateral (${select(sql`${million} = m.million`)}) o
    order by m.million desc, o.id desc limit ${limit}::int`;
}

/** Whether an order is of a link, in any of its usual spellings: `link_hash` of the schema. */
export function isOfLink(link: string): RawBuilder<boolean> {
  return sql<boolean>`link_hash(o.link) = link_hash(${link})`;
}
