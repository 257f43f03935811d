import { type RawBuilder, sql } from 'kysely';

// postgres.js takes the type of a list from its first item and would declare a bigint[] as bigint;
// sent as text, the server takes the type from the cast.

/** A `bigint[]` parameter. */
export function bigints(values: readonly (bigint | null)[]): RawBuilder<bigint[]> {
  return sql`${values.map((value) => (value === null ? null : value.toString()))}::bigint[]`;
}

/** A `timestamptz[]` parameter. */
export function timestamps(values: readonly (Date | null)[]): RawBuilder<Date[]> {
  return sql`${values.map((value) => value?.toISOString() ?? null)}::timestamptz[]`;
}

/** A `boolean[]` parameter. */
export function booleans(values: readonly (boolean | null)[]): RawBuilder<boolean[]> {
  return sql`${values.map((value) => value?.toString() ?? null)}::boolean[]`;
}
