import { sql } from 'kysely';
import type { ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** Of some order ids of a provider, those that belong to an attempt of ours. */
export async function readBoundIds(
  db: Db,
  providerId: ProviderId,
  ids: readonly string[],
): Promise<Set<string>> {
  const found = await sql<{ id: string }>`
    select external_id as id from attempts
    where provider_id = ${providerId} and external_id = any(${ids}::text[])`.execute(db);
  return new Set(found.rows.map((row) => row.id));
}
