import { sql } from 'kysely';
import type { CategoryId, ProviderId, Rate, ServiceId } from '../base/index.ts';
import type { Db, Schema } from '../db/index.ts';
import { type PanelFacts, readPanelFacts } from './panel.ts';
import type { AllSettings } from './settings.ts';

/** The 17 shapes of parameters a service can have; the words are the wire's own. */
export type ServiceType = Schema['services']['type'];

/** A provider service that delivers a service of ours. */
export type Route = {
  /** The order of preference, from 1. */
  position: number;
  providerId: ProviderId;
  externalId: string;
  /** The provider itself makes runs and watches for posts: one order there, not many. */
  isDelegated: boolean;
  /** An order that costs more there than it was sold for waits for staff. */
  guardsMargin: boolean;
};

export type Service = {
  id: ServiceId;
  categoryId: CategoryId;
  category: string;
  name: string;
  type: ServiceType;
  /** The list price, before discount and own prices. */
  rate: Rate;
  min: number;
  max: number;
  refill: boolean;
  /** Days after completion in which a refill may be asked; null means for ever. */
  refillDays: number | null;
  cancel: boolean;
  dripfeed: boolean;
  denyDuplicates: boolean;
  enabled: boolean;
  hidden: boolean;
  description: string;
  averageTime: string;
  /** In order of preference; none: staff deliver it. */
  routes: readonly Route[];
};

export type Settings = Pick<
  AllSettings,
  'currency' | 'showDescription' | 'showAverageTime' | 'callsPerSecondDefault'
>;

/** The whole catalog at one moment. Never changed; a newer one takes its place. */
export type Catalog = {
  /** Grows with every change this process loads: what was rendered for one is stale after it. */
  version: number;
  /** Another one for every other content, but for a chance of one in 2⁶⁴. */
  mark: bigint;
  settings: Settings;
  panel: PanelFacts;
  services: ReadonlyMap<ServiceId, Service>;
  /** What customers see, contiguous by category, in the operator's order. */
  listed: readonly Service[];
  /** In lower case. */
  blockedLinks: readonly string[];
};

/**
 * Reads the catalog in one consistent snapshot.
 * @param known what was read before: answered again where nothing has changed since
 */
export async function loadCatalog(db: Db, known: Catalog | undefined): Promise<Catalog> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const mark = await readMark(tx);
      if (known?.mark === mark) return known;
      const settings = await tx
        .selectFrom('settings')
        .select(['currency', 'show_description as showDescription'])
        .select('show_average_time as showAverageTime')
        .select('calls_per_second_default as callsPerSecondDefault')
        .executeTakeFirstOrThrow();
      const panel = await readPanelFacts(tx);
      const blocked = await tx.selectFrom('blocked_links').select('pattern').execute();
      const services = await listServices(tx);
      return {
        version: (known?.version ?? 0) + 1,
        mark,
        settings,
        panel,
        services: new Map(services.map((service) => [service.id, service])),
        listed: services.filter((service) => service.enabled && !service.hidden),
        blockedLinks: blocked.map((row) => row.pattern.toLowerCase()),
      };
    });
}

const tablesRead = ['settings', 'blocked_links', 'categories', 'services', 'service_routes'];

/** Asks the database whether anything changed: its rows cost it less than they cost us to read. */
async function readMark(db: Db): Promise<bigint> {
  const rowsOf = tablesRead.map(
    (table) => sql`select ${sql.lit(table)} || t::text as line from ${sql.table(table)} t`,
  );
  const { rows } = await sql<{ mark: bigint }>`
    select sum(hashtextextended(line, 0)) as mark
    from (${sql.join(rowsOf, sql` union all `)}) lines`.execute(db);
  return rows[0]?.mark ?? 0n;
}

/** All services with their category and routes, in the operator's order. */
export async function listServices(db: Db): Promise<Service[]> {
  const services = await readServices(db);
  const routes = await readRoutes(db);
  return services.map((service) => ({ ...service, routes: routes.get(service.id) ?? [] }));
}

async function readRoutes(db: Db): Promise<ReadonlyMap<ServiceId, Route[]>> {
  const rows = await db
    .selectFrom('service_routes')
    .select(['service_id as serviceId', 'position', 'provider_id as providerId'])
    .select(['external_id as externalId', 'is_delegated as isDelegated'])
    .select('guards_margin as guardsMargin')
    .orderBy('service_id')
    .orderBy('position')
    .execute();
  const routes = new Map<ServiceId, Route[]>();
  for (const { serviceId, ...route } of rows) {
    const known = routes.get(serviceId);
    if (known === undefined) routes.set(serviceId, [route]);
    else known.push(route);
  }
  return routes;
}

async function readServices(db: Db): Promise<Omit<Service, 'routes'>[]> {
  return db
    .selectFrom('services as s')
    .innerJoin('categories as c', 'c.id', 's.category_id')
    .select(['s.id', 'c.id as categoryId', 'c.name as category', 's.name', 's.type', 's.rate'])
    .select(['s.min', 's.max', 's.refill', 's.refill_days as refillDays', 's.cancel'])
    .select(['s.dripfeed', 's.deny_duplicates as denyDuplicates', 's.enabled', 's.hidden'])
    .select(['s.description', 's.average_time as averageTime'])
    .orderBy('c.position')
    .orderBy('c.id')
    .orderBy('s.position')
    .orderBy('s.id')
    .execute();
}
