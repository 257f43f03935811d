import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { AppError, assert, type Clock, type ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

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
  const found = await sql<{ endsAt: Date; callsPerMinute: number }>`
    update providers set next_call_at = greatest(next_call_at, ${now}::timestamptz)
      + interval '1 microsecond' * ceil(60000000.0 / calls_per_minute_max) * ${count}::int
    where id = ${providerId}
    returning next_call_at as "endsAt", calls_per_minute_max as "callsPerMinute"`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new AppError('not_found', `no provider ${providerId}`);
  const slotMs = Math.ceil(60_000_000 / row.callsPerMinute) / 1_000;
  const startMs = row.endsAt.getTime() - count * slotMs;
  return Array.from({ length: count }, (_, at) => {
    return new Date(Math.max(Math.ceil(startMs + at * slotMs), now.getTime()));
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

/** Waits for a slot; one in the past is now. */
export async function untilSlot(clock: Clock, slot: Date | undefined): Promise<void> {
  const ms = (slot?.getTime() ?? 0) - clock.now().getTime();
  if (ms > 0) await delay(ms);
}
