import { sql } from 'kysely';
import type { ProviderId, Rate, ServiceId } from '../base/index.ts';
import { bigints, booleans, type Tx } from '../db/index.ts';
import type { Basis, FollowedKind } from './change-rules.ts';
import type { ListedService } from './listing.ts';
import type { ServiceType } from './snapshot.ts';
import { basisByHand, type SourcedService } from './sync-rules.ts';

/** One sync or import of a provider at a time. The provider's own row stays free for its calls. */
export async function lockListing(tx: Tx, providerId: ProviderId): Promise<void> {
  const lock = sql`hashtext('provider_services'), ${providerId}::int`;
  await sql`select pg_advisory_xact_lock(${lock})`.execute(tx);
}

/** By id, as everybody who locks several. */
export async function lockServices(tx: Tx, ids: readonly ServiceId[]): Promise<void> {
  await sql`
    select id from services where id = any(${[...ids]}::int[])
    order by id for no key update`.execute(tx);
}

export type KnownService = { externalId: string; isTypeKnown: boolean; cost: bigint | null };

/** What the provider's list had before. */
export async function readKnown(tx: Tx, providerId: ProviderId): Promise<KnownService[]> {
  return tx
    .selectFrom('provider_services')
    .select(['external_id as externalId', 'is_type_known as isTypeKnown', 'cost'])
    .where('provider_id', '=', providerId)
    .where('missing_since', 'is', null)
    .execute();
}

/**
 * What a sync decides by, in one text. The row's own mark of its transaction would do as well, but
 * in a cluster each node's copy of it has another.
 */
const versionOf = sql`(s.type || ' ' || s.rate::text || ' ' || s.min::text || ' ' || s.max::text
  || ' ' || s.refill::text || ' ' || s.cancel::text || ' ' || s.dripfeed::text
  || ' ' || s.enabled::text || ' ' || coalesce(s.disabled_by, ''))`;

/** A service as it was read; an update of another `version` has come in between. */
export type VersionedService = Omit<SourcedService, 'wasTypeKnown'> & {
  version: string;
  /** What its provider asked for before the rate that waits; null where that is not known. */
  heldFrom: string | null;
};

type SourcedRow = Omit<VersionedService, 'markup' | 'listed' | 'held' | 'decided'> & {
  basisPoints: number;
  fixed: Rate;
  rateStep: Rate;
  rateMin: Rate;
  listedType: string;
  isTypeKnown: boolean;
  cost: bigint | null;
  listedMin: number | null;
  listedMax: number | null;
  listedRefill: boolean;
  listedCancel: boolean;
  listedDripfeed: boolean;
  isMissing: boolean;
  heldRate: string | null;
  heldBasis: string | null;
  heldCost: string | null;
  rateBasis: string | null;
  rateCost: string | null;
  limitsBasis: string | null;
  flagsBasis: string | null;
  type: ServiceType;
};

/** Which of the services that follow a provider: these, or the next ones after an id. */
export type SourcedRange = { only: readonly ServiceId[] } | { after: number; limit: number };

/**
 * Services that follow a provider's, by id, each beside what the provider's stored list says of it.
 * Locks nothing. What belongs to a service is looked up service by service, each by its index:
 * plain joins took 10 s instead of 0.07 s for 2,000 services whose tables had just been filled, and
 * of which the planner knew nothing yet.
 */
export async function readSourced(
  tx: Tx,
  providerId: ProviderId,
  range: SourcedRange,
): Promise<VersionedService[]> {
  const found = await sql<SourcedRow>`
    select s.id, s.external_id as "externalId", s.type, s.rate, s.min, s.max, s.refill, s.cancel,
      s.dripfeed, s.enabled, s.disabled_by as "disabledBy", s.version,
      s.markup_basis_points as "basisPoints", s.markup_fixed as fixed, s.rate_min as "rateMin",
      s.rate_step as "rateStep",
      p.type as "listedType", p.is_type_known as "isTypeKnown", p.cost, p.min as "listedMin",
      p.max as "listedMax", p.refill as "listedRefill", p.cancel as "listedCancel",
      p.dripfeed as "listedDripfeed", p.missing_since is not null as "isMissing",
      ${routed(providerId)} as routed,
      h.after ->> 'rate' as "heldRate", h.after ->> 'basis' as "heldBasis",
      h.after ->> 'cost' as "heldCost", h.before ->> 'basis' as "heldFrom",
      ${decided('rate', 'basis')} as "rateBasis", ${decided('rate', 'cost')} as "rateCost",
      ${decided('limits', 'basis')} as "limitsBasis", ${decided('flags', 'basis')} as "flagsBasis"
    from (
      select s.*, ${versionOf} as version, src.external_id, src.markup_basis_points,
        src.markup_fixed, src.rate_min, src.rate_step
      from service_sources src join services s on s.id = src.service_id
      where src.provider_id = ${providerId} and ${inRange(range)}
    ) s
    join lateral (
      select * from provider_services p
      where p.provider_id = ${providerId} and p.external_id = s.external_id limit 1
    ) p on true
    left join lateral (
      select c.before, c.after from service_changes c
      where c.service_id = s.id and c.kind = 'rate' and c.state = 'held' limit 1
    ) h on true
    order by s.id`.execute(tx);
  return found.rows.map(toSourced);
}

