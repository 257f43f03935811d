import { sql } from 'kysely';
import {
  assert,
  type CategoryId,
  type Markup,
  type ProviderId,
  type ServiceId,
} from '../base/index.ts';
import { bigints, booleans, type Db, type Tx } from '../db/index.ts';
import type { ImportedService } from './import-rules.ts';
import type { ListedService } from './listing.ts';

export type ListedRow = ListedService & { isMissing: boolean };

/** A provider's catalog as it was last stored, in its order. */
export async function readListed(db: Db, providerId: ProviderId): Promise<ListedRow[]> {
  return db
    .selectFrom('provider_services')
    .select(['external_id as externalId', 'position', 'name', 'category', 'type'])
    .select(['is_type_known as isTypeKnown', 'cost', 'min', 'max', 'refill', 'cancel', 'dripfeed'])
    .select(['description', 'average_time as averageTime'])
    .select((eb) => eb('missing_since', 'is not', null).as('isMissing'))
    .where('provider_id', '=', providerId)
    .orderBy('position')
    .orderBy('external_id')
    .$narrowType<{ isMissing: boolean }>()
    .execute();
}

/** The services that were imported from a provider, by their id there. */
export async function readImported(
  db: Db,
  providerId: ProviderId,
): Promise<ReadonlyMap<string, ServiceId>> {
  const rows = await db
    .selectFrom('service_sources')
    .select(['external_id as externalId', 'service_id as serviceId'])
    .where('provider_id', '=', providerId)
    .execute();
  return new Map(rows.map((row) => [row.externalId, row.serviceId]));
}

type Placed = { serviceId: ServiceId; service: ImportedService; categoryId: CategoryId };

/**
 * Stores services with their routes and sources, each in the order given and as the last ones of
 * their category; categories that are new come last, in the order of their first service.
 */
export async function insertImported(
  tx: Tx,
  input: { providerId: ProviderId; services: readonly ImportedService[]; markup: Markup },
): Promise<{ serviceId: ServiceId; service: ImportedService }[]> {
  if (input.services.length === 0) return [];
  const categories = await findOrCreateCategories(tx, input.services);
  const ids = await allocateServiceIds(tx, input.services.length);
  const placed = input.services.map((service, index): Placed => {
    const [serviceId, categoryId] = [ids[index], categories.get(service.category)];
    assert(serviceId !== undefined && categoryId !== undefined, 'each has a number and a place');
    return { serviceId, service, categoryId };
  });
  await insertServices(tx, placed);
  await insertOrigins(tx, placed, input);
  return placed;
}

async function findOrCreateCategories(
  tx: Tx,
  services: readonly ImportedService[],
): Promise<ReadonlyMap<string, CategoryId>> {
  const names = [...new Set(services.map((service) => service.category))];
  await sql`
    insert into categories (name, position)
    select c.name, last.position + row_number() over (order by c.number)
    from unnest(${names}::text[]) with ordinality as c (name, number)
    cross join (select coalesce(max(position), 0) as position from categories) last
    left join categories known on known.name = c.name
    where known.id is null
    order by c.number
    on conflict (name) do nothing`.execute(tx);
  const rows = await tx
    .selectFrom('categories')
    .select(['id', 'name'])
    .where('name', 'in', sql<string>`(select unnest(${names}::text[]))`)
    .execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}

/** Numbers are taken first, so that each row is known by its own. */
async function allocateServiceIds(tx: Tx, count: number): Promise<ServiceId[]> {
  const found = await sql<{ id: ServiceId }>`
    select nextval(pg_get_serial_sequence('services', 'id'))::int as id
    from generate_series(1, ${count}::int)`.execute(tx);
  return found.rows.map((row) => row.id);
}

async function insertServices(tx: Tx, placed: readonly Placed[]): Promise<void> {
  const column = <T>(read: (service: ImportedService) => T): T[] =>
    placed.map(({ service }) => read(service));
  await sql`
    insert into services (id, category_id, position, name, type, rate, min, max, refill, cancel,
      dripfeed, enabled, disabled_by, description, average_time)
    select n.id, n.category_id,
      coalesce(last.position, 0)
        + row_number() over (partition by n.category_id order by n.number),
      n.name, n.type, n.rate, n.min, n.max, n.refill, n.cancel, n.dripfeed, n.enabled,
      case when n.enabled then null else 'staff' end, n.description, n.average_time
    from unnest(
      ${placed.map(({ serviceId }) => serviceId)}::int[],
      ${placed.map(({ categoryId }) => categoryId)}::int[],
      ${column((service) => service.name)}::text[],
      ${column((service) => service.type)}::text[],
      ${bigints(column((service) => service.rate))},
      ${column((service) => service.min)}::int[],
      ${column((service) => service.max)}::int[],
      ${booleans(column((service) => service.refill))},
      ${booleans(column((service) => service.cancel))},
      ${booleans(column((service) => service.dripfeed))},
      ${booleans(column((service) => service.enabled))},
      ${column((service) => service.description)}::text[],
      ${column((service) => service.averageTime)}::text[]
    ) with ordinality as n (id, category_id, name, type, rate, min, max, refill, cancel, dripfeed,
      enabled, description, average_time, number)
    left join (
      select category_id, max(position) as position from services
      where category_id = any(${[...new Set(placed.map(({ categoryId }) => categoryId))]}::int[])
      group by category_id
    ) last on last.category_id = n.category_id`.execute(tx);
}

async function insertOrigins(
  tx: Tx,
  placed: readonly Placed[],
  input: { providerId: ProviderId; markup: Markup },
): Promise<void> {
  const { providerId, markup } = input;
  const origins = sql`unnest(
      ${placed.map(({ serviceId }) => serviceId)}::int[],
      ${placed.map(({ service }) => service.externalId)}::text[]
    ) as o (service_id, external_id)`;
  await sql`
    insert into service_routes (service_id, position, provider_id, external_id)
    select o.service_id, 1, ${providerId}::int, o.external_id from ${origins}`.execute(tx);
  await sql`
    insert into service_sources (service_id, provider_id, external_id, markup_basis_points,
      markup_fixed, rate_min, rate_step)
    select o.service_id, ${providerId}::int, o.external_id, ${markup.basisPoints}::int,
      ${markup.fixed.toString()}::bigint, ${markup.min.toString()}::bigint,
      ${markup.step.toString()}::bigint
    from ${origins}`.execute(tx);
}
