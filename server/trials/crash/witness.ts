import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { isConnectionLost } from '../../src/db/index.ts';
import type { JournalEntry } from '../../src/sandbox/index.ts';
import { verify } from '../../src/system/index.ts';
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

const tryMs = 50;
const triesMax = 400;

/** Opens the witness; whatever it finds wrong, it throws. */
export function createWitness(stage: Stage, load: Load): Witness {
  const { read } = stage;
  const journal = followJournal(stage.journalFile);
  /** By our order's number, the upstream's. */
  const sent = new Map<string, string>();
  let lastId = 0n;
  let promisedCount = 0;
  let verified = 0;

  async function checkPromised(promised: readonly Promised[]): Promise<void> {
    const tables = { order: 'orders', refill: 'refills', cancel: 'cancels' } as const;
    for (const kind of ['order', 'refill', 'cancel'] as const) {
      const some = promised.filter((one) => one.kind === kind);
      const ids = some.map((one) => BigInt(one.order));
      const [table, column] = [
        sql.table(tables[kind]),
        sql.ref(kind === 'order' ? 'id' : 'order_id'),
      ];
      const link = kind === 'order' ? sql.ref('link') : sql.lit('');
      const rows = await read(sql<{ id: bigint; customer: number; link: string }>`
        select ${column} as id, customer_id as customer, ${link} as link
        from ${table} where ${column} = any(string_to_array(${ids.join(',')}, ',')::bigint[])`);
      const stored = new Map(rows.map((row) => [Number(row.id), row]));
      if (stored.size !== rows.length) fail(`more than one ${kind} of an order`);
      for (const one of some) {
        const row = stored.get(one.order);
        const isRight =
          row?.customer === one.caller.customerId &&
          (one.kind !== 'order' || row.link === one.link);
        if (!isRight) fail(`a ${kind} that was answered is lost: ${JSON.stringify(one)}`);
      }
    }
  }

  /** Orders since the last look, each with one charge; wallets as their last transfer has them. */
  async function checkWhole(): Promise<void> {
    const [top] = await read(sql<{ id: bigint | null }>`select max(id) as id from orders`);
    const half = await read(sql<{ id: bigint }>`
      select o.id from orders o
      where o.id > ${lastId} and o.parent_id is null and o.kind <> 'subscription' and (
        select coalesce(sum(t.amount), 0) from transfers t
        where t.customer_id = o.customer_id and t.order_id = o.id and t.debit = 'wallet'
      ) <> o.charge`);
    if (half.length > 0) fail(`orders without their one charge: ${half.map((row) => row.id)}`);
    const twice = await read(sql<{ link: string }>`
      select link from orders where id > ${lastId} and parent_id is null and link is not null
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
    // Ids are taken before the commit: one that is still under way may become visible later.
    lastId = (top?.id ?? 0n) > idsUnderWay ? (top?.id ?? 0n) - idsUnderWay : 0n;
  }

  function checkJournal(): void {
    for (const entry of journal()) {
      if (entry.kind !== 'add') continue;
      const [, order = ''] = requestIdForm.exec(entry.params.request_id ?? '') ?? [];
      if (order === '') fail(`sent without an id of ours: ${JSON.stringify(entry)}`);
      if (sent.has(order)) fail(`sent twice: order ${order}, ${entry.params.link}`);
      sent.set(order, String(entry.order));
    }
  }

  /** What the panel follows is what the upstream made for that order. */
  async function checkFollowed(): Promise<void> {
    const rows = await read(sql<{ id: bigint; external: string }>`
      select order_id as id, external_id as external from deliveries where external_id is not null`);
    checkJournal();
    const wrong = rows.filter((row) => sent.get(String(row.id)) !== row.external);
    if (wrong.length > 0) fail(`followed under a wrong number: ${wrong.map((row) => row.id)}`);
  }

  /** Every call was answered in the end, so what is there is what callers asked for. */
  async function checkAsked(): Promise<void> {
    const rows = await read(sql<{ customer: number; link: string }>`
      select customer_id as customer, link from orders
      where parent_id is null and starts_with(request_id, 'https://crash.example/')`);
    const stored = new Set(rows.map((row) => `${row.customer} ${row.link}`));
    const asked = load.links().map(({ caller, link }) => `${caller.customerId} ${link}`);
    const missing = asked.filter((one) => !stored.has(one));
    if (missing.length > 0) fail(`asked for and not there: ${missing.slice(0, 5)}`);
    if (rows.length !== asked.length) fail(`${rows.length} orders of ${asked.length} asked for`);
  }

  function checkCallers(): void {
    if (load.faults.length > 0) fail(`wrong answers: ${load.faults.slice(0, 5).join('; ')}`);
  }

  const look = async () => {
    checkCallers();
    const promised = load.takePromised();
    promisedCount += promised.length;
    await surely(async () => {
      await checkPromised(promised);
      await checkWhole();
    });
    checkJournal();
  };
  return {
    look,
    lookAtAll: async () => {
      await look();
      await surely(async () => {
        await checkFollowed();
        const { broken } = await verify(stage.app.db);
        if (broken.length > 0) fail(`verify: ${JSON.stringify(broken.slice(0, 5))}`);
      });
      verified += 1;
    },
    lookAtEnd: () => surely(checkAsked),
    counts: () => ({ promised: promisedCount, upstreamOrders: sent.size, verified }),
  };
}

const idsUnderWay = 2_000n;
/** As the panel names its requests: after the order. */
const requestIdForm = /^pw-([0-9]+)-/;

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

/** Reads what was added to a journal since the last time; half a last line is left for the next. */
function followJournal(file: string): () => JournalEntry[] {
  let at = 0;
  return () => {
    if (statSync(file).size === at) return [];
    const fresh = readFileSync(file).subarray(at);
    const whole = fresh.lastIndexOf('\n') + 1;
    at += whole;
    const lines = fresh.toString('utf8', 0, whole).split('\n');
    // Only the upstream writes the file.
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
  };
}
