import { sql } from 'kysely';
import type { Amount, ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { Provider } from '../providers/index.ts';
import { lateAccepted } from './rules.ts';

/** What is going on at a provider. */
export type ProviderLoad = {
  providerId: ProviderId;
  state: Provider['state'];
  pausedBy: Provider['pausedBy'];
  /** 10⁻⁸ of its own currency; null while it was never read. */
  balance: Amount | null;
  /** Since midnight UTC, as far as they are written: some seconds ago. */
  calls: number;
  failures: number;
  /** Orders by how their delivery stands. */
  due: number;
  inFlight: number;
  following: number;
  unknown: number;
  /** Waiting for staff. */
  held: number;
};

/**
 * Reads the load of all providers, by the indexes of what is due and what waits: it does not touch
 * what was delivered before. Calls are summed over a day, so that it stays cheap; they are read for
 * themselves, as a cluster has them elsewhere than orders.
 */
export async function readProviderLoads(db: Db, now: Date): Promise<ProviderLoad[]> {
  const [providers, orders, held] = await Promise.all([
    readCalls(db, now),
    readOrders(db),
    readHeld(db),
  ]);
  const noOrders = { due: 0, inFlight: 0, following: 0, unknown: 0 };
  return providers.map((provider) => ({
    ...provider,
    ...(orders.get(provider.providerId) ?? noOrders),
    held: held.get(provider.providerId) ?? 0,
  }));
}

type Calls = Omit<ProviderLoad, keyof Orders | 'held'>;
type Orders = Pick<ProviderLoad, 'due' | 'inFlight' | 'following' | 'unknown'>;

async function readCalls(db: Db, now: Date): Promise<Calls[]> {
  const found = await sql<Calls>`
    select p.id as "providerId", p.state, p.paused_by as "pausedBy", p.balance,
      c.calls, c.failures
    from providers p
    cross join lateral (
      select coalesce(sum(calls), 0)::int as calls, coalesce(sum(failures), 0)::int as failures
      from provider_calls
      where provider_id = p.id
        and hour >= date_trunc('day', ${now}::timestamptz, 'UTC') and hour <= ${now}::timestamptz
    ) c
    order by p.id`.execute(db);
  return found.rows;
}

async function readOrders(db: Db): Promise<Map<ProviderId, Orders>> {
  const found = await sql<Orders & { providerId: ProviderId }>`
    select provider_id as "providerId", count(*) filter (where state = 'due')::int as due,
      count(*) filter (where state = 'sending')::int as "inFlight",
      count(*) filter (where state = 'following')::int as following,
      count(*) filter (where state = 'unknown')::int as unknown
    from deliveries where due_at is not null group by provider_id`.execute(db);
  return new Map(found.rows.map(({ providerId, ...orders }) => [providerId, orders]));
}

/** Those that wait for staff. */
async function readHeld(db: Db): Promise<Map<ProviderId, number>> {
  const found = await sql<{ providerId: ProviderId; held: number }>`
    select w.provider_id as "providerId", count(*)::int as held from deliveries w
    join orders o on o.customer_id = w.customer_id and o.id = w.order_id
    where w.reason = ${lateAccepted} or (w.reason <> '' and o.completed_at is null)
    group by w.provider_id`.execute(db);
  return new Map(found.rows.map(({ providerId, held }) => [providerId, held]));
}
