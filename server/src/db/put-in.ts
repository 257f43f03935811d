import type { CompiledQuery } from 'kysely';

/**
 * A statement with values in the places of symbols that were given to it as parameters: so its text
 * is made once, and runs with others each time.
 */
export function putIn<T>(
  statement: CompiledQuery<T>,
  values: ReadonlyMap<unknown, unknown>,
): CompiledQuery<T> {
  const parameters = statement.parameters.map((one) => (values.has(one) ? values.get(one) : one));
  return { ...statement, parameters };
}
