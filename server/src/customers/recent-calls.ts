import { sql } from 'kysely';
import type { Clock, CustomerId, KeyId, Log } from '../base/index.ts';
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
  /** Writes what was noted since the last time, some customers at a time. */
  flush: () => Promise<void>;
};

const callsMax = 50;
// What a flood of customers may hold until the next flush; who comes later is not kept.
const customersMax = 5_000;
const addressLengthMax = 64;
/** A statement for all of them held up the calls of its moment for 50 ms. */
const customersPerStatement = 16;

/** Notes calls in memory and stores them when told to, so that no call waits for it. */
export function createRecentCalls(ctx: { db: Db; clock: Clock; log: Log }): RecentCalls {
  let noted = new Map<CustomerId, Noted>();
  return {
    note: ({ customerId, keyId }, { address, action, refusal }) => {
      let calls = noted.get(customerId);
      if (calls === undefined) {
        if (noted.size >= customersMax) return;
        calls = { count: 0, last: [] };
        noted.set(customerId, calls);
      }
      // Written over in turn: a new record for each call of a busy customer is one that lives until
      // the flush, and costs the collector more than the rest of the call.
      const at = calls.count % callsMax;
      calls.count += 1;
      const slot = calls.last[at];
      const atMs = ctx.clock.now().getTime();
      if (slot === undefined) calls.last[at] = { atMs, keyId, address, action, refusal };
      else {
        slot.atMs = atMs;
        slot.keyId = keyId;
        slot.address = address;
        slot.action = action;
        slot.refusal = refusal;
      }
    },
    flush: async () => {
      if (noted.size === 0) return;
      const calls = noted;
      noted = new Map();
      await writeCalls(ctx.db, calls).catch((error: unknown) =>
        ctx.log.warn({ error }, 'recent calls are not stored'),
      );
    },
  };
}

/** A customer's last calls; the one after the newest is the oldest. */
type Noted = { count: number; last: NotedCall[] };
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

async function writeCalls(db: Db, calls: ReadonlyMap<CustomerId, Noted>): Promise<void> {
  // In the order of customers, so that two processes never wait for each other in a circle.
  const inOrder = [...calls].sort(([a], [b]) => a - b);
  for (let from = 0; from < inOrder.length; from += customersPerStatement) {
    const part = inOrder.slice(from, from + customersPerStatement);
    await writeRows(
      db,
      part.map(([customer_id, noted]) => ({ customer_id, calls: newestFirst(noted) })),
    );
  }
}

async function writeRows(
  db: Db,
  rows: readonly { customer_id: CustomerId; calls: RecentCall[] }[],
): Promise<void> {
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
