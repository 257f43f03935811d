import { hash } from 'node:crypto';
import {
  type Amount,
  AppError,
  assertNever,
  type CustomerId,
  chargeFor,
  chargeForPackage,
  parseSmallId,
  type ServiceId,
  zero,
} from '../base/index.ts';
import {
  type Catalog,
  findOrderable,
  isLinkBlocked,
  type Route,
  rateFor,
  type Service,
  type ServiceType,
} from '../catalog/index.ts';
import type { PriceTerms } from '../customers/index.ts';
import type { Json } from '../db/index.ts';
import {
  type Fields,
  incorrectField,
  readExpiry,
  readLines,
  readLink,
  readNumber,
  readOptionalNumber,
  readQuantity,
  readText,
  requestIdLengthMax,
} from './fields.ts';
import { type FieldName, orderFields, orderTypeOf } from './types.ts';

export type DripFeed = { quantityPerRun: bigint; runs: number; intervalMinutes: number };

export type Subscription = {
  username: string;
  min: number;
  max: number;
  delayMinutes: number;
  posts: number | null;
  oldPosts: number;
  expiresAt: Date | null;
};

/** An order that is valid and priced, but not yet paid for or stored. */
export type OrderDraft = {
  customerId: CustomerId;
  serviceId: ServiceId;
  type: ServiceType;
  kind: 'single' | 'drip_feed' | 'subscription';
  link: string;
  /** The total: over all runs of a drip-feed. */
  quantity: bigint;
  charge: Amount;
  /** The type's own parameters, as delivery needs them. */
  details: Json;
  dripFeed: DripFeed | null;
  subscription: Subscription | null;
  /** A second running order of this service on the link is refused. */
  denyDuplicates: boolean;
  /** The provider service it goes to first; null: staff deliver it. */
  route: Route | null;
  request: { id: string; hash: Uint8Array } | null;
};

// Parameters arrive trimmed, so no id begins or ends with a space.
const printableAscii = /^[\x20-\x7e]+$/;

/**
 * Checks the parameters of `add` in the protocol's order (service, link, quantity, other fields)
 * and prices the order: the rate shown to this customer × quantity / 1000, exactly.
 * @throws AppError with the refusal of the first parameter that is not right
 */
export function draftOrder(
  input: { customerId: CustomerId; terms: PriceTerms; fields: Fields; now: Date },
  catalog: Catalog,
): OrderDraft {
  const { fields, customerId } = input;
  const serviceId = parseSmallId(fields.get('service') ?? '');
  const service =
    serviceId === undefined ? undefined : findOrderable(catalog, serviceId as ServiceId);
  if (service === undefined) throw new AppError('incorrect_service', 'no such service on sale');

  const rate = rateFor(service, input.terms);
  const shared = {
    customerId,
    serviceId: service.id,
    type: service.type,
    denyDuplicates: service.denyDuplicates,
    route: service.routes[0] ?? null,
  };
  const source = orderTypeOf(service.type).quantity;
  if (source.from === 'posts') {
    const subscription = readSubscription(fields, service, input.now);
    if (isLinkBlocked(catalog, subscription.username)) {
      throw new AppError('bad_link', 'the user is on the block list');
    }
    refuseRunsWithoutDripFeed(fields, service);
    return {
      ...shared,
      // Its posts are orders of their own, each with its route.
      route: shared.route?.isDelegated ? shared.route : null,
      kind: 'subscription',
      link: subscription.username,
      quantity: 0n,
      charge: zero,
      details: {},
      dripFeed: null,
      subscription,
      request: readRequest(fields),
    };
  }

  const link = readLink(fields);
  if (isLinkBlocked(catalog, link)) throw new AppError('bad_link', 'the link is on the block list');
  const perRun = readUnits(fields, service);
  const details = readDetails(fields, service.type);
  const dripFeed = readDripFeed(fields, service, perRun);
  const quantity = dripFeed === null ? perRun : perRun * BigInt(dripFeed.runs);
  const charge = source.from === 'package' ? chargeForPackage(rate) : chargeFor(rate, quantity);
  const rest = { link, quantity, charge, subscription: null };
  if (dripFeed !== null && shared.route?.isDelegated) {
    // The provider makes the runs, so here it is one order.
    const { runs, intervalMinutes: interval } = dripFeed;
    const delegated = { ...details, runs, interval };
    const request = readRequest(fields);
    return { ...shared, ...rest, kind: 'single', details: delegated, dripFeed: null, request };
  }
  return {
    ...shared,
    ...rest,
    kind: dripFeed === null ? 'single' : 'drip_feed',
    // The runs of a drip-feed are orders of their own.
    route: dripFeed === null ? shared.route : null,
    details,
    dripFeed,
    request: readRequest(fields),
  };
}

