import { dayMs, formatAmount, formatRate, parseRate } from '../base/index.ts';
import { addOrder } from './add.ts';
import { balanceAt, chargeAt, progressOf, refillStatusAt } from './delivery.ts';
import { type Fields, type Ids, readIds } from './fields.ts';
import type { SandboxService } from './service-types.ts';
import { type Order, record, type State, stamp } from './state.ts';

/** What differs between panels, and between one panel's yesterday and today. */
export type Shop = {
  services: readonly SandboxService[];
  currency: string;
  /** How long after completion, and after the last refill, a refill is refused. */
  refillWaitMs: number;
  /** `short`: drip-feeds and subscriptions answer no charge, count or currency. */
  parentRows: 'full' | 'short';
};

type Call = { state: State; shop: Shop; fields: Fields; nowMs: number };

const idsMax = 100;
const incorrectRequest = errorBody('Incorrect request');
const incorrectOrder = 'Incorrect order ID';

/** The seven actions by their wire name; each answers a reply's body. */
export const actions: Readonly<Record<string, (call: Call) => string>> = {
  services: ({ shop }) => servicesBody(shop.services),
  add: ({ state, shop, fields }) => {
    const outcome = addOrder(state, shop.services, fields);
    return 'error' in outcome ? errorBody(outcome.error) : `{"order":${outcome.value}}`;
  },
  status,
  refill,
  refill_status: refillStatus,
  cancel,
  balance: ({ state, shop, nowMs }) =>
    JSON.stringify({ balance: formatAmount(balanceAt(state, nowMs)), currency: shop.currency }),
};

/** A refusal as the wire has it: one object with the sole key `error`. */
export function errorBody(text: string): string {
  return JSON.stringify({ error: text });
}

/** The list of `services`, in the wire's order of keys. */
function servicesBody(services: readonly SandboxService[]): string {
  return JSON.stringify(
    services.map((service) => ({
      service: service.service,
      name: service.name,
      type: service.type,
      category: service.category,
      rate: formatRate(parseRate(service.rate, 'rate')),
      min: String(service.min),
      max: String(service.max),
      dripfeed: service.dripfeed === true,
      refill: service.refill === true,
      cancel: service.cancel === true,
    })),
  );
}

/** An order's row of `status`, as text. */
function statusRow(call: Omit<Call, 'fields'>, order: Order): string {
  const { state, shop, nowMs } = call;
  const { status: word, startCount, remains } = progressOf(state, order, nowMs);
  const usual = {
    charge: formatAmount(chargeAt(state, order, nowMs)),
    start_count: startCount === undefined ? null : String(startCount),
    status: word,
    remains: String(remains),
    currency: shop.currency,
  };
  const children = order.childIds;
  const shown = shop.parentRows === 'short' ? { status: word } : usual;
  if (order.dripFeed !== undefined) {
    return JSON.stringify({ ...shown, runs: children.length, orders: children });
  }
  if (order.subscription !== undefined) {
    const { expiry = null } = order.subscription;
    return JSON.stringify({ ...shown, expiry, posts: children.length, orders: children });
  }
  return JSON.stringify(usual);
}

/** The order an id names; undefined for an id of elsewhere, or what is no id. */
function findOrder(state: State, id: string): Order | undefined {
  return /^[0-9]{1,16}$/.test(id) ? state.orders.get(Number(id)) : undefined;
}

function status(call: Call): string {
  return withIds(call, 'order', (asked) => {
    const rowOf = (id: string) => {
      const order = findOrder(call.state, id);
      return order === undefined ? errorBody(incorrectOrder) : statusRow(call, order);
    };
    const [first = ''] = asked.ids;
    if (!asked.isList) return rowOf(first);
    const rows = [...new Set(asked.ids)].map((id) => `${JSON.stringify(id)}:${rowOf(id)}`);
    return `{${rows.join(',')}}`;
  });
}

