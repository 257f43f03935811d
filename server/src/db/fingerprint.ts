import { randomInt } from 'node:crypto';
import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { putIn } from './put-in.ts';

/** Stands in a statement for the number that hashes begin with, until it is run. */
const saltPlace = Symbol('salt');
const salt = sql<bigint>`${saltPlace}::bigint`;

/** Any number: another each time all is read, so no two rows cancel each other out for ever. */
export function newSalt(): bigint {
  return BigInt(randomInt(2 ** 47));
}

/** A statement of fingerprints, with the number that they begin with. */
export function salted<T>(statement: CompiledQuery<T>, salt: bigint): CompiledQuery<T> {
  return putIn(statement, new Map([[saltPlace, salt]]));
}

/** Takes a column into a hash. */
type Step = (seed: RawBuilder<bigint>) => RawBuilder<bigint>;

/** An `integer`. */
export function int4(column: string): Step {
  return (seed) => sql`hashint4extended(${sql.raw(column)}, ${seed})`;
}

/**
 * A `bigint`. PostgreSQL folds its halves onto each other before it hashes them, so 2³² would be
 * the same as 1; with the upper half once more each number is one of its own.
 */
export function int8(column: string): Step {
  // Of an `integer` a shift by 32 is none.
  const value = sql`(${sql.raw(column)})::bigint`;
  return (seed) => sql`hashint8extended(${value} >> 32, hashint8extended(${value}, ${seed}))`;
}

/** A `bigint` that something else shows to be from -1 to 2³¹: one hash is enough for it. */
export function uint31(column: string): Step {
  return (seed) => sql`hashint8extended(${sql.raw(column)}, ${seed})`;
}

/** A `text`. */
export function text(column: string): Step {
  return (seed) => sql`hashtextextended(${sql.raw(column)}, ${seed})`;
}

/**
 * 64 bits of some columns of a row; null where one is null. The sums of it over two sets of rows
 * are equal if the sets are, and else, as far as the hashes are even, by a chance of one in 2⁶⁴
 * with each salt: so sets are compared without a sort or a join. Sums of it times an amount, for
 * all amounts that belong to a key, hide a difference by the same chance.
 */
export function fingerprint(...columns: readonly Step[]): RawBuilder<bigint> {
  return onto(salt, ...columns);
}

/** The same of a row of which some columns are a fingerprint already. */
export function onto(seed: RawBuilder<unknown>, ...columns: readonly Step[]): RawBuilder<bigint> {
  return columns.reduce<RawBuilder<bigint>>((taken, step) => step(taken), sql<bigint>`${seed}`);
}
