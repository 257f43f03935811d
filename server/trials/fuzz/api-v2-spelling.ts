import type { ApiInput, Pair } from './api-v2-inputs.ts';
import type { WireRequest } from './wire.ts';

const boundary = 'fuzz-7f3a9c';
const contentTypes = {
  form: 'application/x-www-form-urlencoded',
  query: undefined,
  json: 'application/json; charset=utf-8',
  multipart: `multipart/form-data; boundary=${boundary}`,
  text: 'text/plain',
} as const;

/** Spells a call out as a request. */
export function spell(input: ApiInput, key: string): WireRequest {
  const inBody = input.keyIn === 'field' ? [['key', key] as const] : [];
  const pairs: Pair[] = [['action', input.action], ...inBody, ...input.fields];
  const type = contentTypes[input.shape];
  const query = new URLSearchParams(mutable(input.shape === 'query' ? pairs : input.query));
  const headers: Record<string, string> = {
    'x-forwarded-for': `10.0.${Math.floor(input.caller / 256)}.${input.caller % 256}`,
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(input.keyIn === 'header' ? { 'x-api-key': key } : {}),
    ...(input.keyIn === 'bearer' ? { authorization: `Bearer ${key}` } : {}),
    ...(input.requestId === undefined ? {} : { 'idempotency-key': headerText(input.requestId) }),
  };
  const body = Buffer.from(input.shape === 'query' ? '' : bodyOf(input, pairs));
  const url = `/api/v2?${query}`;
  return {
    method: input.shape === 'query' ? 'GET' : 'POST',
    url,
    headers,
    body: damaged(input, body),
  };
}

function mutable(pairs: readonly Pair[]): [string, string][] {
  return pairs.map(([name, value]) => [name, value]);
}

/** What a header can carry at all. */
function headerText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '');
}

function bodyOf(input: ApiInput, pairs: readonly Pair[]): string {
  if (input.shape === 'json') return jsonOf(input, pairs);
  if (input.shape !== 'multipart') return new URLSearchParams(mutable(pairs)).toString();
  const parts = pairs.map(([name, value]) => {
    const head = `Content-Disposition: form-data; name="${partName(name)}"`;
    return `--${boundary}\r\n${head}\r\n\r\n${value}\r\n`;
  });
  return `${parts.join('')}--${boundary}--\r\n`;
}

function partName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Names may repeat, as they do in what badly written clients send. */
function jsonOf(input: ApiInput, pairs: readonly Pair[]): string {
  const lists = new Map<string, string[]>();
  const members: string[] = [];
  for (const [name, value] of pairs) {
    if (!name.endsWith('[]')) members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    else lists.set(name.slice(0, -2), [...(lists.get(name.slice(0, -2)) ?? []), value]);
  }
  for (const [name, values] of lists)
    members.push(`${JSON.stringify(name)}:${JSON.stringify(values)}`);
  if (input.json !== undefined) {
    const { name, value } = input.json;
    members.push(`${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`);
  }
  return `{${members.join(',')}}`;
}

function damaged({ damage }: ApiInput, body: Buffer): Buffer {
  if (damage === undefined || body.length === 0) return body;
  if ('body' in damage) return Buffer.from(damage.body);
  const at = damage.at % body.length;
  if (damage.cut) return body.subarray(0, at);
  body[at] = damage.byte;
  return body;
}

const notGiven = new Set(['', 'undefined', 'null']);
const zeroIsNone = new Set(['posts', 'runs', 'interval']);

/**
 * The parameters that count, as the protocol says: of a repeated one the last, the body's before
 * the query's. Undefined where bytes were changed on the way, so that nobody can say.
 */
export function effectiveFields(input: ApiInput): Map<string, string> | undefined {
  if (input.damage !== undefined && input.shape !== 'query') return undefined;
  const body = read(input.shape === 'query' ? [] : input.fields);
  const query = read(input.shape === 'query' ? input.fields : input.query);
  if (input.shape === 'json' && input.json !== undefined) addJson(body, input.json);
  return new Map([...query, ...body]);
}

function read(pairs: readonly Pair[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) set(fields, name, value);
  return fields;
}

function set(fields: Map<string, string>, name: string, value: string): void {
  const text = value.trim();
  if (notGiven.has(text) || (text === '0' && zeroIsNone.has(name))) fields.delete(name);
  else fields.set(name, text);
}

function addJson(fields: Map<string, string>, member: NonNullable<ApiInput['json']>): void {
  const { name, value } = member;
  if (typeof value === 'string') set(fields, name, value);
  if (typeof value === 'number') set(fields, name, JSON.stringify(value));
  if (typeof value === 'boolean') set(fields, name, String(value));
  // What is no text takes the place of the one before it, and counts as not given.
  if (typeof value === 'object') fields.delete(name);
}
