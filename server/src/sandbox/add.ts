import { type Amount, chargeFor, chargeForPackage, parseRate, zero } from '../base/index.ts';
import { balanceAt, progressOf } from './delivery.ts';
import { type Fields, readLines, readWhole } from './fields.ts';
import type { SandboxService, TypeRow } from './service-types.ts';
import { serviceTypes } from './service-types.ts';
import { fingerprintOf, journalAmount, linkKey, record, type State, stamp } from './state.ts';

/** What an action came to: its reply's document, or a refusal's text. */
export type Outcome<T> = { value: T } | { error: string };

const linkLengthMax = 2048;
const runsMax = 10_000;
const intervalMinutesMax = 525_600;
const delays = new Set([
  0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480, 540, 600,
]);
const listFields = new Set(['comments', 'usernames', 'hashtags', 'keywords', 'groups']);
const activeLink = 'You have active order with this link. Please wait until order being completed.';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
const control = /[\u0000-\u001f\u007f]/;

/** Buys a service: answers the new order's id, or why there is none. */
export function addOrder(
  state: State,
  services: readonly SandboxService[],
  fields: Fields,
): Outcome<number> {
  const params = Object.fromEntries([...fields].filter(([name]) => name !== 'key'));
  const repeated = findRepeated(state, params);
  if (repeated !== undefined) return repeated;
  const nowMs = state.clock.now().getTime();
  const id = readWhole(fields.get('service'));
  const service = services.find((one) => one.service === id);
  if (service === undefined) return { error: 'Incorrect service ID' };
  const row: TypeRow = serviceTypes[service.type];
  const link = fields.get('link') ?? '';
  const needsLink = row.required.includes('link');
  if (needsLink && (link === '' || link.length > linkLengthMax || control.test(link))) {
    return { error: 'Bad link' };
  }
  const quantity = readQuantity(row, service, fields);
  if (typeof quantity === 'string') return { error: quantity };
  const wrong = findWrongField(service, fields, nowMs);
  if (wrong !== undefined) return { error: wrong };
  if (service.denyDuplicates && hasRunning(state, service, link)) return { error: activeLink };
  const charge = priceOf(row, service, { quantity, runs: readWhole(fields.get('runs')) ?? 1 });
  if (charge > balanceAt(state, nowMs)) return { error: 'Not enough funds on balance' };
  const order = state.nextOrderId;
  const at = stamp(state);
  record(state, {
    kind: 'add',
    at,
    order,
    service,
    quantity,
    charge: journalAmount(charge),
    params,
  });
  return { value: order };
}

/** A call that came before under the same request id. */
function findRepeated(
  state: State,
  params: Readonly<Record<string, string>>,
): Outcome<number> | undefined {
  const requestId = state.requestIdField && params[state.requestIdField];
  const known = requestId ? state.requests.get(requestId) : undefined;
  if (known === undefined) return undefined;
  return known.fingerprint === fingerprintOf(params)
    ? { value: known.orderId }
    : { error: `${state.requestIdField} was used with other parameters` };
}

/** The quantity of one run, or the refusal. */
function readQuantity(row: TypeRow, service: SandboxService, fields: Fields): number | string {
  if (row.quantity === 'package') return 1;
  if (row.quantity === 'posts') return 0;
  if (row.quantity === 'quantity') {
    const quantity = readWhole(fields.get('quantity'));
    if (quantity === undefined) return 'Incorrect quantity';
    return boundsRefusal(quantity, service) ?? quantity;
  }
  const lines = readLines(fields.get(row.quantity) ?? '', row.quantity === 'usernames');
  if (lines.length === 0) return `Incorrect ${row.quantity}`;
  return boundsRefusal(lines.length, service) ?? lines.length;
}

function boundsRefusal(quantity: number, service: SandboxService): string | undefined {
  if (quantity < service.min) return `Quantity less than minimal ${service.min}`;
  if (quantity > service.max) return `Quantity more than maximum ${service.max}`;
  return undefined;
}