function refill(call: Call): string {
  return withIds(call, 'order', (asked) => {
    if (asked.isList) {
      return listBody(asked, 'order', (id) => {
        const outcome = requestRefill(call, id);
        return `"refill":${typeof outcome === 'string' ? errorBody(outcome) : outcome}`;
      });
    }
    const outcome = requestRefill(call, asked.ids[0] ?? '');
    return typeof outcome === 'string'
      ? errorBody(outcome)
      : JSON.stringify({ refill: String(outcome) });
  });
}

function refillStatus(call: Call): string {
  const { state, nowMs } = call;
  return withIds(call, 'refill', (asked) => {
    const find = (id: string) => {
      const found = /^[0-9]{1,16}$/.test(id) ? state.refills.get(Number(id)) : undefined;
      if (found === undefined) return { error: errorBody('Refill not found') };
      return { word: JSON.stringify(refillStatusAt(state, found, nowMs)) };
    };
    if (asked.isList) {
      return listBody(asked, 'refill', (id) => {
        const { word, error } = find(id);
        return `"status":${word ?? error}`;
      });
    }
    const { word, error = '' } = find(asked.ids[0] ?? '');
    return word === undefined ? error : `{"status":${word}}`;
  });
}

function cancel(call: Call): string {
  return withIds(call, 'order', (asked) =>
    listBody(asked, 'order', (id) => {
      const refusal = requestCancel(call, id);
      return `"cancel":${refusal === undefined ? 1 : errorBody(refusal)}`;
    }),
  );
}

/** Answers the refill's id, or the refusal. */
function requestRefill(call: Call, id: string): number | string {
  const { state, shop, nowMs } = call;
  const order = findOrder(state, id);
  if (order === undefined) return incorrectOrder;
  const { refill: isAllowed, refillDays } = order.service;
  if (!isAllowed || order.dripFeed !== undefined || order.subscription !== undefined) {
    return 'Refill is disabled for this service';
  }
  const { status: word, finalAtMs } = progressOf(state, order, nowMs);
  if (word !== 'Completed' || finalAtMs === undefined) return 'The order is not completed';
  const last = state.refills.get(order.refillIds.at(-1) ?? 0);
  if (nowMs - Math.max(finalAtMs, last?.atMs ?? 0) < shop.refillWaitMs) {
    return 'The order was completed or refill was requested less than 24 hours ago';
  }
  if (last !== undefined && isOpenRefill(refillStatusAt(state, last, nowMs))) {
    return 'The refill task is not completed for this order';
  }
  if (refillDays !== undefined && nowMs - finalAtMs > refillDays * dayMs) {
    return 'Refill days are over';
  }
  const refillId = state.nextRefillId;
  record(state, { kind: 'refill', at: stamp(state), order: order.id, refill: refillId });
  return refillId;
}

function isOpenRefill(word: string): boolean {
  return word === 'Pending' || word === 'In progress';
}

/** Answers the refusal; undefined when the request is taken. */
function requestCancel(call: Call, id: string): string | undefined {
  const { state, nowMs } = call;
  const order = findOrder(state, id);
  if (order === undefined) return incorrectOrder;
  if (!order.service.cancel) return 'Do not allow cancel this order';
  if (order.cancelAtMs !== undefined) return 'Order cancellation request has been sent already';
  if (progressOf(state, order, nowMs).finalAtMs !== undefined) {
    return 'The order can not send request for cancellation, please raise ticket';
  }
  record(state, { kind: 'cancel', at: stamp(state), order: order.id });
  return undefined;
}

function withIds(call: Call, name: 'order' | 'refill', answer: (asked: Ids) => string): string {
  const asked = readIds(call.fields, name);
  if (asked === undefined) return incorrectRequest;
  return asked.ids.length > idsMax ? errorBody(`Maximum ${idsMax} ${name}s`) : answer(asked);
}

/** One object per id as asked: an integer where it is one. */
function listBody(asked: Ids, name: 'order' | 'refill', value: (id: string) => string): string {
  const rows = asked.ids.map((id) => {
    const isId = /^[1-9][0-9]{0,15}$/.test(id);
    return `{"${name}":${isId ? id : JSON.stringify(id)},${value(id)}}`;
  });
  return `[${rows.join(',')}]`;
}
