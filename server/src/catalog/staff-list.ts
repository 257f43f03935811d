import { sql } from 'kysely';
import type { CategoryId, ProviderId, Rate, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { ServiceType } from './snapshot.ts';

/** A service in the staff's table: what a row shows, and not its texts. */
export type StaffService = {
  id: ServiceId;
  categoryId: CategoryId;
  name: string;
  type: ServiceType;
  rate: Rate;
  min: number;
  max: number;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  denyDuplicates: boolean;
  hidden: boolean;
  enabled: boolean;
  disabledBy: 'staff' | 'sync' | null;
  /** How many routes it has, and the provider and cost of the first: 10⁻⁸ of its currency. */
  routes: number;
  providerId: ProviderId | null;
  cost: bigint | null;
  exchangeRate: bigint | null;
  /** A rate that waits for staff. */
  heldRate: string | null;
};

export type StaffCatalog = {
  categories: { id: CategoryId; name: string }[];
  services: StaffService[];
  providers: { id: ProviderId; name: string; currency: string }[];
};

/**
 * All there is to sell, also what is hidden or off sale, in the operator's order: 10,000 services
 * in some 100 ms.
 */
export async function readStaffCatalog(db: Db): Promise<StaffCatalog> {
  const [categories, services, providers] = await Promise.all([
    db.selectFrom('categories').select(['id', 'name']).orderBy('position').orderBy('id').execute(),
    readServices(db),
    db.selectFrom('providers').select(['id', 'name', 'currency']).orderBy('name').execute(),
  ]);
  return { categories, services, providers };
}

async function readServices(db: Db): Promise<StaffService[]> {
  const found = await sql<StaffService>`
    select s.id, s.category_id as "categoryId", s.name, s.type, s.rate, s.min, s.max, s.refill,
      s.cancel, s.dripfeed, s.deny_duplicates as "denyDuplicates", s.hidden, s.enabled,
      s.disabled_by as "disabledBy", coalesce(n.routes, 0)::int as routes,
      r.provider_id as "providerId", l.cost, p.exchange_rate as "exchangeRate",
      h.after ->> 'rate' as "heldRate"
    from services s
    join categories c on c.id = s.category_id
    left join (
      select service_id, count(*) as routes, min(position) as first
      from service_routes group by service_id
    ) n on n.service_id = s.id
    left join service_routes r on r.service_id = s.id and r.position = n.first
    left join provider_services l on l.provider_id = r.provider_id
      and l.external_id = r.external_id
    left join providers p on p.id = r.provider_id
    left join service_changes h on h.service_id = s.id and h.state = 'held' and h.kind = 'rate'
    order by c.position, c.id, s.position, s.id`.execute(db);
  return found.rows;
}
