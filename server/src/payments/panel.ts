import type { Db, Tx } from '../db/index.ts';

/** The random name of this panel, by which gateways tell its payments from those of others. */
export async function readPanelId(db: Db): Promise<string> {
  const { id } = await db.selectFrom('panel_identity').select('id').executeTakeFirstOrThrow();
  return id;
}

/** Since when the payments of this panel bear its name: the upgrade that gave it one. */
export async function readNamedSince(db: Db): Promise<Date> {
  const { applied_at: since } = await db
    .selectFrom('migrations')
    .select('applied_at')
    .where('name', '=', '0050_panel_identity.sql')
    .executeTakeFirstOrThrow();
  return since;
}

/**
 * The currency that wallets count in. The caller has locked a wallet, for which a change of the
 * currency waits: so it is the same until the transaction ends.
 */
export async function readCurrency(tx: Tx): Promise<string> {
  const { currency } = await tx.selectFrom('settings').select('currency').executeTakeFirstOrThrow();
  return currency;
}
