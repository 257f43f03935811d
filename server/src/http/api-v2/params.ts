import { AppError } from '../../base/index.ts';

/** The parameters of a call: single values, and lists sent as `orders[]=1&orders[]=2` or JSON. */
export type Params = {
  fields: Map<string, string>;
  lists: Map<string, string[]>;
};

export const paramsMax = 1_000;
// A list of 10,000 ids is told what is wrong with it. Numbers that keep their spelling take 0.7 µs
// each, so this also bounds how long one body holds up all other calls.
const jsonValuesMax = 20_000;

/** Unlike a buffer's `toString`, it drops the byte order mark some clients begin JSON with. */
const utf8 = new TextDecoder();
const notGiven = new Set(['undefined', 'null']);
const notGivenLengthMax = Math.max(...[...notGiven].map((word) => word.length));
/** Where clients send 0 for "none". */
const zeroMeansNotGiven = new Set(['posts', 'runs', 'interval']);
const [quote, backslash, comma, bracket, brace] = Buffer.from('"\\,[{');
const listName = /^([^[\]]+)\[[0-9]*\]$/;

/**
 * Reads the query and the body of a call; a value in the body wins. Values are trimmed, those that
 * mean "not given" dropped, and of a repeated parameter the last one counts.
 * @throws AppError `too_many_parameters`, or `incorrect_request` for a body that can't be read; of
 * a multipart body, which alone takes a promise, by that promise
 */
export function parseParams(input: Input): Params | Promise<Params> {
  const params = readQuery(input.query);
  if (input.body.length === 0) return params;
  const body: Params = input.query === '' ? params : { fields: new Map(), lists: new Map() };
  if (/^multipart\/form-data/i.test(input.contentType)) {
    return addMultipart(body, input).then(() => merge(params, body));
  }
  if (/^application\/json/i.test(input.contentType)) addJson(body, input.body);
  else addForm(body, input.body.toString('utf8'));
  return merge(params, body);
}

/**
 * The parameters of a query alone.
 * @throws AppError `too_many_parameters`
 */
export function readQuery(query: string): Params {
  const params: Params = { fields: new Map(), lists: new Map() };
  if (query !== '') addForm(params, query);
  return params;
}

type Input = { query: string; contentType: string; body: Buffer };

/** A value in the body wins over one of the query. */
function merge(params: Params, body: Params): Params {
  if (body === params) return params;
  for (const [name, value] of body.fields) {
    params.fields.set(name, value);
    params.lists.delete(name);
  }
  for (const [name, values] of body.lists) {
    params.lists.set(name, values);
    params.fields.delete(name);
  }
  return params;
}

function addForm(params: Params, text: string): void {
  let separators = 0;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) separators += 1;
  limitCount(separators + 1);
  const isUsual = text.length <= usualLengthMax && !text.startsWith('?');
  if (isUsual) addUsualForm(params, text);
  else for (const [name, value] of new URLSearchParams(text)) addPair(params, name, value);
}

/** Parts of a text keep all of it in memory, so a long one is taken apart by the usual parser. */
const usualLengthMax = 4_096;

/** Does what `URLSearchParams` does, in less time and with less garbage. */
function addUsualForm(params: Params, text: string): void {
  for (let from = 0; from < text.length; ) {
    const next = text.indexOf('&', from);
    const end = next === -1 ? text.length : next;
    const equals = text.indexOf('=', from);
    const split = equals === -1 || equals > end ? end : equals;
    if (end > from) {
      addPair(params, unescaped(text.slice(from, split)), unescaped(text.slice(split + 1, end)));
    }
    from = end + 1;
  }
}

function unescaped(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!text.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // What is badly escaped is taken as it stands, as every form is.
    return new URLSearchParams(`=${text}`).get('') ?? '';
  }
}

async function addMultipart(params: Params, input: Input): Promise<void> {
  let form: FormData;
  try {
    const headers = { 'content-type': input.contentType };
    form = await new Response(new Uint8Array(input.body), { headers }).formData();
  } catch (error) {
    throw new AppError('incorrect_request', 'the multipart body is damaged', { cause: error });
  }
  limitCount([...form.keys()].length);
  // A file is no parameter of this protocol.
  form.forEach((value, name) => {
    if (typeof value === 'string') addPair(params, name, value);
  });
}