function findWrongField(
  service: SandboxService,
  fields: Fields,
  nowMs: number,
): string | undefined {
  const row: TypeRow = serviceTypes[service.type];
  for (const name of row.required) {
    if (name === 'link' || name === 'quantity') continue;
    if (!isFieldRight(name, fields.get(name), nowMs)) return `Incorrect ${name}`;
  }
  for (const name of row.optional ?? []) {
    const value = fields.get(name);
    if (value !== undefined && !isFieldRight(name, value, nowMs)) return `Incorrect ${name}`;
  }
  if (row.quantity === 'posts') return findWrongBounds(service, fields);
  return findWrongRuns(service, fields) ?? findWrongTraffic(row, fields);
}

function findWrongRuns(service: SandboxService, fields: Fields): string | undefined {
  const runs = readWhole(fields.get('runs'));
  if (runs === undefined || runs < 2) return undefined;
  if (!service.dripfeed || runs > runsMax) return 'Incorrect runs';
  const interval = readWhole(fields.get('interval')) ?? 0;
  return interval < 1 || interval > intervalMinutesMax ? 'Incorrect interval' : undefined;
}

function findWrongTraffic(row: TypeRow, fields: Fields): string | undefined {
  if (!row.required.includes('type_of_traffic')) return undefined;
  const traffic = fields.get('type_of_traffic');
  if (traffic === '1' && !fields.has('google_keyword')) return 'Incorrect google_keyword';
  if (traffic === '2' && !fields.has('referring_url')) return 'Incorrect referring_url';
  return undefined;
}

function findWrongBounds(service: SandboxService, fields: Fields): string | undefined {
  const min = readWhole(fields.get('min')) ?? 0;
  const max = readWhole(fields.get('max')) ?? 0;
  const refusal = boundsRefusal(min, service) ?? boundsRefusal(max, service);
  return refusal ?? (max < min ? 'Incorrect max' : undefined);
}

function isFieldRight(name: string, value: string | undefined, nowMs: number): boolean {
  if (value === undefined) return false;
  if (listFields.has(name)) return readLines(value, name !== 'comments').length > 0;
  const whole = readWhole(value);
  switch (name) {
    case 'device':
      return whole !== undefined && whole >= 1 && whole <= 5;
    case 'type_of_traffic':
      return whole !== undefined && whole >= 1 && whole <= 3;
    case 'delay':
      return whole !== undefined && delays.has(whole);
    case 'min':
    case 'max':
    case 'posts':
    case 'runs':
    case 'interval':
      return whole !== undefined && whole >= 1;
    case 'answer_number':
    case 'old_posts':
      return whole !== undefined;
    case 'expiry':
      return isDayToCome(value, nowMs);
    default:
      return !control.test(value);
  }
}

function isDayToCome(text: string, nowMs: number): boolean {
  const match = /^([0-9]{1,2})\/([0-9]{1,2})\/([0-9]{4})$/.exec(text);
  if (match === null) return false;
  const [day = 0, month = 0, year = 0] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCDate() === day && date.getUTCMonth() === month - 1;
  return exists && Date.UTC(year, month - 1, day + 1) > nowMs;
}

function hasRunning(state: State, service: SandboxService, link: string): boolean {
  const nowMs = state.clock.now().getTime();
  const others = state.ordersOfLink.get(linkKey(service.service, link)) ?? [];
  return others.some((order) => progressOf(state, order, nowMs).finalAtMs === undefined);
}

function priceOf(
  row: TypeRow,
  service: SandboxService,
  count: { quantity: number; runs: number },
): Amount {
  const rate = parseRate(service.rate, 'rate');
  if (row.quantity === 'posts') return zero;
  if (row.quantity === 'package') return chargeForPackage(rate);
  return chargeFor(rate, BigInt(count.quantity) * BigInt(Math.max(1, count.runs)));
}
