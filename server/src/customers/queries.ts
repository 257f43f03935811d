import type { CustomerId, KeyId, Rate, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { PriceTerms } from './terms.ts';

export type KeySummary = {
  id: KeyId;
  name: string;
  prefix: string;
  allowedAddresses: string[];
  createdAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

/** A customer's keys, newest first, without the keys themselves: nobody can read those again. */
export async function listKeys(db: Db, customerId: CustomerId): Promise<KeySummary[]> {
  return db
    .selectFrom('api_keys')
    .select(['id', 'name', 'prefix', 'allowed_addresses as allowedAddresses'])
    .select(['created_at as createdAt', 'revoked_at as revokedAt', 'last_used_at as lastUsedAt'])
    .where('customer_id', '=', customerId)
    .orderBy('id', 'desc')
    .execute();
}

/** Customers in the order of their ids, with balance and terms. */
export async function listCustomers(db: Db, limit: number) {
  return db
    .selectFrom('customers as c')
    .innerJoin('wallets as w', 'w.customer_id', 'c.id')
    .select(['c.id', 'c.name', 'c.status', 'w.balance', 'w.credit_limit as creditLimit'])
    .select(['c.discount_basis_points as discountBasisPoints'])
    .orderBy('c.id')
    .limit(limit)
    .execute();
}

/** A customer's status, discount and own prices as they are now, for work outside a request. */
export async function readPriceTerms(
  db: Db,
  customerId: CustomerId,
): Promise<PriceTerms & { status: 'active' | 'suspended' }> {
  const customer = await db
    .selectFrom('customers')
    .select(['discount_basis_points as discountBasisPoints', 'status'])
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow();
  return { ...customer, ownRates: await readOwnRates(db, customerId) };
}

/** How many customers have an own price for a service. */
export async function countOwnRates(db: Db, serviceId: ServiceId): Promise<number> {
  const { count } = await db
    .selectFrom('customer_prices')
    .select((eb) => eb.cast<number>(eb.fn.countAll(), 'integer').as('count'))
    .where('service_id', '=', serviceId)
    .executeTakeFirstOrThrow();
  return count;
}

/** A customer's own prices by service. */
export async function readOwnRates(
  db: Db,
  customerId: CustomerId,
): Promise<ReadonlyMap<ServiceId, Rate>> {
  const rows = await db
    .selectFrom('customer_prices')
    .select(['service_id', 'rate'])
    .where('customer_id', '=', customerId)
    .execute();
  return new Map(rows.map((row) => [row.service_id, row.rate]));
}
