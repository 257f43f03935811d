import { sql } from 'kysely';
import {
  type Clock,
  type CustomerId,
  type KeyId,
  type Log,
  secondMs,
  waitBy,
} from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** One call of the API, as its customer sees it. */
export type RecentCall = {
  /** ISO 8601. */
  at: string;
  keyId: KeyId;
  address: string;
  action: string;
  /** The words of the refusal; null when it was done. */
  refusal: string | null;
};

type Caller = { customerId: CustomerId; keyId: KeyId };

/** Keeps every customer's last calls. */
export type RecentCalls = {
  /** Notes a call; asks nobody. */
  note: (caller: Caller, call: Omit<RecentCall, 'at' | 'keyId'>) => void;
  /**
   * Writes what was noted since the last time, some customers at a time, and rests between them; of
   * who calls all the time, now and then. Once `leaving` is aborted, all of it, without a rest.
   */
  store: (leaving: AbortSignal) => Promise<void>;
};

const callsMax = 50;
// What a flood of customers may hold until they are stored; who comes later is not kept.
const customersMax = 5_000;
const addressLengthMax = 64;
/** A statement for all of them held up the calls of its moment for 50 ms. */
const customersPerStatement = 16;
/** After each statement the database is left to the calls for a while. */
const restMs = 25;
/** Who fills the list is stored only after so long: the next 50 calls replace all of it. */
const busyMs = 10 * secondMs;

/** Notes calls in memory and stores them when told to, so that no call waits for it. */
export function createRecentCalls(ctx: { db: Db; clock: Clock; log: Log }): RecentCalls {
  const noted = new Map<CustomerId, Noted>();
  let storing: Promise<void> | undefined;

  // In the order of customers, so that two processes never wait for each other in a circle.
  function takeDue(leaving: AbortSignal): [CustomerId, Noted][] {
    const nowMs = ctx.clock.now().getTime();
    const isDue = ({ count, sinceMs }: Noted) =>
      leaving.aborted || count < callsMax || Math.abs(nowMs - sinceMs) >= busyMs;
    const due = [...noted].filter(([, calls]) => isDue(calls));
    for (const [customerId] of due) noted.delete(customerId);
    return due.sort(([a], [b]) => a - b);
  }

  async function storeDue(leaving: AbortSignal): Promise<void> {
    const due = takeDue(leaving);
    for (let from = 0; from < due.length; from += customersPerStatement) {
      try {
        await writeCalls(ctx.db, due.slice(from, from + customersPerStatement));
      } catch (error) {
        // The rest would fail too: a database that is gone must not keep the process from ending.
        ctx.log.warn({ error }, 'recent calls are not stored');
        return;
      }
      if (!leaving.aborted) await waitBy(ctx.clock, restMs, leaving);
    }
  }

  return {
    note: ({ customerId, keyId }, { address, action, refusal }) => {
      const atMs = ctx.clock.now().getTime();
      let calls = noted.get(customerId);
      if (calls === undefined) {
        if (noted.size >= customersMax) return;
        calls = { count: 0, last: [], sinceMs: atMs };
        noted.set(customerId, calls);
      }
      // Written over in turn: a new record for each call of a busy customer is one that lives until
      // it is stored, and costs the collector more than the rest of the call.
      const at = calls.count % callsMax;
      calls.count += 1;
      const slot = calls.last[at];
      if (slot === undefined) calls.last[at] = { atMs, keyId, address, action, refusal };
      else {
        slot.atMs = atMs;
        slot.keyId = keyId;
        slot.address = address;
        slot.action = action;
        slot.refusal = refusal;
      }
    },
    store: async (leaving) => {
      if (storing !== undefined && !leaving.aborted) return storing;
      // What is under way is older, and is to be written over.
      while (storing !== undefined) await storing;
      storing = storeDue(leaving).finally(() => {
        storing = undefined;
      });
      await storing;
    },
  };
}

/** A customer's last calls since a moment; the one after the newest is the oldest. */
type Noted = { count: number; last: NotedCall[]; sinceMs: number };
type NotedCall = Omit<RecentCall, 'at'> & { atMs: number };

/** What is kept of them, newest first. */
function newestFirst({ count, last }: Noted): RecentCall[] {
  const head = count % callsMax;
  const inOrder = [...last.slice(head), ...last.slice(0, head)];
  return inOrder.reverse().map(({ atMs, address, ...call }) => ({
    at: new Date(atMs).toISOString(),
    ...call,
    address: address.slice(0, addressLengthMax),
  }));
}

/** A customer's last calls, newest first, at most 50. */
export async function listRecentCalls(db: Db, customerId: CustomerId): Promise<RecentCall[]> {
  const row = await db
    .selectFrom('recent_calls')
    .select('calls')
    .where('customer_id', '=', customerId)
    .executeTakeFirst();
  return (row?.calls ?? []) as RecentCall[];
}

/** Written out, as the bound below is: a cluster takes no parameter there. */
const keptPath = sql.lit(`$[0 to ${callsMax - 1}]`);

async function writeCalls(db: Db, noted: readonly [CustomerId, Noted][]): Promise<void> {
  const rows = noted.map(([customer_id, calls]) => ({ customer_id, calls: newestFirst(calls) }));
  await sql`
    insert into recent_calls (customer_id, calls)
    select n.customer_id, n.calls
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      n(customer_id integer, calls jsonb)
    on conflict (customer_id) do update set calls = case
      when jsonb_array_length(excluded.calls) >= ${sql.lit(callsMax)} then excluded.calls
      else jsonb_path_query_array(excluded.calls || recent_calls.calls, ${keptPath})
      end`.execute(db);
}
