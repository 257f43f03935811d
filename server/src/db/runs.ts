import type { Db } from './connect.ts';

/** Runs of a kind, of which one is under way at a time, whichever process has it. */
export type Runs = {
  /** Where each has a row; a unique index lets one of them be `running`. */
  table: 'backups' | 'verifications';
  /** Whoever was not seen for so long is gone, and whose clock is so far ahead of ours. */
  lostMs: number;
  /** How many rows stay, the newest. */
  kept: number;
};

/**
 * Begins a run: its row is inserted where no other is under way, or whoever had that is gone. Rows
 * are counted and not told by their numbers, of which each try in vain takes one, and a restore
 * thousands.
 * @returns the number of its row; undefined while another one is under way
 */
export async function beginRun(
  db: Db,
  { table, lostMs, kept }: Runs,
  { at, insert }: { at: Date; insert: () => Promise<{ id: number } | undefined> },
): Promise<number | undefined> {
  const since = new Date(at.getTime() - lostMs);
  const until = new Date(at.getTime() + lostMs);
  await db
    .updateTable(table)
    .set({ state: 'interrupted', finished_at: at })
    .where('state', '=', 'running')
    .where((eb) => eb.or([eb('seen_at', '<', since), eb('seen_at', '>', until)]))
    .execute();
  const begun = await insert();
  if (begun === undefined) return undefined;
  const rows = db.selectFrom(table).select('id').orderBy('id', 'desc');
  const old = await rows.offset(kept).limit(1).executeTakeFirst();
  if (old !== undefined) await db.deleteFrom(table).where('id', '<=', old.id).execute();
  return begun.id;
}
