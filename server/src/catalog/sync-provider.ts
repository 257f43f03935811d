import { sql } from 'kysely';
import { type Actor, AppError, minuteMs, type ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import type { Db } from '../db/index.ts';
import {
  delayCalls,
  findProvider,
  type Provider,
  type ProvidersCtx,
  readProviders,
  takeCallSlots,
  untilSlot,
} from '../providers/index.ts';
import { applyListing, type SyncReport } from './sync.ts';

const worker: Actor = { kind: 'system', name: 'sync' };
const intervalMs = 60 * minuteMs;
/** A sync that failed, or whose worker died, is tried again after this. */
const retryMs = 10 * minuteMs;
const rateLimitedMsDefault = 60_000;

/**
 * Asks a provider for its catalog, whatever its state, and applies it: see `applyListing`. Anything
 * but a plausible list changes nothing.
 * @throws AppError `not_allowed`, `not_found`, `conflict` saying what the provider answered instead
 */
export async function syncProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  input: ProviderId | { providerId: ProviderId; force?: boolean },
): Promise<SyncReport> {
  requireStaff(actor);
  const { providerId, force = false } = typeof input === 'number' ? { providerId: input } : input;
  const provider = await findProvider(ctx.db, providerId);
  const upstream = ctx.upstreams.open(provider);
  const [slot] = await takeCallSlots(ctx.db, { providerId, count: 1, now: ctx.clock.now() });
  await untilSlot(ctx.clock, slot);
  const reading = await upstream.services();
  if (reading.ok) return applyListing(ctx, actor, { provider, list: reading.value, force });
  if (reading.failure.kind === 'rate_limited') {
    const waitMs = reading.failure.retryAfterMs ?? rateLimitedMsDefault;
    const until = new Date(ctx.clock.now().getTime() + waitMs);
    await delayCalls(ctx.db, { providerId, until });
  }
  const why = ctx.upstreams.lastFailure(providerId) || reading.failure.kind;
  throw new AppError(
    'conflict',
    `provider "${provider.name}" sent no list of services (${why}); nothing was changed`,
  );
}

/**
 * Syncs every provider from which services were imported and whose last sync is an hour old, one
 * after the other: a catalog is large. Providers that staff paused, or whose key is refused, are
 * left alone. Any number of workers may call it; one of them syncs. A failure is logged, and tried
 * again after ten minutes.
 * @returns how many providers were synced
 */
export async function syncDueProviders(ctx: ProvidersCtx): Promise<number> {
  let synced = 0;
  for (const provider of await readDue(ctx.db, ctx.clock.now())) {
    if (!(await claim(ctx.db, provider.id, ctx.clock.now()))) continue;
    try {
      const report = await syncProvider(ctx, worker, provider.id);
      logReport(ctx, provider, report);
      synced += 1;
    } catch (error) {
      ctx.log.warn({ error, provider: provider.id }, "a provider's catalog was not synced");
    }
  }
  return synced;
}

async function readDue(db: Db, now: Date): Promise<Provider[]> {
  const sources = await db.selectFrom('service_sources').select('provider_id').distinct().execute();
  const sourced = new Set(sources.map((row) => row.provider_id));
  const isDue = ({ id, keySealed, pausedBy, syncedAt }: Provider) =>
    sourced.has(id) &&
    keySealed !== null &&
    (pausedBy === null || pausedBy === 'funds') &&
    (syncedAt === null || Math.abs(now.getTime() - syncedAt.getTime()) >= intervalMs);
  return (await readProviders(db)).filter(isDue);
}

/**
 * Takes a sync for this process. The claim has a row of its own, because `synced_at` says when a
 * list was last applied, and must not say so of one that never came.
 */
async function claim(db: Db, providerId: ProviderId, now: Date): Promise<boolean> {
  const [before, after] = [-retryMs, retryMs].map((ms) => new Date(now.getTime() + ms));
  const taken = await sql`
    insert into heartbeats as h (name, at) values (${`sync:${providerId}`}, ${now})
    on conflict (name) do update set at = excluded.at
    where h.at <= ${before}::timestamptz or h.at >= ${after}::timestamptz
    returning name`.execute(db);
  return taken.rows.length > 0;
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
