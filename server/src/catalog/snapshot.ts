import type { CategoryId, Rate, ServiceId } from '../base/index.ts';
import type { Db, Schema } from '../db/index.ts';

/** The 17 shapes of parameters a service can have; the words are the wire's own. */
export type ServiceType = Schema['services']['type'];

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
};

export type Settings = {
  currency: string;
  showDescription: boolean;
  showAverageTime: boolean;
};

/** The whole catalog at one moment. Never changed; a newer one takes its place. */
export type Catalog = {
  /** Grows with every snapshot this process loads: what was rendered for one is stale after it. */
  version: number;
  settings: Settings;
  services: ReadonlyMap<ServiceId, Service>;
  /** What customers see, contiguous by category, in the operator's order. */
  listed: readonly Service[];
  /** In lower case. */
  blockedLinks: readonly string[];
};

/** Reads the catalog in one consistent snapshot. */
export async function loadCatalog(db: Db, version: number): Promise<Catalog> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const settings = await tx
        .selectFrom('settings')
        .select(['currency', 'show_description as showDescription'])
        .select('show_average_time as showAverageTime')
        .executeTakeFirstOrThrow();
      const blocked = await tx.selectFrom('blocked_links').select('pattern').execute();
      const services = await listServices(tx);
      return {
        version,
        settings,
        services: new Map(services.map((service) => [service.id, service])),
        listed: services.filter((service) => service.enabled && !service.hidden),
        blockedLinks: blocked.map((row) => row.pattern.toLowerCase()),
      };
    });
}

/** All services with their category, in the operator's order. */
export async function listServices(db: Db): Promise<Service[]> {
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
