import { type AddOutcome, readAdd } from './add.ts';
import { type Connection, exchange, spellingsOf } from './exchange.ts';
import { createFetchTransport } from './fetch-transport.ts';
import { type Id, type Order, orderForm } from './order.ts';
import type { Reading } from './outcomes.ts';
import { type Balance, readBalance, refillStatusPlan, statusPlan } from './reads.ts';
import { requestIdFieldDefault } from './refusals.ts';
import { type Answers, askedId, askedIds, askList, askOne } from './rows.ts';
import { readServices, type ServicesReading } from './services.ts';
import type { OrderStatus, RefillStatusWord, StatusWord } from './status.ts';
import type { Transport } from './transport.ts';
import { type CancelOutcome, cancelPlan, type RefillOutcome, refillPlan } from './writes.ts';

export type PanelClientOptions = {
  /** The panel's API address, for instance `https://panel.example/api/v2`. */
  url: string;
  /** Sent in the body only. It is blotted out of every `raw`. */
  key: string;
  /** For one request from its start to the reply's last byte; 30,000 by default. */
  timeoutMs?: number;
  /** A longer reply is abandoned; 16 MiB by default (a list of 10,000 services is about 4 MB). */
  replyBytesMax?: number;
  /** Further headers, such as `user-agent`. */
  headers?: Readonly<Record<string, string>>;
  /** Where `requestId` is sent; `request_id` by default. */
  requestIdField?: string;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
  /** Instead of `fetch` altogether. */
  transport?: Transport;
};

export type CallOptions = {
  /** Gives the call up. An order that was being sent is then unknown. */
  signal?: AbortSignal;
};

/**
 * A client of the panel API v2. Calls resolve for every fault of the network and the panel. They
 * reject with a `TypeError` only for arguments that cannot be sent, before anything is. Lists of
 * any length go out in parts of a hundred, one after the other, each with the whole deadline. When
 * a part finds the panel out of reach or limiting, the rest is not sent.
 */
export type PanelClient = {
  /** What the panel sells. */
  services: (options?: CallOptions) => Promise<ServicesReading>;
  /** Places an order. Never sent twice: what is unknown is for the caller to find out. */
  add: (order: Order, options?: CallOptions) => Promise<AddOutcome>;
  status: (order: Id, options?: CallOptions) => Promise<Reading<OrderStatus>>;
  statuses: (
    orders: readonly Id[],
    options?: CallOptions,
  ) => Promise<Answers<Reading<OrderStatus>>>;
  /** Asks for a refill of an order. */
  refill: (order: Id, options?: CallOptions) => Promise<RefillOutcome>;
  refills: (orders: readonly Id[], options?: CallOptions) => Promise<Answers<RefillOutcome>>;
  /** By the refill's id. */
  refillStatus: (
    refill: Id,
    options?: CallOptions,
  ) => Promise<Reading<StatusWord<RefillStatusWord>>>;
  refillStatuses: (
    refills: readonly Id[],
    options?: CallOptions,
  ) => Promise<Answers<Reading<StatusWord<RefillStatusWord>>>>;
  /** Asks to cancel orders; the protocol has no form for a single one. */
  cancel: (orders: readonly Id[], options?: CallOptions) => Promise<Answers<CancelOutcome>>;
  balance: (options?: CallOptions) => Promise<Reading<Balance>>;
};

const timeoutMsDefault = 30_000;
/** What a timer can hold: beyond it `setTimeout` fires at once. */
const timeoutMsMax = 2 ** 31 - 1;
const replyBytesMaxDefault = 16 * 1024 * 1024;

/**
 * Makes a client; nothing is sent yet.
 * @throws TypeError for an address that is not http(s) or carries a password, an empty key, or a
 *   limit that is not a positive whole number
 */
export function createPanelClient(options: PanelClientOptions): PanelClient {
  const connection = connectionOf(options);
  const { requestIdField = requestIdFieldDefault } = options;
  return {
    services: async ({ signal } = {}) =>
      readServices(await exchange(connection, { action: 'services' }, signal)),
    add: async (order, { signal } = {}) => {
      const form = orderForm(order, requestIdField);
      const reply = await exchange(connection, { ...form, action: 'add' }, signal);
      return readAdd(reply, requestIdField);
    },
    status: async (order, { signal } = {}) =>
      askOne(connection, statusPlan, { id: askedId(order), signal }),
    statuses: async (orders, { signal } = {}) =>
      askList(connection, statusPlan, { ids: askedIds(orders), signal }),
    refill: async (order, { signal } = {}) =>
      askOne(connection, refillPlan, { id: askedId(order), signal }),
    refills: async (orders, { signal } = {}) =>
      askList(connection, refillPlan, { ids: askedIds(orders), signal }),
    refillStatus: async (refill, { signal } = {}) =>
      askOne(connection, refillStatusPlan, { id: askedId(refill), signal }),
    refillStatuses: async (refills, { signal } = {}) =>
      askList(connection, refillStatusPlan, { ids: askedIds(refills), signal }),
    cancel: async (orders, { signal } = {}) =>
      askList(connection, cancelPlan, { ids: askedIds(orders), signal }),
    balance: async ({ signal } = {}) =>
      readBalance(await exchange(connection, { action: 'balance' }, signal)),
  };
}

function connectionOf(options: PanelClientOptions): Connection {
  const { key, timeoutMs = timeoutMsDefault, replyBytesMax = replyBytesMaxDefault } = options;
  const url = new URL(options.url);
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TypeError('the url is not a plain http(s) address');
  }
  if (key === '') throw new TypeError('the key is empty');
  if (!isLimit(timeoutMs) || timeoutMs > timeoutMsMax) throw new TypeError('timeoutMs is no limit');
  if (!isLimit(replyBytesMax)) throw new TypeError('replyBytesMax is no limit');
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const transport = options.transport ?? createFetchTransport(options.fetch);
  const keySpellings = spellingsOf(key);
  return { url: url.href, key, keySpellings, headers, timeoutMs, replyBytesMax, transport };
}

function isLimit(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
