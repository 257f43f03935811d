// What an order costs, worked out from the protocol alone: nothing of the server's is imported
// here, so that a mistake there is not made here too.

/** A service as it was put on sale; the rate per 1000 as the operator typed it. */
export type Offer = {
  id: number;
  type: string;
  rate: string;
  min: number;
  max: number;
  dripfeed: boolean;
};

/** Hundredths of a percent off the list, or prices of their own by service. */
export type Terms = { discountBasisPoints: number; ownRates: ReadonlyMap<number, string> };

/** An order as asked for: over all runs. */
export type Asked = { quantity: bigint; isPackage: boolean };

const ratePlaces = 5;
const amountPlaces = 8;
const wholeBasisPoints = 10_000n;

/** 10⁻⁵ of the currency, from a decimal text. */
function rateUnits(rate: string): bigint {
  const [whole = '0', fraction = ''] = rate.split('.');
  return BigInt(whole + fraction.padEnd(ratePlaces, '0'));
}

/** The rate a customer pays, in 10⁻⁵: a discounted one is rounded up to 5 decimals. */
function rateFor(offer: Offer, terms: Terms): bigint {
  const own = terms.ownRates.get(offer.id);
  if (own !== undefined) return rateUnits(own);
  const product = rateUnits(offer.rate) * (wholeBasisPoints - BigInt(terms.discountBasisPoints));
  return (product + wholeBasisPoints - 1n) / wholeBasisPoints;
}

/** The exact charge in 10⁻⁸ of the currency: per 1000, or once for a package. */
export function exactCharge(offer: Offer, terms: Terms, asked: Asked): bigint {
  const rate = rateFor(offer, terms);
  // 10⁻⁵ per 1000 is 10⁻⁸ each.
  return asked.isPackage ? rate * 10n ** BigInt(amountPlaces - ratePlaces) : rate * asked.quantity;
}

/** Where a type's quantity comes from, as the protocol says; `quantity` for all others. */
const quantityFields: Readonly<Record<string, string>> = {
  'Custom Comments': 'comments',
  'Mentions Custom List': 'usernames',
  'Comment Replies': 'comments',
};
const packages = new Set(['Package', 'Custom Comments Package']);

/**
 * What an accepted order must have been for, or why it should not have been accepted. Subscriptions
 * cost nothing themselves.
 */
export function askedOf(offer: Offer, fields: ReadonlyMap<string, string>): Asked | string {
  if (offer.type === 'Subscriptions') return { quantity: 0n, isPackage: false };
  if (packages.has(offer.type)) return { quantity: 1n, isPackage: true };
  const list = quantityFields[offer.type];
  const each =
    list === undefined ? wholeOf(fields.get('quantity')) : linesOf(fields.get(list), list);
  if (each === undefined) return `the quantity ${JSON.stringify(fields.get('quantity'))}`;
  if (each < offer.min || each > offer.max) return `${each} is not in ${offer.min}–${offer.max}`;
  if (fields.has('runs') && !offer.dripfeed) return 'runs of what has no drip-feed';
  const runs = fields.has('runs') ? wholeOf(fields.get('runs')) : 1n;
  if (runs === undefined || runs < 1n) return `the runs ${JSON.stringify(fields.get('runs'))}`;
  return { quantity: each * runs, isPackage: false };
}

/** ASCII digits and nothing else. */
function wholeOf(text = ''): bigint | undefined {
  return /^[0-9]{1,10}$/.test(text) ? BigInt(text) : undefined;
}

/** Lines that are not empty; names may stand beside each other with commas. */
function linesOf(text: string | undefined, name: string): bigint | undefined {
  const lines = (text ?? '').split(name === 'comments' ? /[\r\n]+/ : /[\r\n,]+/);
  return BigInt(lines.filter((line) => line.trim() !== '').length);
}
