import { type RawBuilder, sql } from 'kysely';
import { assert, type Clock, dayMs, type ProviderId, secondMs, waitBy } from '../base/index.ts';
import type { Ctx, Db } from '../db/index.ts';

/**
 * A time further ahead comes from a clock that was wrong: a panel holds us back for a day at most,
 * and nobody takes slots for hours.
 */
const aheadMsMax = 2 * dayMs;

/** A provider that wants no calls for longer is left alone: what is taken for it would wait. */
const heldBackMs = 10 * secondMs;

/** Whether a provider has asked not to be called for so long. */
export function isHeldBack(
  { heldBackUntil }: { heldBackUntil: Date | null },
  now: Date,
  ms = heldBackMs,
): boolean {
  const aheadMs = (heldBackUntil?.getTime() ?? 0) - now.getTime();
  return aheadMs > ms && aheadMs <= aheadMsMax;
}

/**
 * Reserves the next calls to a provider, one slot each, at the distance its rate limit asks for
 * (60 s / calls per minute, rounded up to a microsecond). All processes share the limit: one
 * statement moves it, so no two callers get the same slot. A slot that is not used is lost.
 * @returns `count` times in order, none before `now`; no time at all while the provider is held
 *   back, which the caller may not have seen yet
 */
export async function takeCallSlots(
  db: Db,
  input: { providerId: ProviderId; count: number; now: Date },
): Promise<Date[]> {
  const { providerId, count, now } = input;
  assert(Number.isInteger(count) && count >= 0, 'slots are counted');
  if (count === 0) return [];
  const isFree = sql`(held_back_until is null
    or held_back_until <= ${later(now, heldBackMs)}::timestamptz
    or held_back_until > ${later(now, aheadMsMax)}::timestamptz)`;
  return moveSlots(db, { now, count }, sql`id = ${providerId} and ${isFree}`);
}

/**
 * Reserves one call, unless somebody has taken a slot since the provider was read: so of callers
 * that saw the same row one goes on.
 */
export async function claimCallSlot(
  db: Db,
  seen: { id: ProviderId; nextCallAt: Date | null },
  now: Date,
): Promise<Date | undefined> {
  const isSeen = sql`id = ${seen.id} and ${isAt(seen.nextCallAt)}`;
  return (await moveSlots(db, { now, count: 1 }, isSeen))[0];
}

/** A Date has no microseconds. */
function isAt(at: Date | null) {
  if (at === null) return sql`next_call_at is null`;
  return sql`next_call_at >= ${at}::timestamptz and next_call_at < ${later(at, 1)}::timestamptz`;
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

type Moved = { end: bigint; step: bigint };

const step = sql`ceil(60000000.0 / calls_per_minute_max)`;
const epoch = new Date(0);
// In microseconds, which a Date would lose.
const moved = sql`${microsOf(sql`next_call_at`)}::bigint as "end", ${step}::bigint as step`;

/** By operators that no setting of a session can change: a cluster runs no others in an update. */
function microsOf(at: RawBuilder<unknown>) {
  return sql`(extract(epoch from ${at} - ${epoch}::timestamptz) * 1000000)`;
}

async function moveSlots(
  db: Db,
  { now, count }: { now: Date; count: number },
  where: RawBuilder<unknown>,
): Promise<Date[]> {
  const from = sql`case when next_call_at > ${later(now, aheadMsMax)}::timestamptz
    then ${now}::timestamptz else greatest(next_call_at, ${now}::timestamptz) end`;
  const found = await sql<Moved>`
    update providers set next_call_at =
      to_timestamp((${microsOf(from)} + ${step} * ${count}::int) / 1000000)
    where ${where} returning ${moved}`.execute(db);
  return found.rows.flatMap((row) => slotsOf(row, count));
}

/** Rounded up to what a Date can say. */
function slotsOf(row: Moved, count: number): Date[] {
  const startMicros = row.end - BigInt(count) * row.step;
  return Array.from({ length: count }, (_, at) => {
    const micros = startMicros + BigInt(at) * row.step;
    return new Date(Number.parseInt(((micros + 999n) / 1000n).toString(), 10));
  });
}

/**
 * Leaves a provider alone until then, as it asked with a 429, never shorter than it asked before.
 * Slots that are taken already stay.
 */
export async function delayCalls(
  db: Db,
  input: { providerId: ProviderId; until: Date },
): Promise<void> {
  const { providerId, until } = input;
  const delayed = (column: string) => sql`case when ${sql.ref(column)} > ${until}::timestamptz
    and ${sql.ref(column)} <= ${later(until, aheadMsMax)}::timestamptz
    then ${sql.ref(column)} else ${until}::timestamptz end`;
  await sql`
    update providers set next_call_at = ${delayed('next_call_at')},
      held_back_until = ${delayed('held_back_until')}
    where id = ${providerId}`.execute(db);
}

/**
 * Takes the next slot of a provider, held back or not, and waits for it: after this the caller may
 * call once.
 * @throws the signal's reason when it ends the wait, by default that of a worker which stops
 */
export async function awaitCall(
  ctx: Pick<Ctx, 'db' | 'clock'> & { leaving?: AbortSignal },
  providerId: ProviderId,
  signal = ctx.leaving,
): Promise<void> {
  const now = ctx.clock.now();
  const [slot] = await moveSlots(ctx.db, { now, count: 1 }, sql`id = ${providerId}`);
  await untilSlot(ctx.clock, slot, signal);
  signal?.throwIfAborted();
}

/** Waits for a slot; one in the past is now. The signal ends the wait early. */
export async function untilSlot(
  clock: Clock,
  slot: Date | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const ms = (slot?.getTime() ?? 0) - clock.now().getTime();
  if (ms <= 0 || signal?.aborted) return;
  await waitBy(clock, ms, signal);
}
