import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  formatRate,
  type ProviderId,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { bigints, type Ctx, notifyChange, recordAudits, type Tx } from '../db/index.ts';
import { findProvider } from '../providers/index.ts';
import { changeCatalog } from './change.ts';
import { dropHeldRates, insertChanges } from './change-rows.ts';
import { type Basis, type ChangeDraft, noteOf, rateOf } from './change-rules.ts';
import { describeMarkup, type PlannedPrice, type PriceChange, planPrices } from './price-plan.ts';
import { updateMarkups } from './reprice.ts';
import { lockListing, lockServices, readSourced } from './sync-rows.ts';
import { basisByHand, basisOf } from './sync-rules.ts';

/** A rate that changes for certain. */
type NewRate = PlannedPrice & { after: Rate };

/**
 * Gives services other rates, as planned: see `planPrices`. What is planned as it was, or not at
 * all, is not touched. Nothing is held: staff have decided.
 * @returns how many have another rate now
 * @throws AppError `not_allowed`, `invalid_input`, `not_found`, `conflict` when rates or costs have
 *   changed since the plan: then nothing is changed, and so a repetition changes nothing twice
 */
export async function repriceServices(
  ctx: Ctx,
  actor: Actor,
  input: { serviceIds: readonly ServiceId[]; change: PriceChange; basis: string },
): Promise<number> {
  requireStaff(actor, 'services');
  const { serviceIds, change } = input;
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    await lockAll(tx, serviceIds);
    const plan = await planPrices(tx, serviceIds, change);
    if (plan.basis !== input.basis) {
      throw new AppError('conflict', 'rates or costs have changed meanwhile; look at them again');
    }
    const planned = plan.rows.filter((row): row is NewRate => row.after !== null);
    const changed = planned.filter(({ before, after }) => before !== after);
    if (change.base === 'cost') {
      const followers = planned.filter(({ follows }) => follows !== null).map(idOf);
      await updateMarkups(tx, followers, change.markup);
    }
    await writeRates(tx, changed);
    const drafts = await draftChanges(tx, changed, change.base);
    await insertChanges(tx, drafts, { actor, state: 'applied', at });
    await dropHeldRates(tx, planned.map(idOf));
    const markup = { base: change.base, ...describeMarkup(change.markup) };
    await recordAudits(
      tx,
      { actor, action: 'service.reprice', at },
      changed.map(({ serviceId, before, after }) => ({
        subject: `service:${serviceId}`,
        before: { rate: formatRate(before) },
        after: { rate: formatRate(after), markup },
      })),
    );
    await notifyChange(tx, { kind: 'catalog' });
    return changed.length;
  });
}

const idOf = ({ serviceId }: NewRate) => serviceId;

/** Catalogs of providers first, then services: as imports and syncs do. */
async function lockAll(tx: Tx, serviceIds: readonly ServiceId[]): Promise<void> {
  const sources = await sql<{ providerId: ProviderId }>`
    select distinct provider_id as "providerId" from service_sources
    where service_id = any(${[...serviceIds]}::int[]) order by 1`.execute(tx);
  for (const { providerId } of sources.rows) await lockListing(tx, providerId);
  await lockServices(tx, serviceIds);
}

async function writeRates(tx: Tx, rows: readonly NewRate[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update services s set rate = n.rate
    from unnest(
      ${rows.map(idOf)}::int[],
      ${bigints(rows.map(({ after }) => after))}
    ) as n (id, rate)
    where s.id = n.id and s.rate <> n.rate`.execute(tx);
}

/**
 * What staff decided stands against the provider's values of now; a mark-up on its cost goes by the
 * exchange rate from then on, too.
 */
async function draftChanges(
  tx: Tx,
  rows: readonly NewRate[],
  base: PriceChange['base'],
): Promise<ChangeDraft[]> {
  const noted = base === 'cost' ? basisOf : basisByHand;
  const bases = new Map<ServiceId, Basis>();
  for (const [providerId, followers] of Map.groupBy(rows, ({ follows }) => follows)) {
    if (providerId === null) continue;
    const { exchangeRate } = await findProvider(tx, providerId);
    const only = followers.map(idOf);
    for (const { id, listed } of await readSourced(tx, providerId, { only })) {
      bases.set(id, noted(listed, exchangeRate));
    }
  }
  return rows.map(({ serviceId, before, after }) => {
    const note = noteOf('rate', bases.get(serviceId));
    const [was, is] = [rateOf({ rate: before }), rateOf({ rate: after })];
    return { serviceId, kind: 'rate', before: was, after: { ...is, ...note } };
  });
}