function inRange(range: SourcedRange) {
  return 'only' in range
    ? sql`s.id = any(${[...range.only]}::int[])`
    : sql`s.id > ${range.after} order by s.id limit ${range.limit}`;
}

/** Another route counts unless its provider is known to sell the service no more. */
function routed(providerId: ProviderId) {
  const isHere = sql`(r.provider_id = ${providerId} and r.external_id = s.external_id)`;
  return sql`case
    when not exists (select from service_routes r where r.service_id = s.id and ${isHere})
      then 'not'
    when exists (
      select from service_routes r
      where r.service_id = s.id and not ${isHere} and not exists (
        select from provider_services o
        where o.provider_id = r.provider_id and o.external_id = r.external_id
          and o.missing_since is not null
      )
    ) then 'also'
    else 'only' end`;
}

/** What the newest decision noted. The history may be long; an index leads to that row. */
function decided(kind: FollowedKind, noted: 'basis' | 'cost') {
  return sql`(
    select c.after ->> ${sql.lit(noted)} from service_changes c
    where c.service_id = s.id and c.kind = ${sql.lit(kind)} and c.state <> 'held'
    order by c.id desc limit 1)`;
}

function toSourced(row: SourcedRow): VersionedService {
  const { id, externalId, type, rate, min, max, refill, cancel, dripfeed, enabled } = row;
  const { disabledBy, routed, version, heldRate, heldBasis, heldCost, heldFrom } = row;
  return {
    ...{ id, externalId, type, rate, min, max, refill, cancel, dripfeed, enabled },
    ...{ disabledBy, routed, version, heldFrom },
    markup: {
      basisPoints: row.basisPoints,
      fixed: row.fixed,
      step: row.rateStep,
      min: row.rateMin,
    },
    listed: {
      type: row.listedType,
      isTypeKnown: row.isTypeKnown,
      cost: row.cost,
      min: row.listedMin,
      max: row.listedMax,
      refill: row.listedRefill,
      cancel: row.listedCancel,
      dripfeed: row.listedDripfeed,
      isMissing: row.isMissing,
    },
    held: heldRate === null ? null : { rate: heldRate, basis: heldBasis, cost: heldCost },
    decided: {
      rate: row.rateBasis,
      cost: row.rateCost,
      limits: row.limitsBasis,
      flags: row.flagsBasis,
    },
  };
}

/** What the provider whose service this one follows asks for now; nothing if it follows none. */
export async function readBasis(tx: Tx, serviceId: ServiceId): Promise<Basis> {
  const source = await tx
    .selectFrom('service_sources as src')
    .innerJoin('providers as p', 'p.id', 'src.provider_id')
    .select(['src.provider_id as providerId', 'p.exchange_rate as exchangeRate'])
    .where('src.service_id', '=', serviceId)
    .executeTakeFirst();
  if (source === undefined) return {};
  const [service] = await readSourced(tx, source.providerId, { only: [serviceId] });
  return service === undefined ? {} : basisByHand(service.listed, source.exchangeRate);
}

export type ServiceUpdate = {
  id: ServiceId;
  version: string;
  after: Pick<
    SourcedService,
    'rate' | 'min' | 'max' | 'refill' | 'cancel' | 'dripfeed' | 'enabled' | 'disabledBy'
  >;
};

/**
 * Writes services that nobody has changed since they were read, in one statement once all are
 * locked.
 * @returns the ids of those that were written
 */
export async function updateSourced(
  tx: Tx,
  updates: readonly ServiceUpdate[],
): Promise<ReadonlySet<ServiceId>> {
  if (updates.length === 0) return new Set();
  const ids = updates.map(({ id }) => id);
  await lockServices(tx, ids);
  const column = <T>(read: (after: ServiceUpdate['after']) => T): T[] =>
    updates.map(({ after }) => read(after));
  const found = await sql<{ id: ServiceId }>`
    update services s set rate = u.rate, min = u.min, max = u.max, refill = u.refill,
      cancel = u.cancel, dripfeed = u.dripfeed, enabled = u.enabled, disabled_by = u.disabled_by
    from unnest(
      ${ids}::int[],
      ${updates.map(({ version }) => version)}::text[],
      ${bigints(column((after) => after.rate))},
      ${column((after) => after.min)}::int[],
      ${column((after) => after.max)}::int[],
      ${booleans(column((after) => after.refill))},
      ${booleans(column((after) => after.cancel))},
      ${booleans(column((after) => after.dripfeed))},
      ${booleans(column((after) => after.enabled))},
      ${column((after) => after.disabledBy)}::text[]
    ) as u (id, version, rate, min, max, refill, cancel, dripfeed, enabled, disabled_by)
    where s.id = u.id and ${versionOf} = u.version
    returning s.id`.execute(tx);
  return new Set(found.rows.map((row) => row.id));
}

/** What was known and is in the list no more. */
export function lostIds(known: readonly KnownService[], rows: readonly ListedService[]): string[] {
  const listed = new Set(rows.map((row) => row.externalId));
  return known.flatMap(({ externalId }) => (listed.has(externalId) ? [] : externalId));
}
