import type { Db } from '../db/index.ts';

/** The random name of this panel, by which gateways tell its payments from those of others. */
export async function readPanelId(db: Db): Promise<string> {
  const { id } = await db.selectFrom('panel_identity').select('id').executeTakeFirstOrThrow();
  return id;
}
