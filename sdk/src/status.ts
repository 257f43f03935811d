import {
  cleanText,
  decimalText,
  idText,
  isJsonObject,
  isNothing,
  type JsonObject,
  own,
  wholeNumber,
} from './values.ts';

/**
 * Words an order's status has. `Refunded` and `Failed` are not in the protocol, but upstream panels
 * say them; what they mean for money is for the caller to decide.
 */
export type OrderStatusWord =
  | 'Pending'
  | 'In progress'
  | 'Processing'
  | 'Completed'
  | 'Partial'
  | 'Canceled'
  | 'Active'
  | 'Paused'
  | 'Expired'
  | 'Refunded'
  | 'Failed';

export type RefillStatusWord = 'Pending' | 'In progress' | 'Completed' | 'Rejected' | 'Error';

/** A status word in the vocabulary, or the panel's own `word` as it came. */
export type StatusWord<Word extends string> =
  | { known: true; word: Word }
  | { known: false; word: string };

/** An order's status. What a panel leaves out, or says unreadably, is null. */
export type OrderStatus = {
  status: StatusWord<OrderStatusWord>;
  /** A decimal in `currency`. */
  charge: string | null;
  startCount: number | null;
  /** As the panel says it: maybe negative or above the quantity. */
  remains: number | null;
  currency: string | null;
  /** Done runs of a drip-feed. */
  runs: number | null;
  /** Done posts of a subscription. */
  posts: number | null;
  /** The last day of a subscription, `d/m/Y`. */
  expiry: string | null;
  /** Ids of the orders that a drip-feed or subscription has made. */
  orders: string[] | null;
  /** The row as it came, for what is not named here. */
  row: JsonObject;
};

const orderWords: ReadonlyMap<string, OrderStatusWord> = new Map([
  ['pending', 'Pending'],
  ['awaiting', 'Pending'],
  ['inprogress', 'In progress'],
  ['processing', 'Processing'],
  ['completed', 'Completed'],
  ['complete', 'Completed'],
  ['partial', 'Partial'],
  ['canceled', 'Canceled'],
  ['cancelled', 'Canceled'],
  ['active', 'Active'],
  ['paused', 'Paused'],
  ['expired', 'Expired'],
  ['refunded', 'Refunded'],
  ['fail', 'Failed'],
  ['failed', 'Failed'],
  ['error', 'Failed'],
]);

const refillWords: ReadonlyMap<string, RefillStatusWord> = new Map([
  ['pending', 'Pending'],
  ['awaiting', 'Pending'],
  ['inprogress', 'In progress'],
  ['processing', 'In progress'],
  ['completed', 'Completed'],
  ['complete', 'Completed'],
  ['rejected', 'Rejected'],
  ['error', 'Error'],
  ['fail', 'Error'],
  ['failed', 'Error'],
]);

/** A word is a word: longer ones are cut before they are looked at. */
const wordLettersMax = 100;

/** What an order has besides its status; `{"status":"error"}` alone is a panel's failure. */
const orderKeys = ['charge', 'start_count', 'start_counter', 'remains', 'runs', 'posts', 'orders'];

/** An order's status word, in any case, with spaces, `_` or `-`, maybe after `tasks.status.`. */
export function orderStatusWord(text: string): StatusWord<OrderStatusWord> {
  return wordIn(orderWords, text);
}

/** A refill's status word, spelled as freely. */
export function refillStatusWord(text: string): StatusWord<RefillStatusWord> {
  return wordIn(refillWords, text);
}

function wordIn<Word extends string>(
  words: ReadonlyMap<string, Word>,
  text: string,
): StatusWord<Word> {
  const kept = cleanText(text.trim(), wordLettersMax);
  const bare = kept
    .toLowerCase()
    .replace(/^tasks\.status\./, '')
    .replace(/[\s_-]+/g, '');
  const word = words.get(bare);
  return word === undefined ? { known: false, word: kept } : { known: true, word };
}

/** An order's status; null for a row without a status word, or a bare failure. */
export function readOrderStatus(row: unknown): OrderStatus | null {
  if (!isJsonObject(row)) return null;
  const text = own(row, 'status');
  if (typeof text !== 'string') return null;
  const status = orderStatusWord(text);
  const isBare = !orderKeys.some((key) => Object.hasOwn(row, key));
  if (isBare && status.word === 'Failed') return null;
  return {
    status,
    charge: decimalText(own(row, 'charge')),
    startCount: wholeNumber(own(row, 'start_count')) ?? wholeNumber(own(row, 'start_counter')),
    remains: wholeNumber(own(row, 'remains')),
    currency: textOrNull(own(row, 'currency')),
    runs: wholeNumber(own(row, 'runs')),
    posts: wholeNumber(own(row, 'posts')),
    expiry: textOrNull(own(row, 'expiry')),
    orders: idList(own(row, 'orders')),
    row,
  };
}

/** A refill's status; null for a row without a status word. A nested refusal is not one. */
export function readRefillStatus(row: unknown): StatusWord<RefillStatusWord> | null {
  const text = isJsonObject(row) ? own(row, 'status') : undefined;
  return typeof text === 'string' && text.trim() !== '' ? refillStatusWord(text) : null;
}

/** A text that says something; null otherwise. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && !isNothing(value) ? value.trim() : null;
}

function idList(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.map(idText).filter((id) => id !== null);
}
