import { type Amount, formatAmount, formatLastDay } from '../../base/index.ts';
import type { OrderView } from '../../orders/index.ts';

/**
 * A reply's body, built in the wire's key order; amounts and ids never pass a `number`. A text is
 * ASCII, so its length is its bytes and it is written as they are; what repeats a caller's own
 * letters is a buffer.
 */
export type Reply = string | Buffer;

const [openingBrace = 0, comma = 0, closingBrace = 0] = Buffer.from('{,}');

/** A refusal: one object with the sole key `error`; clients look for just that. */
export function errorReply(text: string): string {
  return `{"error":${JSON.stringify(text)}}`;
}

/** The balance in the panel's currency. */
export function balanceReply(balance: Amount, currency: string): string {
  return `{"balance":"${formatAmount(balance)}","currency":"${currency}"}`;
}

/** An order as a list of `status` has it: `"23501":{…}`. */
export type StatusEntry = string & { readonly [entry]: true };
declare const entry: unique symbol;

/** Prints an order's status as an entry of a list. */
export function statusEntry(order: OrderView, currency: string): StatusEntry {
  // Text that was put together is a tree of its parts until someone reads it: kept in memory so,
  // it took three times the space, and a list of 100 of them five times as long to print.
  const flat = Buffer.from(`"${order.id}":${printStatus(order, currency)}`).toString('latin1');
  return flat as StatusEntry;
}

/** `status` of one order. */
export function statusReply(entry: StatusEntry): string {
  return entry.slice(entry.indexOf(':') + 1);
}

/**
 * `status` of several orders, each under its id as asked. Their text goes straight into the reply's
 * bytes: as one string it was copied three times on its way to the socket.
 */
export function statusListReply(
  ids: readonly string[],
  entries: readonly (StatusEntry | undefined)[],
  unknownReply: string,
): Buffer {
  let bytes = 1;
  const parts = ids.map((id, index) => {
    const entry = entries[index];
    // An id with an order is digits; only with zeros in front is it not as the entry has it.
    const isAsKept = entry !== undefined && !id.startsWith('0');
    const part = isAsKept
      ? entry
      : `${JSON.stringify(id)}:${entry ? statusReply(entry) : unknownReply}`;
    bytes += 1 + (isAsKept ? part.length : Buffer.byteLength(part));
    return part;
  });
  const reply = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const part of parts) {
    reply[at] = at === 0 ? openingBrace : comma;
    at += 1 + reply.write(part, at + 1);
  }
  reply[at] = closingBrace;
  return reply;
}

/** Strings all, `start_count` null until known; parents add what they created. */
function printStatus(order: OrderView, currency: string): string {
  const start = order.startCount === null ? 'null' : `"${order.startCount}"`;
  const usual =
    `"charge":"${formatAmount(order.charge)}","start_count":${start},` +
    `"status":"${order.status}","remains":"${order.remains}","currency":"${currency}"`;
  if (order.dripFeed !== null) {
    const { runsDone, orders } = order.dripFeed;
    return `{${usual},"runs":${runsDone},"orders":[${orders.join(',')}]}`;
  }
  if (order.subscription !== null) {
    const { expiresAt, postsDone, orders } = order.subscription;
    const expiry = expiresAt === null ? 'null' : `"${formatLastDay(expiresAt)}"`;
    return `{${usual},"expiry":${expiry},"posts":${postsDone},"orders":[${orders.join(',')}]}`;
  }
  return `{${usual}}`;
}
