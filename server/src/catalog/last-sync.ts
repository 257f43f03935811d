import { sql } from 'kysely';
import { AppError, type ProviderId, type ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { SyncReport, SyncWarning } from './sync.ts';

/** What the last sync of a provider's catalog did, or why it failed. */
export type LastSync =
  | { at: string; failure: string }
  | (Omit<SyncReport, 'warnings'> & {
      /** ISO 8601, in UTC. */
      at: string;
      failure?: undefined;
      /** The first of them. */
      warnings: (SyncWarning & { service: string | null })[];
      warningCount: number;
    });

const warningsMax = 100;

/** Remembers what a sync did; of its warnings the first hundred. Also within its transaction. */
export async function storeReport(
  db: Db,
  providerId: ProviderId,
  { at, report }: { at: Date; report: SyncReport },
): Promise<void> {
  const { warnings } = report;
  const kept = warnings.slice(0, warningsMax);
  await write(db, providerId, { at, ...report, warnings: kept, warningCount: warnings.length });
}

/** Remembers why a sync changed nothing. */
export async function storeFailure(
  db: Db,
  providerId: ProviderId,
  { at, failure }: { at: Date; failure: string },
): Promise<void> {
  await write(db, providerId, { at, failure });
}

async function write(db: Db, providerId: ProviderId, value: object): Promise<void> {
  await sql`update providers set last_sync = ${JSON.stringify(value)}::text::jsonb
    where id = ${providerId}`.execute(db);
}

/**
 * The last sync of a provider, whoever asked for it, with the names of the services that its
 * warnings are about; null before the first.
 * @throws AppError `not_found`
 */
export async function readLastSync(db: Db, providerId: ProviderId): Promise<LastSync | null> {
  const row = await db
    .selectFrom('providers')
    .select('last_sync')
    .where('id', '=', providerId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no provider ${providerId}`);
  // Only the functions above write it.
  const last = row.last_sync as LastSync | null;
  if (last === null || last.failure !== undefined) return last;
  const names = await readNames(
    db,
    last.warnings.flatMap(({ serviceId }) => serviceId ?? []),
  );
  const warnings = last.warnings.map(({ code, serviceId }) => {
    return { code, serviceId, service: serviceId === null ? null : (names.get(serviceId) ?? null) };
  });
  return { ...last, warnings };
}

async function readNames(db: Db, ids: readonly ServiceId[]): Promise<Map<ServiceId, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('services')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
