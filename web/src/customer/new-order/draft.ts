import { priceOf } from '../../money.ts';
import type { Offer, OfferedService } from '../services.ts';

export type FieldName = Offer['types'][OfferedService['type']]['required'][number];

/** The two parameters that make a plan of one order. */
export const dripfeedFields: readonly FieldName[] = ['runs', 'interval'];

export function isDripFeedOffered(service: OfferedService): boolean {
  return service.dripfeed;
}

/** The lines of a list that are not empty, as the server counts them for comments. */
export function countLines(text: string): number {
  return text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '').length;
}

/** What is ordered each time: undefined while it isn't known or isn't valid. */
export function quantityOf(
  offer: Offer,
  service: OfferedService,
  values: Readonly<Record<string, string>>,
): bigint | undefined {
  const source = offer.types[service.type].quantity;
  if (source.from === 'package') return 1n;
  if (source.from === 'lines') return BigInt(countLines(values[source.field] ?? '')) || undefined;
  if (source.from === 'posts') return undefined;
  const text = (values.quantity ?? '').trim();
  return /^[1-9]\d{0,9}$/.test(text) ? BigInt(text) : undefined;
}

export type Plan = { runs: bigint; interval: bigint; quantity: bigint; minutes: bigint };

/** The plan of a drip-feed; undefined until its parts are valid. */
export function planOf(
  quantity: bigint | undefined,
  values: Readonly<Record<string, string>>,
): Plan | undefined {
  const [runs, interval] = [values.runs ?? '', values.interval ?? ''].map((text) =>
    /^[1-9]\d{0,5}$/.test(text.trim()) ? BigInt(text.trim()) : undefined,
  );
  if (quantity === undefined || runs === undefined || interval === undefined) return undefined;
  return { runs, interval, quantity, minutes: interval * (runs - 1n) };
}

/** What the order costs in all; packages have their price whatever is in them. */
export function chargeOf(
  offer: Offer,
  service: OfferedService,
  input: { quantity: bigint | undefined; runs: bigint },
): string | undefined {
  if (input.quantity === undefined) return undefined;
  const isPackage = offer.types[service.type].quantity.from === 'package';
  return isPackage ? service.rate : priceOf(service.rate, input.quantity * input.runs);
}

/**
 * Whether a text can be the link it is asked for, while it is typed: what is plainly none gets a
 * hint, no more, as some services take a user name there.
 */
export function mayBeLink(text: string): boolean {
  const link = text.trim();
  if (link === '') return true;
  if (/\s/.test(link)) return false;
  const url = URL.parse(link.includes('://') ? link : `https://${link}`);
  return url !== null && /^https?:$/.test(url.protocol) && /\.[^.\d]/.test(url.hostname);
}
