import { type RawBuilder, sql } from 'kysely';

/**
 * What a cost in the currency of a provider, a table by this name, is in the panel's: in 10⁻⁸ of
 * it, with decimals. Exact, and multiplied as `numeric`: 10⁻⁸ of both make no `bigint` where one of
 * the provider's is worth thousands.
 */
export function exchanged(cost: RawBuilder<unknown>, provider: string): RawBuilder<unknown> {
  return sql`(${cost} * (${sql.ref(`${provider}.exchange_rate`)} * 0.00000001))`;
}
