import { sql } from 'kysely';
import type { CustomerId, Log } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** What changed for a customer since it was last looked at; `closed`: nobody looks any more. */
type LiveChange = 'orders' | 'balance' | 'closed';
type Listener = (change: LiveChange) => void;

type Listening = {
  /** Resolves when it is known how things stand: every change from then on is told. */
  ready: Promise<void>;
  leave: () => void;
};

/** Tells connected customers' pages what to ask for again. */
export type LiveHub = {
  /**
   * Undefined when this customer, or the panel, has as many listeners as it may. Listeners are told
   * when the hub closes; a promise of that would keep something of each who ever listened.
   */
  listen: (customerId: CustomerId, listener: Listener) => Listening | undefined;
  close: () => void;
};

const lookMs = 1_000;
const listenersPerCustomerMax = 20;
const customersMax = 20_000;

type Watched = {
  listeners: Set<Listener>;
  /** Empty until they are looked at for the first time. */
  versions: string;
  transfers: string;
  ready: PromiseWithResolvers<void>;
};

/**
 * Looks once a second, in one query for all customers whose pages are open, at two counters that
 * every change of theirs moves: of their orders and of their wallet. No order pays for it, and with
 * no page open nothing is asked.
 */
export function createLiveHub(ctx: { db: Db; log: Log }): LiveHub {
  const watched = new Map<CustomerId, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    const ids = [...watched.keys()];
    for (const row of await readCounters(ctx.db, ids)) {
      const customer = watched.get(row.customerId);
      if (customer === undefined) continue;
      const { versions, transfers } = customer;
      const next = { versions: String(row.version ?? 0n), transfers: String(row.transfers) };
      Object.assign(customer, next);
      customer.ready.resolve();
      if (versions === '') continue;
      if (versions !== next.versions) tell(customer, 'orders');
      if (transfers !== next.transfers) tell(customer, 'balance');
    }
  }

  function schedule(): void {
    if (timer !== undefined || watched.size === 0) return;
    timer = setTimeout(() => {
      look()
        .catch((error: unknown) => ctx.log.warn({ error }, 'live updates could not look'))
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, lookMs);
  }

  return {
    listen: (customerId, listener) => {
      if (isClosed) {
        listener('closed');
        return { ready: Promise.resolve(), leave: () => {} };
      }
      const known = watched.get(customerId);
      const customer = known ?? makeWatched();
      const isFull = known === undefined && watched.size >= customersMax;
      if (isFull || customer.listeners.size >= listenersPerCustomerMax) return undefined;
      watched.set(customerId, customer);
      customer.listeners.add(listener);
      schedule();
      const leave = () => {
        customer.listeners.delete(listener);
        if (customer.listeners.size > 0) return;
        customer.ready.resolve();
        watched.delete(customerId);
      };
      return { ready: customer.ready.promise, leave };
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      for (const customer of watched.values()) {
        tell(customer, 'closed');
        customer.ready.resolve();
      }
      watched.clear();
    },
  };
}

function makeWatched(): Watched {
  const ready = Promise.withResolvers<void>();
  return { listeners: new Set(), versions: '', transfers: '', ready };
}

function tell(customer: Watched, change: LiveChange): void {
  for (const listener of customer.listeners) listener(change);
}

function readCounters(db: Db, ids: readonly CustomerId[]) {
  return db
    .selectFrom('wallets as w')
    .leftJoin('order_versions as v', 'v.customer_id', 'w.customer_id')
    .select(['w.customer_id as customerId', 'w.transfer_count as transfers', 'v.version'])
    .where(sql<boolean>`w.customer_id = any(${ids}::int[])`)
    .execute();
}