/**
 * The hash that tells a repeated `request_id` from a reused one: over every parameter an order can
 * have, as sent, independent of the catalog.
 */
function hashRequest(fields: Fields): Uint8Array {
  const names = ['service', ...Object.keys(orderFields)];
  const sent = names.map((name) => fields.get(name) ?? null);
  return hash('sha256', JSON.stringify(sent), 'buffer');
}

/** The valid `request_id` of a request with its hash; null when there is none, or a bad one. */
export function findRequest(fields: Fields): OrderDraft['request'] {
  const id = fields.get('request_id');
  if (id === undefined || id.length > requestIdLengthMax || !printableAscii.test(id)) return null;
  return { id, hash: hashRequest(fields) };
}

function readRequest(fields: Fields): OrderDraft['request'] {
  const request = findRequest(fields);
  if (request === null && fields.has('request_id')) {
    throw new AppError('incorrect_field', 'request_id is 1 to 128 printable ASCII', {
      detail: 'request_id',
    });
  }
  return request;
}

/** The quantity of one run: sent, counted from a list, or 1 for a package. */
function readUnits(fields: Fields, service: Service): bigint {
  const source = orderTypeOf(service.type).quantity;
  switch (source.from) {
    case 'package':
      return 1n;
    case 'lines':
      return inBounds(readLines(fields, source.field).length, service);
    case 'quantity':
      return inBounds(readQuantity(fields), service);
    case 'posts':
      return 0n;
    default:
      return assertNever(source);
  }
}

function inBounds(quantity: number, service: Service): bigint {
  if (quantity < service.min) {
    throw new AppError('quantity_below_min', 'below the minimum', { detail: String(service.min) });
  }
  if (quantity > service.max) {
    throw new AppError('quantity_above_max', 'above the maximum', { detail: String(service.max) });
  }
  return BigInt(quantity);
}

const readApart = new Set<FieldName>(['link', 'quantity', 'runs', 'interval']);

/** The type's other parameters, each read by its kind. */
function readDetails(fields: Fields, type: ServiceType): Json {
  const { required, optional } = orderTypeOf(type);
  const details: Json = {};
  for (const name of [...required, ...optional]) {
    if (readApart.has(name)) continue;
    if (!fields.has(name) && !required.includes(name)) continue;
    const { kind } = orderFields[name];
    if (kind === 'lines') details[name] = readLines(fields, name);
    else if (kind === 'text') details[name] = readText(fields, name);
    else details[name] = readNumber(fields, name);
  }
  const traffic = details.type_of_traffic;
  if (traffic === 1 && details.google_keyword === undefined) throw incorrectField('google_keyword');
  if (traffic === 2 && details.referring_url === undefined) throw incorrectField('referring_url');
  return details;
}

function readDripFeed(fields: Fields, service: Service, quantityPerRun: bigint): DripFeed | null {
  refuseRunsWithoutDripFeed(fields, service);
  if (!orderTypeOf(service.type).optional.includes('runs')) return null;
  const runs = readOptionalNumber(fields, 'runs');
  if (runs === undefined || runs === 1) return null;
  return { quantityPerRun, runs, intervalMinutes: readNumber(fields, 'interval') };
}

/** Runs that would be left out silently are refused, also where the type knows none. */
function refuseRunsWithoutDripFeed(fields: Fields, service: Service): void {
  if (fields.has('runs') && !service.dripfeed) throw incorrectField('runs');
}

function readSubscription(fields: Fields, service: Service, now: Date): Subscription {
  const username = readText(fields, 'username');
  const min = readNumber(fields, 'min');
  const max = readNumber(fields, 'max');
  inBounds(min, service);
  inBounds(max, service);
  if (max < min) throw incorrectField('max');
  return {
    username,
    min,
    max,
    delayMinutes: readNumber(fields, 'delay'),
    posts: readOptionalNumber(fields, 'posts') ?? null,
    oldPosts: readOptionalNumber(fields, 'old_posts') ?? 0,
    expiresAt: readExpiry(fields, now) ?? null,
  };
}
