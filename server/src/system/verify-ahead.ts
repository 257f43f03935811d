import { sql } from 'kysely';
import { dayMs, hourMs, waitBy } from '../base/index.ts';
import { type Ctx, isCluster, readAhead } from '../db/index.ts';
import { allChecks, restsPerRead } from './verify.ts';

/** Between the starts of two rounds: on a panel that is very large one takes hours. */
const apartMinMs = hourMs;
const apartMaxMs = dayMs;
const restsPerRound = 24;

/**
 * Reads by the way what the next `verify` would have to read of the large tables: what has changed
 * since the last round, or all of it. Rounds of all processes begin an hour apart or, where one
 * took more than two and a half minutes, 24 times as long as that, but a day at most. It rests
 * three times as long as it reads, and so has a quarter of a core. In a cluster nothing is known of
 * earlier runs, and nothing read ahead.
 * @returns whether it read all; false when it is not due, or gave up as the process leaves
 */
export async function readVerifyAhead(ctx: Ctx, leaving: AbortSignal): Promise<boolean> {
  if (isCluster(ctx.db)) return false;
  const begun = ctx.clock.now();
  const claimed = new Date(begun.getTime() + apartMaxMs);
  if (!(await takeTurn(ctx, { begun, claimed }))) return false;
  try {
    await readAhead(ctx.db, allChecks, {
      clock: ctx.clock,
      onPiece: async (tookMs) => {
        await waitBy(ctx.clock, restsPerRead * tookMs, leaving);
        return !leaving.aborted;
      },
    });
  } finally {
    // What failed will fail again, at the same cost; who leaves has only begun.
    const dueAt = leaving.aborted ? null : nextRound(begun, ctx.clock.now());
    await endTurn(ctx, { claimed, dueAt });
  }
  return !leaving.aborted;
}

function nextRound(begun: Date, ended: Date): Date {
  const tookMs = ended.getTime() - begun.getTime();
  const apartMs = Math.min(apartMaxMs, Math.max(apartMinMs, restsPerRound * tookMs));
  return new Date(begun.getTime() + apartMs);
}

/** Whoever dies with it keeps it for a day; a clock that was ahead holds nobody up for longer. */
async function takeTurn(
  { db }: Ctx,
  { begun, claimed }: { begun: Date; claimed: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('verify_marks')
    .set({ read_ahead_due_at: claimed })
    .where(
      sql<boolean>`(read_ahead_due_at > ${begun} and read_ahead_due_at <= ${claimed}) is not true`,
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function endTurn(
  { db }: Ctx,
  { claimed, dueAt }: { claimed: Date; dueAt: Date | null },
): Promise<void> {
  await db
    .updateTable('verify_marks')
    .set({ read_ahead_due_at: dueAt })
    .where('read_ahead_due_at', '=', claimed)
    .execute();
}
