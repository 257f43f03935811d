import { sql } from 'kysely';
import { dayMs, secondMs, waitBy } from '../base/index.ts';
import { type Ctx, isCluster, readAhead } from '../db/index.ts';
import { allChecks } from './verify.ts';

/** Once for all processes. */
const apartSeconds = dayMs / secondMs;
const restsPerPiece = 3;

/**
 * Reads once a day, by the way, what the next `verify` would have to read of the large tables: what
 * has changed since the last time, or all of it. It rests three times as long as it reads, and so
 * has a quarter of a core. In a cluster nothing is known of earlier runs, and nothing read ahead.
 * @returns whether it read all; false when it is not due, or gave up as the process leaves
 */
export async function readVerifyAhead(ctx: Ctx, leaving: AbortSignal): Promise<boolean> {
  if (isCluster(ctx.db)) return false;
  const begun = ctx.clock.now();
  if (!(await takeTurn(ctx, begun))) return false;
  let isDone = false;
  try {
    await readAhead(ctx.db, allChecks, {
      clock: ctx.clock,
      onPiece: async (tookMs) => {
        await waitBy(ctx.clock, restsPerPiece * tookMs, leaving);
        return !leaving.aborted;
      },
    });
    isDone = !leaving.aborted;
  } finally {
    if (!isDone) await giveBack(ctx, begun);
  }
  return isDone;
}

/** A clock that was ahead holds nobody up for longer than a day. */
async function takeTurn({ db }: Ctx, now: Date): Promise<boolean> {
  const sinceSeconds = sql`abs(extract(epoch from read_ahead_at - ${now}::timestamptz))`;
  const { numUpdatedRows } = await db
    .updateTable('verify_marks')
    .set({ read_ahead_at: now })
    .where(sql<boolean>`coalesce(${sinceSeconds} >= ${apartSeconds}, true)`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function giveBack({ db }: Ctx, begun: Date): Promise<void> {
  await db
    .updateTable('verify_marks')
    .set({ read_ahead_at: null })
    .where('read_ahead_at', '=', begun)
    .execute();
}
