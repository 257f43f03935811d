import type { ServiceList } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, AppError, type ProviderId, type ServiceId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { findProvider, type Provider } from '../providers/index.ts';
import { changeCatalog } from './change.ts';
import { dropHeldRates, insertChanges } from './change-rows.ts';
import { type ChangeDraft, diffSale, rateOf } from './change-rules.ts';
import { storeReport } from './last-sync.ts';
import { isPlausible, storeListing, toListedServices } from './listing.ts';
import {
  type KnownService,
  lockListing,
  lostIds,
  readKnown,
  readSourced,
  updateSourced,
  type VersionedService,
} from './sync-rows.ts';
import { decideSync, type SyncDecision, type SyncWarningCode } from './sync-rules.ts';

export type SyncWarning = {
  code: SyncWarningCode | 'removals_held_back' | 'changed_meanwhile';
  /** Null where it is about the whole list. */
  serviceId: ServiceId | null;
};

/** What a sync did. `held` counts all rates that wait for staff now, also those that did before. */
export type SyncReport = {
  listed: number;
  followed: number;
  applied: number;
  held: number;
  warnings: SyncWarning[];
};

/**
 * A list without more than this of what it had is a broken list sooner than a sale of everything.
 */
const lostPercentMax = 80;
const servicesPerPageMax = 2_000;

/**
 * Stores what a provider lists and lets the services that were imported from it follow, as far as
 * the provider's switches say: rates, limits, flags, what it sells no more and what it sells again.
 * A rate that jumps is held for staff. What staff set by hand stays until the provider's own value
 * changes, what staff took off sale stays off. A list that lost more than 80% of what it had takes
 * nothing off sale, unless `force`. The same list again writes nothing. Safe beside another sync.
 * @throws AppError `not_allowed`, `not_found`, `conflict` for a list in which nothing is on sale,
 *   which changes nothing
 */
export async function applyListing(
  ctx: Ctx,
  actor: Actor,
  input: { provider: Pick<Provider, 'id'>; list: ServiceList; force?: boolean },
): Promise<SyncReport> {
  requireStaff(actor, 'services');
  const rows = toListedServices(input.list);
  if (!rows.some(isPlausible)) {
    throw new AppError('conflict', 'the list has no service on sale in it; nothing was changed');
  }
  const at = ctx.clock.now();
  const { force = false } = input;
  const providerId = input.provider.id;
  return changeCatalog(ctx.db, async (tx) => {
    await lockListing(tx, providerId);
    const provider = await findProvider(tx, providerId);
    const known = await readKnown(tx, providerId);
    const lost = lostIds(known, rows);
    const keepsMissing = !force && lost.length * 100 > known.length * lostPercentMax;
    // A list that is not believed brings nothing new either: the next one like it would have lost
    // fewer of those that are known then.
    const isKnown = new Set(known.map(({ externalId }) => externalId));
    const believed = keepsMissing ? rows.filter((row) => isKnown.has(row.externalId)) : rows;
    await storeListing(tx, { providerId, rows: believed, lost: keepsMissing ? [] : lost }, at);
    const listedBefore = new Map(known.map((row) => [row.externalId, row]));
    const done = await followAll(tx, { provider, listedBefore, actor, at });
    if (keepsMissing) done.warnings.unshift({ code: 'removals_held_back', serviceId: null });
    await markSynced(tx, providerId, at);
    await announce(tx, { providerId, actor, at, done });
    const { followed, applied, held, warnings } = done;
    const report = { listed: rows.length, followed, applied, held, warnings };
    await storeReport(tx, providerId, { at, report });
    return report;
  });
}

/** All followers of a provider, some thousand at a time: what is in memory stays small. */
async function followAll(
  tx: Tx,
  input: {
    provider: Provider;
    listedBefore: ReadonlyMap<string, KnownService>;
    actor: Actor;
    at: Date;
  },
): Promise<Outcome> {
  const { provider, listedBefore, actor, at } = input;
  const total: Outcome = { followed: 0, applied: 0, held: 0, warnings: [], touched: 0 };
  let after = 0;
  for (;;) {
    const services = await readSourced(tx, provider.id, { after, limit: servicesPerPageMax });
    const decided = services.map((service) => {
      const before = listedBefore.get(service.externalId);
      const wasTypeKnown = before?.isTypeKnown === true;
      const decision = decideSync({ ...service, wasTypeKnown }, provider);
      return { service, decision, basisBefore: basisBefore(service, before, provider) };
    });
    const page = await applyDecisions(tx, { decided, actor, at });
    total.followed += services.length;
    total.applied += page.applied;
    total.held += page.held;
    total.touched += page.touched;
    total.warnings.push(...page.warnings);
    if (services.length < servicesPerPageMax) return total;
    after = services.at(-1)?.id ?? after;
  }
}

