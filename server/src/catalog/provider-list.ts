import { sql } from 'kysely';
import type { ProviderId, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** A service in a provider's stored catalog. */
export type ProviderService = {
  externalId: string;
  position: number;
  name: string;
  category: string;
  type: string;
  /** Per 1000 or per package, in 10⁻⁸ of the provider's currency. */
  cost: bigint | null;
  min: number | null;
  max: number | null;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  isMissing: boolean;
  /** The service of ours that was imported from it. */
  importedAs: ServiceId | null;
};

export type ProviderCategory = { name: string; services: number; imported: number };

export type ProviderServicePage = {
  providerId: ProviderId;
  category?: string;
  /** Words that are in the name, category or id, in any case. */
  search?: string;
  after?: { position: number; externalId: string };
  limit: number;
};

const wordsMax = 10;

/** A page of a provider's stored catalog, in its order. */
export async function listProviderServices(
  db: Db,
  page: ProviderServicePage,
): Promise<ProviderService[]> {
  const { providerId, category, after, limit } = page;
  const words = (page.search ?? '').split(/\s+/).filter(Boolean).slice(0, wordsMax);
  const matches = words.map(
    (word) => sql`and position(lower(${word}) in
      lower(l.external_id || ' ' || l.name || ' ' || l.category)) > 0`,
  );
  const found = await sql<ProviderService>`
    select l.external_id as "externalId", l.position, l.name, l.category, l.type, l.cost, l.min,
      l.max, l.refill, l.cancel, l.dripfeed, l.missing_since is not null as "isMissing",
      s.service_id as "importedAs"
    from provider_services l
    left join service_sources s on s.provider_id = l.provider_id
      and s.external_id = l.external_id
    where l.provider_id = ${providerId}
      ${category === undefined ? sql`` : sql`and l.category = ${category}`}
      ${matches.length === 0 ? sql`` : sql.join(matches, sql` `)}
      ${
        after === undefined
          ? sql``
          : sql`and (l.position, l.external_id) > (${after.position}::int, ${after.externalId})`
      }
    order by l.position, l.external_id limit ${limit}`.execute(db);
  return found.rows;
}

/** The categories of a provider's stored catalog, in its order, without what it sells no more. */
export async function listProviderCategories(
  db: Db,
  providerId: ProviderId,
): Promise<ProviderCategory[]> {
  const found = await sql<ProviderCategory>`
    select l.category as name, count(*)::int as services, count(s.service_id)::int as imported
    from provider_services l
    left join service_sources s on s.provider_id = l.provider_id
      and s.external_id = l.external_id
    where l.provider_id = ${providerId} and l.missing_since is null and l.cost is not null
    group by l.category order by min(l.position)`.execute(db);
  return found.rows;
}
