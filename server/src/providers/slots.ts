import { type RawBuilder, sql } from 'kysely';
import {
  AppError,
  assert,
  type Clock,
  dayMs,
  type ProviderId,
  secondMs,
  waitBy,
} from '../base/index.ts';
import type { Ctx, Db } from '../db/index.ts';

/**
 * A slot further ahead comes from a clock that was wrong: a panel holds us back for a day at most,
 * and nobody takes slots for hours.
 */
const aheadMsMax = 2 * dayMs;

/**
 * Reserves the next calls to a provider, one slot each, at the distance its rate limit asks for
 * (60 s / calls per minute, rounded up to a microsecond). All processes share the limit: one
 * statement moves it, so no two callers get the same slot. A slot that is not used is lost.
 * @returns `count` times in order, none before `now`
 * @throws AppError `not_found`
 */
export async function takeCallSlots(
  db: Db,
  input: { providerId: ProviderId; count: number; now: Date },
): Promise<Date[]> {
  const { providerId, count, now } = input;
  assert(Number.isInteger(count) && count >= 0, 'slots are counted');
  if (count === 0) return [];
  const found = await sql<Moved>`
    ${moveSlots(now, count)} where id = ${providerId} returning ${moved}`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new AppError('not_found', `no provider ${providerId}`);
  return slotsOf(row, count);
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
  const found = await sql<Moved>`
    ${moveSlots(now, 1)}
    where id = ${seen.id}
      and ${isAt(seen.nextCallAt)}
    returning ${moved}`.execute(db);
  return found.rows.flatMap((row) => slotsOf(row, 1))[0];
}

/** A Date has no microseconds. */
function isAt(at: Date | null) {
  if (at === null) return sql`next_call_at is null`;
  const after = new Date(at.getTime() + 1);
  return sql`next_call_at >= ${at}::timestamptz and next_call_at < ${after}::timestamptz`;
}

/** A provider that wants no calls for longer is left alone: what is taken for it would wait. */
export const heldBackMs = 10 * secondMs;

/** Whether a provider lets nobody call it for so long. */
export function isHeldBack(nextCallAt: Date | null, now: Date, ms = heldBackMs): boolean {
  const aheadMs = (nextCallAt?.getTime() ?? 0) - now.getTime();
  return aheadMs > ms && aheadMs <= aheadMsMax;
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

function moveSlots(now: Date, count: number) {
  const latest = new Date(now.getTime() + aheadMsMax);
  const from = sql`case when next_call_at > ${latest}::timestamptz then ${now}::timestamptz
    else greatest(next_call_at, ${now}::timestamptz) end`;
  return sql`
    update providers set next_call_at =
      to_timestamp((${microsOf(from)} + ${step} * ${count}::int) / 1000000)`;
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
 * Makes a provider's next slots begin no earlier than `until`, as it asked with a 429. Slots that
 * are taken already stay.
 */
export async function delayCalls(
  db: Db,
  input: { providerId: ProviderId; until: Date },
): Promise<void> {
  await sql`
    update providers set next_call_at = ${input.until}::timestamptz
    where id = ${input.providerId}
      and (next_call_at is null or next_call_at < ${input.until}::timestamptz)`.execute(db);
}

/**
 * Takes the next slot of a provider and waits for it: after this the caller may call once.
 * @throws the signal's reason when it ends the wait, by default that of a worker which stops
 */
export async function awaitCall(
  ctx: Pick<Ctx, 'db' | 'clock'> & { leaving?: AbortSignal },
  providerId: ProviderId,
  signal = ctx.leaving,
): Promise<void> {
  const now = ctx.clock.now();
  const [slot] = await takeCallSlots(ctx.db, { providerId, count: 1, now });
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