/**
 * What the provider asked for before a rate began to wait. A cost that has not changed says
 * nothing: then the exchange rate has.
 */
function basisBefore(
  { heldFrom, listed }: VersionedService,
  before: KnownService | undefined,
  { exchangeRate }: Provider,
): string | null {
  const cost = before?.cost ?? null;
  if (heldFrom !== null || cost === null || cost === listed.cost) return heldFrom;
  return `${cost * exchangeRate}`;
}

type Decided = {
  service: VersionedService;
  decision: SyncDecision;
  basisBefore: string | null;
};
type Outcome = Omit<SyncReport, 'listed'> & { touched: number };

async function applyDecisions(
  tx: Tx,
  input: { decided: readonly Decided[]; actor: Actor; at: Date },
): Promise<Omit<Outcome, 'followed'>> {
  const { decided, actor, at } = input;
  const changes = new Map(decided.map((each) => [each.service.id, draftsOf(each)]));
  const updates = decided
    .filter(({ service }) => (changes.get(service.id) ?? []).length > 0)
    .map(({ service: { id, version }, decision: { after } }) => ({ id, version, after }));
  const written = await updateSourced(tx, updates);
  const applied = [...written].flatMap((id) => changes.get(id) ?? []);
  await insertChanges(tx, applied, { actor, state: 'applied', at });
  const moved = decided.filter(({ service, decision }) => !isSameHeld(service, decision));
  const dropped = moved.flatMap(({ service }) => (service.held === null ? [] : service.id));
  await dropHeldRates(tx, dropped);
  const held = moved.flatMap(heldDraft);
  await insertChanges(tx, held, { actor, state: 'held', at });
  const warnings = decided.flatMap(({ service, decision }) =>
    decision.warnings.map((code): SyncWarning => ({ code, serviceId: service.id })),
  );
  const missed = updates.filter(({ id }) => !written.has(id));
  return {
    applied: applied.length,
    held: decided.filter(({ decision }) => decision.held !== null).length,
    warnings: [
      ...warnings,
      ...missed.map(({ id }): SyncWarning => ({ code: 'changed_meanwhile', serviceId: id })),
    ],
    touched: applied.length + moved.length,
  };
}

function draftsOf({ service, decision }: Decided): ChangeDraft[] {
  const states = { before: service, after: decision.after };
  const { reason } = decision;
  return diffSale(service.id, states, reason === null ? {} : { reason });
}

function isSameHeld({ held }: VersionedService, decision: SyncDecision): boolean {
  return held?.rate === decision.held?.rate && held?.basis === decision.held?.basis;
}

function heldDraft({ service, decision, basisBefore }: Decided): ChangeDraft[] {
  if (decision.held === null) return [];
  const noted = basisBefore === null ? {} : { basis: basisBefore };
  const before = { ...rateOf(service), ...noted };
  return [{ serviceId: service.id, kind: 'rate', before, after: decision.held }];
}

async function markSynced(tx: Tx, providerId: ProviderId, at: Date): Promise<void> {
  await sql`
    update providers set synced_at = ${at}::timestamptz
    where id = ${providerId} and synced_at is distinct from ${at}::timestamptz`.execute(tx);
}

async function announce(
  tx: Tx,
  input: { providerId: ProviderId; actor: Actor; at: Date; done: Outcome },
): Promise<void> {
  const { providerId, actor, at, done } = input;
  if (done.touched === 0) return;
  const { applied, held } = done;
  await recordAudit(tx, {
    actor,
    action: 'provider.sync',
    subject: `provider:${providerId}`,
    after: { applied, held },
    at,
  });
  if (applied > 0) await notifyChange(tx, { kind: 'catalog' });
}
