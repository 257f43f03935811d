/** What was changed alone: others may have changed the rest meanwhile. */
export function changed<Values extends object>(before: Values, after: Values): Partial<Values> {
  const known = new Map(Object.entries(before));
  const entries = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(known.get(name)),
  );
  // The names and values are those of `after`.
  return Object.fromEntries(entries) as Partial<Values>;
}
