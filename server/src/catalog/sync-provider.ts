import { sql } from 'kysely';
import { type Actor, AppError, minuteMs, type ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import type { Db } from '../db/index.ts';
import {
  awaitCall,
  delayCalls,
  findProvider,
  isHeldBack,
  type Provider,
  type ProvidersCtx,
  readProviders,
} from '../providers/index.ts';
import { storeFailure } from './last-sync.ts';
import { applyListing, type SyncReport } from './sync.ts';

const worker: Actor = { kind: 'system', name: 'sync' };
const intervalMs = 60 * minuteMs;
/** A sync that failed is tried again after this. */
const retryMs = 10 * minuteMs;
const rateLimitedMsDefault = 60_000;
/** A provider that wants no calls for longer is left alone: all others would wait for it. */
const heldBackMs = minuteMs;

type SyncInput = { providerId: ProviderId; force?: boolean; signal?: AbortSignal };

/**
 * Asks a provider for its catalog, whatever its state, and applies it: see `applyListing`. Anything
 * but a plausible list changes nothing.
 * @throws AppError `not_allowed`, `not_found`, `conflict` whose detail is what the provider
 *   answered instead, `conflict` while it wants no calls
 */
export async function syncProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  input: ProviderId | SyncInput,
): Promise<SyncReport> {
  requireStaff(actor, 'services');
  const asked: SyncInput = typeof input === 'number' ? { providerId: input } : input;
  const { providerId, force, signal } = asked;
  const provider = await findProvider(ctx.db, providerId);
  if (isHeldBack(provider, ctx.clock.now(), heldBackMs)) {
    const until = provider.heldBackUntil?.toISOString();
    throw new AppError('conflict', `provider "${provider.name}" wants no calls until ${until}`);
  }
  const upstream = ctx.upstreams.open(provider);
  await awaitCall(ctx, providerId, signal);
  const reading = await upstream.services(signal === undefined ? {} : { signal });
  if (reading.ok) {
    const listing = { provider, list: reading.value, force: force === true };
    return applyListing(ctx, actor, listing).catch(async (error: unknown) => {
      if (error instanceof AppError) await remember(ctx, providerId, error.message);
      throw error;
    });
  }
  if (reading.failure.kind === 'rate_limited') {
    const waitMs = reading.failure.retryAfterMs ?? rateLimitedMsDefault;
    const until = new Date(ctx.clock.now().getTime() + waitMs);
    await delayCalls(ctx.db, { providerId, until });
  }
  const why = ctx.upstreams.lastFailure(providerId) || reading.failure.kind;
  if (signal?.aborted !== true) await remember(ctx, providerId, why);
  throw new AppError(
    'conflict',
    `provider "${provider.name}" sent no list of services (${why}); nothing was changed`,
    { detail: why },
  );
}

function remember(ctx: ProvidersCtx, providerId: ProviderId, failure: string): Promise<void> {
  return storeFailure(ctx.db, providerId, { at: ctx.clock.now(), failure });
}

/**
 * Syncs every provider from which services were imported and whose last sync is an hour old, one
 * after the other: a catalog is large. Providers that staff paused, whose key is refused, or that
 * want no calls for now, are left alone. Any number of workers may call it; one of them syncs. A
 * failure is logged, and tried again after ten minutes. The signal gives up what is under way.
 * @returns how many providers were synced
 */
export async function syncDueProviders(ctx: ProvidersCtx, signal?: AbortSignal): Promise<number> {
  let synced = 0;
  for (const provider of await readDue(ctx.db, ctx.clock.now())) {
    const claimedAt = ctx.clock.now();
    if (signal?.aborted || !(await claim(ctx.db, provider.id, claimedAt))) continue;
    try {
      const input = { providerId: provider.id, ...(signal === undefined ? {} : { signal }) };
      logReport(ctx, provider, await syncProvider(ctx, worker, input));
      synced += 1;
    } catch (error) {
      await retrySoon(ctx.db, provider.id, claimedAt);
      if (signal?.aborted) break;
      ctx.log.warn({ error, provider: provider.id }, "a provider's catalog was not synced");
    }
  }
  return synced;
}

async function readDue(db: Db, now: Date): Promise<Provider[]> {
  const sources = await db.selectFrom('service_sources').select('provider_id').distinct().execute();
  const sourced = new Set(sources.map((row) => row.provider_id));
  const isDue = (provider: Provider) => {
    const { id, keySealed, pausedBy, syncedAt } = provider;
    return (
      sourced.has(id) &&
      keySealed !== null &&
      !isHeldBack(provider, now, heldBackMs) &&
      (pausedBy === null || pausedBy === 'funds') &&
      // Also what lies ahead, as after a clock that was set back.
      (syncedAt === null || syncedAt > now || now.getTime() - syncedAt.getTime() >= intervalMs)
    );
  };
  return (await readProviders(db)).filter(isDue);
}

/** Takes a sync for this process: of several that see it due at once, one writes its time. */
async function claim(db: Db, providerId: ProviderId, now: Date): Promise<boolean> {
  const due = new Date(now.getTime() - intervalMs);
  const taken = await sql`
    update providers set synced_at = ${now}::timestamptz
    where id = ${providerId} and (synced_at is null or synced_at <= ${due}::timestamptz
      or synced_at > ${now}::timestamptz)
    returning id`.execute(db);
  return taken.rows.length > 0;
}

/** Makes a sync that failed due again sooner than one that went well. */
async function retrySoon(db: Db, providerId: ProviderId, claimedAt: Date): Promise<void> {
  const at = new Date(claimedAt.getTime() - intervalMs + retryMs);
  await db
    .updateTable('providers')
    .set({ synced_at: at })
    .where('id', '=', providerId)
    .where('synced_at', '=', claimedAt)
    .execute();
}

function logReport(ctx: ProvidersCtx, provider: Provider, report: SyncReport): void {
  const { applied, held, warnings } = report;
  const counts: Record<string, number> = {};
  for (const { code } of warnings) counts[code] = (counts[code] ?? 0) + 1;
  const { id, name } = provider;
  if (warnings.length > 0) {
    ctx.log.warn({ provider: id, name, applied, held, warnings: counts }, 'a catalog was synced');
  } else if (applied > 0) ctx.log.info({ provider: id, name, applied }, 'a catalog was synced');
}
