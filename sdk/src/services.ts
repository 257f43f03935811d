import type { Exchange } from './exchange.ts';
import { type ServiceType, serviceTypes } from './order.ts';
import { type ReadFailure, readingOf } from './outcomes.ts';
import {
  cleanText,
  decimalText,
  flag,
  idText,
  isJsonObject,
  type JsonObject,
  own,
  plainText,
  wholeNumber,
} from './values.ts';

/** A service as the panel lists it. What it leaves out, or says unreadably, is null. */
export type PanelService = {
  service: string;
  /** Plain text, as are category and description: not HTML, so escape it where it is shown. */
  name: string;
  category: string;
  /** `Default` when the panel's type is not one of the protocol's; see `typeKnown`. */
  type: ServiceType;
  /** False: the parameters of `add` are a guess, so offer the service to nobody unseen. */
  typeKnown: boolean;
  /** The panel's own word. */
  typeText: string;
  /** Per 1000, or per package; an exact decimal, unrounded, in the panel's currency. */
  rate: string | null;
  min: number | null;
  max: number | null;
  dripfeed: boolean | null;
  refill: boolean | null;
  cancel: boolean | null;
  description: string | null;
  averageTime: string | null;
  /** A heading made of a service that nobody can buy. */
  separator: boolean;
};

export type ServiceWarningCode =
  | 'unreadable_row'
  | 'repeated_id'
  | 'unknown_type'
  | 'unreadable_rate'
  | 'unreadable_bounds';

/** Something odd in the list. `service` is the id, null when that is what is odd. */
export type ServiceWarning = { code: ServiceWarningCode; service: string | null; text: string };

export type ServiceList = {
  /** In the panel's order; each id once, the first row of it. */
  services: PanelService[];
  warnings: ServiceWarning[];
};

export type ServicesFailure =
  | ReadFailure
  /**
   * JSON, but not a list that can be believed. It must never be taken for "every service is gone".
   */
  | {
      kind: 'implausible';
      reason: 'not_a_list' | 'empty_list' | 'no_readable_row';
      raw: string;
    };

export type ServicesReading =
  | { ok: true; value: ServiceList; raw: string }
  | { ok: false; failure: ServicesFailure };

/** A rate of a hundred million and more, by its digits before the point, buys nothing. */
const separatorRateDigits = 9;
const warningLettersMax = 200;

const typesByLetters: ReadonlyMap<string, ServiceType> = new Map(
  serviceTypes.map((type) => [typeLetters(type), type]),
);

/**
 * Letters only and none of them an s: panels differ in case, in separators, and in which words they
 * put into the plural (`mentions_users_followers`, `Custom Comment`). No two types collide.
 */
function typeLetters(text: string): string {
  return text.toLowerCase().replace(/[^a-rt-z]+/g, '');
}

/** The protocol's type that a panel's word means, or null. */
export function serviceTypeOf(text: string): ServiceType | null {
  return typesByLetters.get(typeLetters(text.slice(0, warningLettersMax))) ?? null;
}

/** Reads the reply to `services`. Only a list with at least one readable row is believed. */
export function readServices(reply: Exchange): ServicesReading {
  const reading = readingOf<{ list: unknown }>(reply, (value) => ({ list: value }));
  if (!reading.ok) return reading;
  const { raw } = reading;
  const { list } = reading.value;
  if (!Array.isArray(list)) return implausible('not_a_list', raw);
  if (list.length === 0) return implausible('empty_list', raw);
  const value = readList(list);
  return value.services.length === 0
    ? implausible('no_readable_row', raw)
    : { ok: true, value, raw };
}

function implausible(
  reason: 'not_a_list' | 'empty_list' | 'no_readable_row',
  raw: string,
): ServicesReading {
  return { ok: false, failure: { kind: 'implausible', reason, raw } };
}

function readList(rows: readonly unknown[]): ServiceList {
  const services = new Map<string, PanelService>();
  const warnings: ServiceWarning[] = [];
  rows.forEach((row, index) => {
    const id = isJsonObject(row) ? idText(own(row, 'service')) : null;
    if (!isJsonObject(row) || id === null) {
      warnings.push({ code: 'unreadable_row', service: null, text: `row ${index} has no id` });
    } else if (services.has(id)) {
      warnings.push({ code: 'repeated_id', service: id, text: `row ${index} is left out` });
    } else {
      const service = readService(id, row);
      services.set(id, service);
      warnings.push(...warningsOf(service, row));
    }
  });
  return { services: [...services.values()], warnings };
}

function readService(service: string, row: JsonObject): PanelService {
  const typeText = plainText(own(row, 'type'));
  const type = serviceTypeOf(typeText);
  const rate = decimalText(own(row, 'rate'));
  const name = plainText(own(row, 'name'));
  return {
    service,
    name,
    category: plainText(own(row, 'category')),
    type: type ?? 'Default',
    typeKnown: type !== null,
    typeText,
    rate,
    min: wholeNumber(own(row, 'min')),
    max: wholeNumber(own(row, 'max')),
    dripfeed: flag(own(row, 'dripfeed')),
    refill: flag(own(row, 'refill')),
    cancel: flag(own(row, 'cancel')),
    description: plainText(own(row, 'desc') ?? own(row, 'description')) || null,
    averageTime: plainText(own(row, 'average_time')) || null,
    separator: isSeparator({ type, rate, name }),
  };
}

function isSeparator(service: { type: ServiceType | null; rate: string | null; name: string }) {
  const whole = service.rate?.split('.')[0] ?? '';
  if (whole.length >= separatorRateDigits && !whole.startsWith('-')) return true;
  return service.type === 'Package' && !/[\p{L}\p{N}]/u.test(service.name);
}

function warningsOf(service: PanelService, row: JsonObject): ServiceWarning[] {
  const found: [ServiceWarningCode, unknown][] = [];
  if (!service.typeKnown) found.push(['unknown_type', own(row, 'type')]);
  if (service.rate === null || service.rate.startsWith('-')) {
    found.push(['unreadable_rate', own(row, 'rate')]);
  }
  // A subscription's or a package's bounds matter as much: they go into the order.
  const { min, max } = service;
  if (min === null || max === null || min < 0 || max < min) {
    found.push(['unreadable_bounds', [own(row, 'min'), own(row, 'max')]]);
  }
  return found.map(([code, value]) => {
    const text = cleanText(JSON.stringify(value) ?? 'missing', warningLettersMax);
    return { code, service: service.service, text };
  });
}
