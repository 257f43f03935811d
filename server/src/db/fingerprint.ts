import { randomInt } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';

/** Another in every process, so that no two rows cancel each other out for ever. */
const salt = BigInt(randomInt(2 ** 47));

/**
 * 64 bits of some whole numbers. The sums of it over two sets of rows are equal if the sets are,
 * and else by a chance of one in 2⁶⁴: so sets are compared without a sort or a join.
 */
export function fingerprint(...columns: readonly RawBuilder<unknown>[]): RawBuilder<bigint> {
  return columns.reduce<RawBuilder<bigint>>(
    (seed, column) => sql<bigint>`hashint8extended((${column})::bigint, ${seed})`,
    sql<bigint>`${salt}::bigint`,
  );
}
