import { sql } from 'kysely';
import { type Actor, type Markup, rateMax, resaleRate, type ServiceId } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
import type { Provider } from '../providers/index.ts';
import { dropHeldRates, insertChanges } from './change-rows.ts';
import { diffSale } from './change-rules.ts';
import { readSourced, updateSourced } from './sync-rows.ts';
import { basisOf } from './sync-rules.ts';

/**
 * Gives services that were imported another mark-up, and the rate that follows from it. A price
 * that nobody can read leaves the rate as it is until there is one. Staff have decided, so nothing
 * is held.
 * @returns how many have another mark-up now
 */
export async function repriceImported(
  tx: Tx,
  input: {
    provider: Provider;
    serviceIds: readonly ServiceId[];
    markup: Markup;
    actor: Actor;
    at: Date;
  },
): Promise<number> {
  const { provider, markup, actor, at } = input;
  const changed = await updateMarkups(tx, input.serviceIds, markup);
  if (changed.length === 0) return 0;
  const services = await readSourced(tx, provider.id, { only: changed });
  const priced = services.flatMap((service) => {
    const { cost } = service.listed;
    const rate = cost === null ? null : resaleRate(cost, provider.exchangeRate, markup);
    const isUsable = rate !== null && rate <= rateMax && rate !== 0n;
    if (!isUsable || rate === service.rate) return [];
    return [{ ...service, before: service, after: { ...service, rate } }];
  });
  const written = await updateSourced(tx, priced);
  const drafts = priced
    .filter(({ id }) => written.has(id))
    .flatMap(({ id, before, after, listed }) =>
      diffSale(id, { before, after }, { basis: basisOf(listed, provider.exchangeRate) }),
    );
  await insertChanges(tx, drafts, { actor, state: 'applied', at });
  await dropHeldRates(tx, changed);
  return changed.length;
}

/**
 * Stores the mark-up by which services follow their provider from now on.
 * @returns those that had another one
 */
export async function updateMarkups(
  tx: Tx,
  serviceIds: readonly ServiceId[],
  markup: Markup,
): Promise<ServiceId[]> {
  const { basisPoints, fixed, step, min } = markup;
  const found = await sql<{ id: ServiceId }>`
    update service_sources set markup_basis_points = ${basisPoints}::int,
      markup_fixed = ${fixed.toString()}::bigint, rate_step = ${step.toString()}::bigint,
      rate_min = ${min.toString()}::bigint
    where service_id = any(${[...serviceIds]}::int[])
      and (markup_basis_points, markup_fixed, rate_step, rate_min) is distinct from
        (${basisPoints}::int, ${fixed.toString()}::bigint, ${step.toString()}::bigint,
          ${min.toString()}::bigint)
    returning service_id as id`.execute(tx);
  return found.rows.map((row) => row.id);
}
