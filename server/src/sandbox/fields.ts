/** The parameters of a call, trimmed, those that mean "not given" left out. */
export type Fields = ReadonlyMap<string, string>;

/** What a call may be given as: lists are comma-separated texts. */
export type FieldsInput = Fields | Readonly<Record<string, string | number>>;

const zeroMeansNone = new Set(['posts', 'runs', 'interval']);

/** Reads a body of a form or of JSON; `orders[]=1&orders[]=2` is a list like `orders=1,2`. */
export function readBody(body: string, contentType: string): Fields {
  const pairs = contentType.toLowerCase().startsWith('application/json')
    ? readJson(body)
    : [...new URLSearchParams(body)];
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    const list = /^([^[\]]+)\[[0-9]*\]$/.exec(name)?.[1];
    const before = list === undefined ? undefined : fields.get(list);
    fields.set(list ?? name, before === undefined ? value : `${before},${value}`);
  }
  return fields;
}

/** Trims the values and drops those that mean nothing was given. */
export function cleanFields(input: FieldsInput): Fields {
  const pairs = input instanceof Map ? [...input] : Object.entries(input);
  const fields = new Map<string, string>();
  for (const [name, given] of pairs) {
    const value = String(given).trim();
    const isNone = value === '' || value === 'undefined' || value === 'null';
    if (!isNone && !(value === '0' && zeroMeansNone.has(name))) fields.set(name, value);
  }
  return fields;
}

/** Ids as a call names them: one alone, or several. */
export type Ids = { isList: boolean; ids: string[] };

/** The ids of `order` or `orders`; undefined when there is none. */
export function readIds(fields: Fields, singular: 'order' | 'refill'): Ids | undefined {
  const listed = fields.get(`${singular}s`);
  const single = fields.get(singular);
  if (listed === undefined && single !== undefined && !single.includes(',')) {
    return { isList: false, ids: [single] };
  }
  const ids = (listed ?? single ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  return ids.length === 0 ? undefined : { isList: true, ids };
}

/** A whole number of ASCII digits from 0 to 2147483647. */
export function readWhole(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 2_147_483_647 ? value : undefined;
}

/** The non-empty trimmed lines of a list. */
export function readLines(text: string, hasCommas: boolean): string[] {
  return text
    .split(hasCommas ? /\r\n|\n|\r|,/ : /\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function readJson(body: string): [string, string][] {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? value.map(String).join(',') : String(value),
  ]);
}
