import type { PanelService, ServiceList } from '@panelwright/sdk';
import { sql } from 'kysely';
import { int32Max, type ProviderId, parseCost } from '../base/index.ts';
import { bigints, booleans, type Tx } from '../db/index.ts';
import type { ServiceType } from './snapshot.ts';

/** A provider's service as it is kept: bounded, exact, null for what could not be read. */
export type ListedService = {
  externalId: string;
  position: number;
  name: string;
  category: string;
  /** One of ours, or the provider's own word where that is none. */
  type: string;
  isTypeKnown: boolean;
  /** Per 1000 or per package, in 10⁻⁸ of the provider's currency, rounded up. */
  cost: bigint | null;
  min: number | null;
  max: number | null;
  refill: boolean | null;
  cancel: boolean | null;
  dripfeed: boolean | null;
  description: string;
  averageTime: string;
};

const nameLettersMax = 500;
const categoryLettersMax = 200;
const typeLettersMax = 100;
const descriptionLettersMax = 5_000;
const averageTimeLettersMax = 200;
const rowsPerStatementMax = 2_000;

/** The rows of a provider's list as they are kept. A heading has no cost, so nobody can buy it. */
export function toListedServices(list: ServiceList): ListedService[] {
  return list.services.map((service, index) => ({
    externalId: service.service,
    position: index + 1,
    name: cut(service.name, nameLettersMax),
    category: cut(service.category, categoryLettersMax),
    type: service.typeKnown ? service.type : cut(service.typeText, typeLettersMax),
    isTypeKnown: service.typeKnown,
    cost: costOf(service),
    min: toBound(service.min),
    max: toBound(service.max),
    refill: service.refill,
    cancel: service.cancel,
    dripfeed: service.dripfeed,
    description: cut(service.description ?? '', descriptionLettersMax),
    averageTime: cut(service.averageTime ?? '', averageTimeLettersMax),
  }));
}

/** Half a letter at the cut would read back as another text than was stored. */
function cut(text: string, lettersMax: number): string {
  return text.slice(0, lettersMax).toWellFormed().trim();
}

function costOf(service: PanelService): bigint | null {
  return service.separator || service.rate === null ? null : parseCost(service.rate);
}

/** No order is larger than an `int4`, so a bound beyond it bounds nothing. */
function toBound(value: number | null): number | null {
  return value === null || value < 0 ? null : Math.min(value, int32Max);
}

/** Whether a row can be something on sale. A list without one such row is not believed. */
export function isPlausible(row: ListedService): boolean {
  return row.cost !== null && row.name !== '';
}

/**
 * The smallest and largest quantity that an order can have; null where the bounds make no sense.
 */
export function boundsOf(
  row: Pick<ListedService, 'min' | 'max'>,
): { min: number; max: number } | null {
  if (row.min === null || row.max === null) return null;
  const min = Math.max(row.min, 1);
  return row.max < min ? null : { min, max: row.max };
}

/** Whether a service of this type can be spread over runs. */
export function canDripFeed(type: ServiceType): boolean {
  return type === 'Default' || type === 'Web Traffic';
}

/**
 * Stores a provider's list: rows that changed are written, the others not touched (`seen_at` is
 * when a row was last written). A flag the list leaves out stays as it was. What is `lost` is
 * marked as missing.
 */
export async function storeListing(
  tx: Tx,
  input: { providerId: ProviderId; rows: readonly ListedService[]; lost: readonly string[] },
  at: Date,
): Promise<void> {
  const { providerId, rows } = input;
  for (let start = 0; start < rows.length; start += rowsPerStatementMax) {
    await upsertRows(tx, { providerId, rows: rows.slice(start, start + rowsPerStatementMax) }, at);
  }
  await markMissing(tx, providerId, { externalIds: input.lost, at });
}

async function upsertRows(
  tx: Tx,
  input: { providerId: ProviderId; rows: readonly ListedService[] },
  at: Date,
): Promise<void> {
  const column = <T>(read: (row: ListedService) => T): T[] => input.rows.map(read);
  await sql`
    insert into provider_services as s (provider_id, external_id, position, name, category, type,
      is_type_known, cost, min, max, refill, cancel, dripfeed, description, average_time, seen_at)
    select ${input.providerId}::int, l.external_id, l.position, l.name, l.category, l.type,
      l.is_type_known, l.cost, l.min, l.max, coalesce(l.refill, old.refill, false),
      coalesce(l.cancel, old.cancel, false), coalesce(l.dripfeed, old.dripfeed, false),
      l.description, l.average_time, ${at}::timestamptz
    from unnest(
      ${column((row) => row.externalId)}::text[],
      ${column((row) => row.position)}::int[],
      ${column((row) => row.name)}::text[],
      ${column((row) => row.category)}::text[],
      ${column((row) => row.type)}::text[],
      ${booleans(column((row) => row.isTypeKnown))},
      ${bigints(column((row) => row.cost))},
      ${column((row) => row.min)}::int[],
      ${column((row) => row.max)}::int[],
      ${booleans(column((row) => row.refill))},
      ${booleans(column((row) => row.cancel))},
      ${booleans(column((row) => row.dripfeed))},
      ${column((row) => row.description)}::text[],
      ${column((row) => row.averageTime)}::text[]
    ) as l (external_id, position, name, category, type, is_type_known, cost, min, max, refill,
      cancel, dripfeed, description, average_time)
    left join provider_services old
      on old.provider_id = ${input.providerId}::int and old.external_id = l.external_id
    on conflict (provider_id, external_id) do update set
      position = excluded.position, name = excluded.name, category = excluded.category,
      type = excluded.type, is_type_known = excluded.is_type_known, cost = excluded.cost,
      min = excluded.min, max = excluded.max, refill = excluded.refill,
      cancel = excluded.cancel, dripfeed = excluded.dripfeed,
      description = excluded.description, average_time = excluded.average_time,
      seen_at = excluded.seen_at, missing_since = null
    where (s.position, s.name, s.category, s.type, s.is_type_known, s.cost, s.min, s.max, s.refill,
        s.cancel, s.dripfeed, s.description, s.average_time, s.missing_since)
      is distinct from (excluded.position, excluded.name, excluded.category, excluded.type,
        excluded.is_type_known, excluded.cost, excluded.min, excluded.max, excluded.refill,
        excluded.cancel, excluded.dripfeed, excluded.description, excluded.average_time,
        null::timestamptz)`.execute(tx);
}

async function markMissing(
  tx: Tx,
  providerId: ProviderId,
  lost: { externalIds: readonly string[]; at: Date },
): Promise<void> {
  if (lost.externalIds.length === 0) return;
  await sql`
    update provider_services set missing_since = ${lost.at}::timestamptz
    where provider_id = ${providerId} and missing_since is null
      and external_id = any(${[...lost.externalIds]}::text[])`.execute(tx);
}
