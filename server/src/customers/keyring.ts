import type { BlockList } from 'node:net';
import { isIPv6 } from 'node:net';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { type Clock, type CustomerId, type KeyId, scatterMs } from '../base/index.ts';
import { type Change, type Db, inTransaction, timestamps } from '../db/index.ts';
import { hashKey, isWellFormedKey } from './key-format.ts';
import { toBlockList } from './keys.ts';
import { readOwnRates } from './queries.ts';
import type { PriceTerms } from './terms.ts';

/** The customer behind a key, as far as requests need it. */
export type KeyHolder = PriceTerms & {
  customerId: CustomerId;
  keyId: KeyId;
  status: 'active' | 'suspended';
  callsPerSecondMax: number | null;
  allowed: BlockList | null;
};

export type Keyring = {
  /** The holder of a key that is known in memory; asks nobody. */
  peek: (key: string) => KeyHolder | undefined;
  /** The holder of a key in use, or undefined; one answer for missing, wrong and revoked keys. */
  resolve: (key: string) => Promise<KeyHolder | undefined>;
  /** Forgets what a change made untrue. */
  onChange: (change: Change) => void;
  /**
   * Stops and starts trusting cached holders, as the change listener loses and finds its server.
   */
  setTrusted: (trusted: boolean) => void;
  /** Writes when keys were last used; the worker calls it now and then. */
  flushLastUse: () => Promise<void>;
};

const holdersMax = 20_000;
// Behind the notifications, in case one is lost on a half-open connection.
const holderTtlMaxMs = 30_000;
const loadsMax = 3;

/**
 * Keeps the holders of keys in memory. A revoked key is dropped by the notification that its
 * revocation sends in the same commit, so it stops in every process at once; a process that lost
 * its listener asks the database each time until it has it back.
 */
export function createKeyring(ctx: { db: Db; reads: Db; clock: Clock }): Keyring {
  const holders = new LRUCache<string, KeyHolder>({ max: holdersMax, ttl: holderTtlMaxMs });
  const loading = new Map<string, { generation: number; holder: Promise<KeyHolder | undefined> }>();
  const lastUse = createLastUse(ctx);
  let trusted = false;
  let generation = 0;

  function peek(key: string): KeyHolder | undefined {
    const holder = trusted ? holders.get(key) : undefined;
    if (holder !== undefined && !lastUse.has(holder.keyId)) lastUse.note(holder);
    return holder;
  }

  async function resolve(key: string): Promise<KeyHolder | undefined> {
    return peek(key) ?? (isWellFormedKey(key) ? loadOnce(key) : undefined);
  }

  /**
   * Calls that come while a key is loaded wait for the same. A load that a change was announced
   * after, or that nobody would announce one to, is no answer to who comes later.
   */
  function loadOnce(key: string): Promise<KeyHolder | undefined> {
    const begun = loading.get(key);
    if (begun !== undefined && trusted && begun.generation === generation) return begun.holder;
    const started = { generation, holder: load(key) };
    loading.set(key, started);
    const forget = () => {
      if (loading.get(key) === started) loading.delete(key);
    };
    started.holder.then(forget, forget);
    return started.holder;
  }

  async function load(key: string): Promise<KeyHolder | undefined> {
    // A change announced while the row was read may have come too late for what was read.
    for (let attempt = 1; ; attempt += 1) {
      const started = generation;
      const holder = await readKeyHolder(ctx.reads, hashKey(key));
      if (generation !== started && attempt < loadsMax) continue;
      if (holder !== undefined) {
        if (trusted && generation === started)
          holders.set(key, holder, { ttl: scatterMs(holderTtlMaxMs) });
        lastUse.note(holder);
      }
      return holder;
    }
  }

  function onChange(change: Change): void {
    generation += 1;
    if (change.kind !== 'customer') return;
    for (const [key, holder] of holders.entries()) {
      if (holder.customerId === change.customerId) holders.delete(key);
    }
  }

  function setTrusted(value: boolean): void {
    generation += 1;
    holders.clear();
    trusted = value;
  }

  return { peek, resolve, onChange, setTrusted, flushLastUse: lastUse.flush };
}

/** Keeps when keys were used until it is stored. */
function createLastUse(ctx: { db: Db; clock: Clock }) {
  const lastUse = new Map<KeyId, { customerId: CustomerId; at: Date }>();

  async function flush(): Promise<void> {
    // In one order, so that two processes seldom wait for each other in a circle.
    const used = [...lastUse].sort(([one], [other]) => one - other);
    lastUse.clear();
    if (used.length === 0) return;
    await inTransaction(ctx.db, (tx) =>
      sql`
        update api_keys k set last_used_at = u.at
        from unnest(${used.map(([, { customerId }]) => customerId)}::int[],
          ${used.map(([keyId]) => keyId)}::int[], ${timestamps(used.map(([, { at }]) => at))})
          as u (customer_id, id, at)
        where k.customer_id = u.customer_id and k.id = u.id`.execute(tx),
    );
  }

  return {
    has: (keyId: KeyId) => lastUse.has(keyId),
    note: ({ keyId, customerId }: KeyHolder): void => {
      lastUse.set(keyId, { customerId, at: ctx.clock.now() });
    },
    flush,
  };
}

/** Whether a key may be used from an address; IPv4 in IPv6 form counts as IPv4. */
export function isAddressAllowed(holder: KeyHolder, address: string): boolean {
  if (holder.allowed === null) return true;
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return holder.allowed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

async function readKeyHolder(db: Db, hash: Uint8Array): Promise<KeyHolder | undefined> {
  const row = await db
    .selectFrom('api_keys as k')
    .innerJoin('customers as c', 'c.id', 'k.customer_id')
    .select(['k.id', 'k.customer_id', 'k.allowed_addresses', 'c.status'])
    .select(['c.discount_basis_points', 'c.calls_per_second_max'])
    .where('k.hash', '=', hash)
    .where('k.revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    customerId: row.customer_id,
    keyId: row.id,
    status: row.status,
    callsPerSecondMax: row.calls_per_second_max,
    discountBasisPoints: row.discount_basis_points,
    ownRates: await readOwnRates(db, row.customer_id),
    allowed: row.allowed_addresses.length > 0 ? toBlockList(row.allowed_addresses) : null,
  };
}