function addPair(params: Params, name: string, value: string): void {
  const list = name.endsWith(']') ? listName.exec(name)?.[1] : undefined;
  if (list === undefined) {
    setField(params, name, value);
    return;
  }
  const trimmed = value.trim();
  if (isNotGiven(list, trimmed)) return;
  const values = params.lists.get(list);
  if (values === undefined) params.lists.set(list, [trimmed]);
  else values.push(trimmed);
}

function addJson(params: Params, body: Buffer): void {
  limitCount(countValues(body), jsonValuesMax);
  let document: unknown;
  try {
    // Numbers keep their spelling: 1e3 and 5.0 are refused here as everywhere.
    document = JSON.parse(utf8.decode(body), keepNumberText);
  } catch (error) {
    throw new AppError('incorrect_request', 'the body is not JSON', { cause: error });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new AppError('incorrect_request', 'the body is not a JSON object');
  }
  const entries = Object.entries(document);
  limitCount(entries.length);
  for (const [name, value] of entries) {
    if (Array.isArray(value)) {
      const texts = readItems(name, value);
      if (texts.length > 0) params.lists.set(name, texts);
    } else if (typeof value === 'string') {
      setField(params, name, value);
    } else if (typeof value === 'boolean') {
      setField(params, name, String(value));
    }
  }
}

/** The commas and opening brackets outside the strings of JSON: it has at most one value more. */
function countValues(body: Buffer): number {
  let values = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === backslash) at += 1;
    else if (byte === quote) isInString = !isInString;
    else if (!isInString && (byte === comma || byte === bracket || byte === brace)) values += 1;
  }
  return values;
}

/** The texts of a JSON list, which its body's size bounds; an object in it is the id of nothing. */
function readItems(name: string, items: readonly unknown[]): string[] {
  return items.flatMap((item) => {
    const text = typeof item === 'object' && item !== null ? '[object]' : String(item).trim();
    return isNotGiven(name, text) ? [] : text;
  });
}

function keepNumberText(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

/** Sets a parameter to a value, or to not given. */
export function setField(params: Params, name: string, value: string): void {
  const trimmed = value.trim();
  if (isNotGiven(name, trimmed)) params.fields.delete(name);
  else params.fields.set(name, trimmed);
}

function isNotGiven(name: string, value: string): boolean {
  // A text that can't be one of them is not read for it.
  const isWord = value.length <= notGivenLengthMax && notGiven.has(value);
  return value === '' || isWord || (value === '0' && zeroMeansNotGiven.has(name));
}

function limitCount(count: number, max = paramsMax): void {
  if (count > max) {
    throw new AppError('too_many_parameters', 'too many parameters', { detail: String(max) });
  }
}

/** Ids as a call names them: one alone, or several. */
export type IdList = { isList: boolean; ids: string[] };

export const idsMax = 100;

/**
 * The ids of `order` or `orders` (`refill` or `refills`), in any of the forms clients use. A comma
 * in the singular field makes it a list.
 * @throws AppError `incorrect_request` when none is given, `too_many_ids` above 100
 */
export function readIds(params: Params, singular: 'order' | 'refill'): IdList {
  const plural = `${singular}s`;
  const listed =
    params.lists.get(plural)?.join(',') ??
    params.fields.get(plural) ??
    params.lists.get(singular)?.join(',');
  const single = params.fields.get(singular);
  if (listed === undefined && single !== undefined && !single.includes(',')) {
    return { isList: false, ids: [single] };
  }
  const ids: string[] = [];
  for (const part of (listed ?? single ?? '').split(',')) {
    const id = part.trim();
    if (id !== '') ids.push(id);
  }
  if (ids.length === 0) throw new AppError('incorrect_request', `no ${singular} is given`);
  if (ids.length > idsMax) {
    throw new AppError('too_many_ids', `at most ${idsMax} ids`, { detail: plural });
  }
  return { isList: true, ids };
}
