import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { isConnectionLost } from '../../src/db/index.ts';
import { verify } from '../../src/system/index.ts';
import { followUpstream } from './journal.ts';
import type { Load, Promised } from './load.ts';
import type { Stage } from './stage.ts';

/** What is held against the database and the upstream's journal after every kill. */
export type Witness = {
  /** Of what is new: what was promised is there, and nothing is there in half or twice. */
  look: () => Promise<void>;
  /** All of it: every invariant that `verify` knows, and every order of the upstream. */
  lookAtAll: () => Promise<void>;
  /** With all callers answered: what they asked for is all there, and nothing else. */
  lookAtEnd: () => Promise<void>;
  counts: () => { promised: number; upstreamOrders: number; verified: number };
};

type Read = Stage['read'];

const tryMs = 50;
const triesMax = 400;
/** Numbers are taken before the commit: one that is under way may be seen after a later one. */
const idsUnderWay = 2_000n;

/** Opens the witness; whatever it finds wrong, it throws. */
export function createWitness(stage: Stage, load: Load): Witness {
  const { read } = stage;
  const upstream = followUpstream(stage.journalFile);
  const counts = { promised: 0, verified: 0 };
  let from = 0n;

  const look = async () => {
    if (load.faults.length > 0) fail(`wrong answers: ${load.faults.slice(0, 5).join('; ')}`);
    const promised = load.takePromised();
    counts.promised += promised.length;
    await surely(async () => {
      for (const kind of ['order', 'refill', 'cancel'] as const) {
        await checkPromised(read, kind, promised);
      }
      from = await checkWhole(read, from);
    });
    upstream.read();
  };
  return {
    look,
    lookAtAll: async () => {
      await look();
      await surely(async () => {
        await checkFollowed(read, upstream);
        const { broken } = await verify(stage.app.db);
        if (broken.length > 0) fail(`verify: ${JSON.stringify(broken.slice(0, 5))}`);
      });
      counts.verified += 1;
    },
    lookAtEnd: () => surely(() => checkAsked(read, load)),
    counts: () => ({ ...counts, upstreamOrders: upstream.sent.size }),
  };
}

const places = {
  order: { table: 'orders', order: 'id', link: sql`link` },
  refill: { table: 'refills', order: 'order_id', link: sql`''` },
  cancel: { table: 'cancels', order: 'order_id', link: sql`''` },
} as const;

/** What was answered with success is there, once, and of whom it was asked for. */
async function checkPromised(
  read: Read,
  kind: Promised['kind'],
  promised: readonly Promised[],
): Promise<void> {
  const some = promised.filter((one) => one.kind === kind);
  const { table, order, link } = places[kind];
  const ids = some.map((one) => one.order).join(',');
  const rows = await read(sql<{ id: bigint; customer: number; link: string }>`
    select ${sql.ref(order)} as id, customer_id as customer, ${link} as link
    from ${sql.table(table)}
    where ${sql.ref(order)} = any(string_to_array(${ids}, ',')::bigint[])`);
  const stored = new Map(rows.map((row) => [Number(row.id), row]));
  if (stored.size !== rows.length) fail(`more than one ${kind} of an order`);
  for (const one of some) {
    const row = stored.get(one.order);
    const isOwn = row?.customer === one.caller.customerId;
    if (!isOwn || (one.kind === 'order' && row.link !== one.link)) {
      fail(`a ${kind} that was answered is lost: ${JSON.stringify(one)}`);
    }
  }
}

/**
 * Of orders from a number on each has one charge and no link is there twice; all wallets are as
 * their last transfer has them.
 * @returns from which number on to look the next time
 */
async function checkWhole(read: Read, from: bigint): Promise<bigint> {
  const [top] = await read(sql<{ id: bigint | null }>`select max(id) as id from orders`);
  // By the charge's reference, which has an index; of charges by other names `verify` knows.
  const half = await read(sql<{ id: bigint }>`
    select o.id from orders o
    left join transfers t on t.customer_id = o.customer_id
      and t.reference = 'order:' || o.id || ':charge'
    where o.id > ${from} and o.parent_id is null and o.kind <> 'subscription'
      and (t.amount, t.order_id) is distinct from (o.charge, o.id)`);
  if (half.length > 0) fail(`orders without their one charge: ${half.map((row) => row.id)}`);
  const twice = await read(sql<{ link: string }>`
    select link from orders where id > ${from} and parent_id is null and link is not null
    group by customer_id, link having count(*) > 1`);
  if (twice.length > 0) fail(`ordered twice: ${twice.map((row) => row.link)}`);
  const wallets = await read(sql<{ id: number }>`
    select w.customer_id as id from wallets w
    join lateral (
      select number, balance_after from transfers t where t.customer_id = w.customer_id
      order by number desc limit 1
    ) t on true
    where (t.number, t.balance_after) <> (w.transfer_count, w.balance)`);
  if (wallets.length > 0) fail(`wallets that differ: ${wallets.map((row) => row.id)}`);
  const last = top?.id ?? 0n;
  return last > idsUnderWay ? last - idsUnderWay : 0n;
}

/** What the panel follows is what the upstream made for that order. */
async function checkFollowed(
  read: Read,
  upstream: ReturnType<typeof followUpstream>,
): Promise<void> {
  const rows = await read(sql<{ id: bigint; external: string }>`
    select order_id as id, external_id as external from deliveries where external_id is not null`);
  // After the rows: the upstream writes an order down before it answers.
  upstream.read();
  const wrong = rows.filter((row) => upstream.sent.get(String(row.id)) !== row.external);
  if (wrong.length > 0) fail(`followed under a wrong number: ${wrong.map((row) => row.id)}`);
}

/** Every call was answered in the end, so what is there is what callers asked for. */
async function checkAsked(read: Read, load: Load): Promise<void> {
  const rows = await read(sql<{ customer: number; link: string }>`
    select customer_id as customer, link from orders
    where parent_id is null and starts_with(request_id, 'https://crash.example/')`);
  const stored = new Set(rows.map((row) => `${row.customer} ${row.link}`));
  const asked = load.links().map(({ caller, link }) => `${caller.customerId} ${link}`);
  const missing = asked.filter((one) => !stored.has(one));
  if (missing.length > 0) fail(`asked for and not there: ${missing.slice(0, 5)}`);
  if (rows.length !== asked.length) fail(`${rows.length} orders of ${asked.length} asked for`);
}

function fail(what: string): never {
  throw new Error(what);
}

/** Asks the database again while it comes back from a crash. */
async function surely(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionLost(error) || attempt === triesMax) throw error;
      await delay(tryMs);
    }
  }
}
