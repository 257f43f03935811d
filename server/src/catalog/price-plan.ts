import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import {
  AppError,
  adjustRate,
  formatRate,
  type Markup,
  type ProviderId,
  type Rate,
  rateMax,
  resaleRate,
  type ServiceId,
} from '../base/index.ts';
import type { Db } from '../db/index.ts';

/**
 * How many services get other rates at once. `cost`: what the provider asks, marked up; a service
 * that follows a provider keeps this mark-up. `rate`: from their rates of now, up or down.
 */
export type PriceChange = { base: 'cost' | 'rate'; markup: Markup };

export type PriceWarning = 'no_cost' | 'free' | 'rate_too_large';

/** A service's rate before and after; null: it stays as it is, for the reason given. */
export type PlannedPrice = {
  serviceId: ServiceId;
  name: string;
  before: Rate;
  after: Rate | null;
  warning: PriceWarning | null;
  /** The provider it follows. */
  follows: ProviderId | null;
};

export type PricePlan = {
  rows: PlannedPrice[];
  /** Another one when anything that the rates follow from has changed. */
  basis: string;
};

const basisPointsMax = 1_000_000;

type Priced = {
  id: ServiceId;
  name: string;
  rate: Rate;
  follows: ProviderId | null;
  cost: bigint | null;
  exchangeRate: bigint | null;
};

/**
 * What a change would make of the rates of services; nothing is written.
 * @throws AppError `invalid_input`, `not_found`
 */
export async function planPrices(
  db: Db,
  serviceIds: readonly ServiceId[],
  change: PriceChange,
): Promise<PricePlan> {
  validateChange(change);
  const services = await readPriced(db, serviceIds);
  const known = new Set(services.map(({ id }) => id));
  const missing = serviceIds.find((id) => !known.has(id));
  if (missing !== undefined) throw new AppError('not_found', `no service ${missing}`);
  const rows = services.map((service) => planPrice(service, change));
  const facts = rows.map(({ serviceId, before, after }) => `${serviceId} ${before} ${after}`);
  const basis = createHash('sha256').update(facts.join('\n')).digest('base64url');
  return { rows, basis };
}

function validateChange({ base, markup }: PriceChange): void {
  const { basisPoints, fixed, step, min } = markup;
  const least = base === 'cost' ? 0 : -basisPointsMax;
  if (!Number.isInteger(basisPoints) || basisPoints < least || basisPoints > basisPointsMax) {
    throw new AppError('invalid_input', 'the percentage is at most 10000');
  }
  if (fixed > rateMax || fixed < (base === 'cost' ? 0n : -rateMax)) {
    throw new AppError('invalid_input', 'the fixed amount is out of range');
  }
  if (step <= 0n || step > rateMax || min < 0n || min > rateMax) {
    throw new AppError('invalid_input', 'the step is 0.00001 or more, the least rate 0 or more');
  }
}

function planPrice(service: Priced, { base, markup }: PriceChange): PlannedPrice {
  const { id: serviceId, name, rate: before, follows, cost, exchangeRate } = service;
  const planned = { serviceId, name, before, follows };
  const refused = (warning: PriceWarning) => ({ ...planned, after: null, warning });
  if (base === 'rate') return checkRate(adjustRate(before, markup));
  if (cost === null || exchangeRate === null) return refused('no_cost');
  return checkRate(resaleRate(cost, exchangeRate, markup));

  function checkRate(after: Rate | null): PlannedPrice {
    if (after === null || after === 0n) return refused('free');
    return after > rateMax ? refused('rate_too_large') : { ...planned, after, warning: null };
  }
}

/**
 * What belongs to a service is looked up service by service, each by its index: the planner knows
 * nothing of tables that were just filled.
 */
async function readPriced(db: Db, serviceIds: readonly ServiceId[]): Promise<Priced[]> {
  const found = await sql<Priced>`
    select s.id, s.name, s.rate, f.provider_id as follows, l.cost,
      p.exchange_rate as "exchangeRate"
    from services s
    left join lateral (
      select provider_id, external_id from service_sources where service_id = s.id
    ) f on true
    left join lateral (
      select provider_id, external_id from service_routes where service_id = s.id
      order by position limit 1
    ) r on true
    left join lateral (
      select cost from provider_services
      where provider_id = coalesce(f.provider_id, r.provider_id)
        and external_id = coalesce(f.external_id, r.external_id)
    ) l on true
    left join providers p on p.id = coalesce(f.provider_id, r.provider_id)
    where s.id = any(${[...serviceIds]}::int[])
    order by s.id`.execute(db);
  return found.rows;
}

/** A mark-up as audit rows have it. */
export function describeMarkup({ basisPoints, fixed, step, min }: Markup) {
  return {
    basisPoints,
    fixed: formatRate(fixed),
    step: formatRate(step),
    min: formatRate(min),
  };
}
