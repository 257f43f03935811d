import assert from 'node:assert/strict';
import type { WireReply } from './wire.ts';

/** What no customer may read, whatever they ask. */
export const canaries = {
  providerName: 'Canary Upstream',
  providerHost: 'canary-host.invalid',
  providerKey: 'canary-key-6d1f0a',
} as const;

/** @throws AssertionError for an answer that tells what it must not */
export function assertNoSecret(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) assert(!text.includes(secret), `${secret} is in ${text}`);
}

const decimal = /^-?[0-9]+(\.[0-9]+)?$/;
const digits = /^[1-9][0-9]*$/;
const listKeys = [
  ['order', 'refill'],
  ['refill', 'status'],
  ['order', 'cancel'],
].map(String);
const statusKeys = ['charge', 'start_count', 'status', 'remains', 'currency'];
const parentKeys = ['runs', 'expiry', 'posts', 'orders'];
const serviceKeys = ['service', 'name', 'type', 'category', 'rate', 'min', 'max'];

/**
 * The order a reply of `/api/v2` says was placed, if it does.
 * @throws AssertionError unless it is HTTP 200, or one that says how long to wait, with JSON of a
 *   form that the protocol knows
 */
export function readApiReply(reply: WireReply): string | undefined {
  const { status, headers, body } = reply;
  assert([200, 429, 503].includes(status), `${status}: ${body}`);
  assert.equal(headers.get('content-type'), 'application/json; charset=UTF-8');
  if (status !== 200) assert.match(headers.get('retry-after') ?? '', digits);
  const value: unknown = JSON.parse(body);
  assert(typeof value === 'object' && value !== null, body);
  if (Array.isArray(value)) {
    for (const row of value) assert(isRow(row) || isService(row), `a row of ${body}`);
    return undefined;
  }
  assert(status === 200 || isRefusal(value), body);
  const isKnown = isRefusal(value) || isAnswer(value) || isStatus(value) || isStatusList(value);
  assert(isKnown, `an answer of no known form: ${body}`);
  return /^\{"order":([0-9]+)\}$/.exec(body)?.[1];
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}

function isRefusal(value: unknown): boolean {
  return String(keysOf(value)) === 'error' && isText(get(value, 'error'), /./);
}

function isAnswer(value: object): boolean {
  switch (String(Object.keys(value))) {
    case 'order':
      return Number.isSafeInteger(get(value, 'order'));
    case 'refill':
      return isText(get(value, 'refill'), digits);
    case 'status':
      return isText(get(value, 'status'), /./);
    case 'balance,currency':
      return isText(get(value, 'balance'), decimal) && isText(get(value, 'currency'), /^[A-Z]{3}$/);
    default:
      return false;
  }
}

function isStatus(value: unknown): boolean {
  const keys = keysOf(value);
  const isWhole = statusKeys.every((key) => keys.includes(key));
  const isKnown = keys.every((key) => statusKeys.includes(key) || parentKeys.includes(key));
  const isMoney = isText(get(value, 'charge'), decimal);
  return isWhole && isKnown && isMoney && isText(get(value, 'remains'), /^[0-9]+$/);
}

function isStatusList(value: object): boolean {
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([, entry]) => isStatus(entry) || isRefusal(entry));
}

function isRow(row: unknown): boolean {
  if (!listKeys.includes(String(keysOf(row)))) return false;
  const [, second] = Object.values(Object(row));
  return isRefusal(second) || typeof second === 'number' || isText(second, /./);
}

function isService(row: unknown): boolean {
  const keys = keysOf(row);
  return serviceKeys.every((key) => keys.includes(key)) && isText(get(row, 'rate'), decimal);
}
