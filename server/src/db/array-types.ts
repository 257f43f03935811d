import type postgres from 'postgres';

/**
 * The array types the server speaks, for postgres.js. Left to itself it asks the server for them on
 * every new connection, in a query that nobody awaits: a connection that breaks just then ends the
 * process with an unhandled rejection.
 */
export const arrayTypes = {
  bools: arrayType(1000, (text) => text === 't'),
  byteas: arrayType(1001, (text) => Buffer.from(text.slice(2), 'hex')),
  names: arrayType(1003, (text) => text),
  int2s: arrayType(1005, Number),
  int4s: arrayType(1007, Number),
  texts: arrayType(1009, (text) => text),
  varchars: arrayType(1015, (text) => text),
  int8s: arrayType(1016, BigInt),
  float8s: arrayType(1022, Number),
  oids: arrayType(1028, Number),
  timestamptzs: arrayType(1185, (text) => new Date(text)),
  jsonbs: arrayType(3807, (text) => JSON.parse(text)),
} satisfies Record<string, postgres.PostgresType>;

function arrayType(oid: number, parseItem: (text: string) => unknown) {
  return {
    to: oid,
    from: [oid],
    serialize: (items: readonly unknown[]) => formatArray(items),
    parse: (text: string) =>
      parseArray(text).map((item) => (item === null ? null : parseItem(item))),
  };
}

/** A list as PostgreSQL reads it; each order has some 17 items in such lists. */
export function formatArray(items: readonly unknown[]): string {
  let text = '';
  for (const item of items) text += `${text === '' ? '{' : ','}${formatItem(item)}`;
  return text === '' ? '{}' : `${text}}`;
}

/** Texts are quoted: they may be empty, or mean something in a list. */
function formatItem(item: unknown): string {
  if (item === null) return 'NULL';
  if (typeof item === 'number') return String(item);
  return `"${textOf(item)}"`;
}

function textOf(item: unknown): string {
  if (item instanceof Date) return item.toISOString();
  if (item instanceof Uint8Array) return `\\\\x${Buffer.from(item).toString('hex')}`;
  const text = String(item);
  return text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text;
}

/** The items of a one-dimensional array as PostgreSQL prints it. */
export function parseArray(text: string): (string | null)[] {
  const items: (string | null)[] = [];
  for (const match of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
    const [, quoted, plain = ''] = match;
    if (quoted !== undefined) items.push(quoted.replace(/\\(.)/gs, '$1'));
    else items.push(plain === 'NULL' ? null : plain);
  }
  return items;
}
