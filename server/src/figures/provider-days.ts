import { sql } from 'kysely';
import type { Amount, ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** What a provider was sent on a day (midnight, UTC). Amounts in 10⁻⁸ of the panel's currency. */
export type ProviderDay = {
  day: Date;
  orders: number;
  /** What it asks for what it took, at its list price then, less what came back. */
  cost: Amount;
  revenue: Amount;
};

/** What providers were paid since a day, and what of it since a later one. */
export type Spending = { providerId: ProviderId; cost: Amount; recentCost: Amount };

/** A provider's days (UTC) from `from` on; days without an order are left out. */
export async function readProviderDays(
  db: Db,
  providerId: ProviderId,
  from: Date,
): Promise<ProviderDay[]> {
  const found = await sql<ProviderDay>`
    select day, orders, cost, charge - refunded as revenue from figures
    where day >= ${from}::timestamptz and service_id = 0 and provider_id = ${providerId}
    order by day`.execute(db);
  return found.rows;
}

/** Every provider's spending from `from` on, and from `recent` on. */
export async function readSpending(
  db: Db,
  { from, recent }: { from: Date; recent: Date },
): Promise<Spending[]> {
  const found = await sql<Spending>`
    select provider_id as "providerId", coalesce(sum(cost), 0) as cost,
      coalesce(sum(cost) filter (where day >= ${recent}::timestamptz), 0) as "recentCost"
    from figures
    where day >= ${from}::timestamptz and service_id = 0 and provider_id <> 0
    group by provider_id`.execute(db);
  return found.rows;
}
