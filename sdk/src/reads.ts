import type { Exchange } from './exchange.ts';
import { failureOfFault, type Reading, readingOf, readingOfRow } from './outcomes.ts';
import type { ListPlan } from './rows.ts';
import {
  type OrderStatus,
  type RefillStatusWord,
  readOrderStatus,
  readRefillStatus,
  type StatusWord,
  textOrNull,
} from './status.ts';
import { decimalText, isJsonObject, own } from './values.ts';

/** A balance: a decimal, negative for a debt, and the currency if the panel names it. */
export type Balance = { balance: string; currency: string | null };

/** How statuses are asked for, by order id. */
export const statusPlan: ListPlan<Reading<OrderStatus>> = {
  action: 'status',
  idField: 'order',
  idKeys: ['order', 'id'],
  ...readPlan(readOrderStatus),
};

/** How refill statuses are asked for, by refill id. */
export const refillStatusPlan: ListPlan<Reading<StatusWord<RefillStatusWord>>> = {
  action: 'refill_status',
  idField: 'refill',
  idKeys: ['refill', 'id'],
  ...readPlan(readRefillStatus),
};

function readPlan<Value>(read: (row: unknown) => Value | null) {
  const ofFault: ListPlan<Reading<Value>>['ofFault'] = (fault) => ({
    ok: false,
    failure: failureOfFault(fault),
  });
  const ofAbsent: ListPlan<Reading<Value>>['ofAbsent'] = (reason, { status, raw }) => ({
    ok: false,
    failure: reason === 'missing' ? { kind: reason } : { kind: 'unreadable', reason, status, raw },
  });
  const ofRow: ListPlan<Reading<Value>>['ofRow'] = (row, source) =>
    readingOfRow(unnested(row), source, read);
  return { ofRow, ofFault, ofSkipped: ofFault, ofAbsent };
}

/** In a list the refusal of one id stands in its `status`: `{"refill":3,"status":{"error":…}}`. */
function unnested(row: unknown): unknown {
  const status = isJsonObject(row) ? own(row, 'status') : undefined;
  return isJsonObject(status) ? status : row;
}

/** Reads the reply to `balance`. */
export function readBalance(reply: Exchange): Reading<Balance> {
  return readingOf(reply, (value) => {
    const balance = isJsonObject(value) ? decimalText(own(value, 'balance')) : null;
    if (!isJsonObject(value) || balance === null) return null;
    return { balance, currency: textOrNull(own(value, 'currency')) };
  });
}
