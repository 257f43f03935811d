/** Whether PostgreSQL stores a text as it is: it takes no NUL, and no half of a letter. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Deeper JSON than anybody means. */
const depthMax = 200;
/** Members that make an object nothing that can be compared: checks of a length then throw. */
const hostileNames: ReadonlySet<string> = new Set(['toString', 'valueOf']);

/** Whether a value from JSON has only storable texts, and only objects that can be looked at. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > depthMax) return false;
  if (Array.isArray(value)) return value.every((part) => isPlainJson(part, depth + 1));
  return Object.entries(value).every(
    ([name, part]) => isStorable(name) && !hostileNames.has(name) && isPlainJson(part, depth + 1),
  );
}
