import { sql } from 'kysely';
import {
  AppError,
  type Markup,
  type ProviderId,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import { countOwnRates } from '../customers/index.ts';
import type { Db } from '../db/index.ts';
import type { Service } from './snapshot.ts';

/** A route of a service beside what its provider lists for it. */
export type StaffRoute = {
  providerId: ProviderId;
  provider: string;
  externalId: string;
  isDelegated: boolean;
  guardsMargin: boolean;
  /** Null where the provider's stored catalog does not have it. */
  listed: ListedRoute | null;
};

export type ListedRoute = {
  name: string;
  category: string;
  type: string;
  /** Per 1000 or per package, in 10⁻⁸ of the provider's currency, and what one of that costs. */
  cost: bigint | null;
  exchangeRate: bigint;
  currency: string;
  min: number | null;
  max: number | null;
  isMissing: boolean;
};

/** The provider's service that a service follows, and by which mark-up. */
export type ServiceSource = {
  providerId: ProviderId;
  provider: string;
  externalId: string;
  markup: Markup;
};

/** A service as staff edit it. */
export type StaffServiceDetail = Omit<Service, 'routes'> & {
  disabledBy: 'staff' | 'sync' | null;
  routes: StaffRoute[];
  source: ServiceSource | null;
  /** How many customers have an own price for it, which changes of its rate leave alone. */
  ownPrices: number;
};

/**
 * Everything there is to know of a service.
 * @throws AppError `not_found`
 */
export async function readStaffService(db: Db, serviceId: ServiceId): Promise<StaffServiceDetail> {
  const [service, routes, source, ownPrices] = await Promise.all([
    db
      .selectFrom('services as s')
      .innerJoin('categories as c', 'c.id', 's.category_id')
      .select(['s.id', 'c.id as categoryId', 'c.name as category', 's.name', 's.type', 's.rate'])
      .select(['s.min', 's.max', 's.refill', 's.refill_days as refillDays', 's.cancel'])
      .select(['s.dripfeed', 's.deny_duplicates as denyDuplicates', 's.enabled', 's.hidden'])
      .select(['s.description', 's.average_time as averageTime', 's.disabled_by as disabledBy'])
      .where('s.id', '=', serviceId)
      .executeTakeFirst(),
    readRoutes(db, serviceId),
    readSource(db, serviceId),
    countOwnRates(db, serviceId),
  ]);
  if (service === undefined) throw new AppError('not_found', `no service ${serviceId}`);
  return { ...service, routes, source, ownPrices };
}

type RouteRow = Omit<StaffRoute, 'listed'> & ListedRoute & { name: string | null };

async function readRoutes(db: Db, serviceId: ServiceId): Promise<StaffRoute[]> {
  const found = await sql<RouteRow>`
    select r.provider_id as "providerId", p.name as provider, r.external_id as "externalId",
      r.is_delegated as "isDelegated", r.guards_margin as "guardsMargin", l.name, l.category,
      l.type, l.cost, p.exchange_rate as "exchangeRate", p.currency, l.min, l.max,
      l.missing_since is not null as "isMissing"
    from service_routes r
    join providers p on p.id = r.provider_id
    left join provider_services l on l.provider_id = r.provider_id
      and l.external_id = r.external_id
    where r.service_id = ${serviceId} order by r.position`.execute(db);
  return found.rows.map(
    ({ providerId, provider, externalId, isDelegated, guardsMargin, ...row }) => ({
      providerId,
      provider,
      externalId,
      isDelegated,
      guardsMargin,
      listed: row.name === null ? null : { ...row, name: row.name },
    }),
  );
}

async function readSource(db: Db, serviceId: ServiceId): Promise<ServiceSource | null> {
  const row = await db
    .selectFrom('service_sources as s')
    .innerJoin('providers as p', 'p.id', 's.provider_id')
    .select(['p.id as providerId', 'p.name as provider', 's.external_id as externalId'])
    .select(['s.markup_basis_points as basisPoints', 's.markup_fixed as fixed'])
    .select(['s.rate_step as step', 's.rate_min as min'])
    .where('s.service_id', '=', serviceId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { providerId, provider, externalId, basisPoints, fixed, step, min } = row;
  const markup = { basisPoints, fixed: fixed as Rate, step: step as Rate, min: min as Rate };
  return { providerId, provider, externalId, markup };
}
