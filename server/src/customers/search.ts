import { sql } from 'kysely';
import {
  type Amount,
  type CustomerId,
  parseSmallId,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { type KeySummary, listKeys } from './queries.ts';

/** A customer as staff see them in a list. Amounts in 10⁻⁸. */
export type CustomerRow = {
  id: CustomerId;
  name: string;
  /** Null: nobody signs in as them, their keys alone order. */
  email: string | null;
  status: 'active' | 'suspended';
  balance: Amount;
  creditLimit: Amount;
  /** Hundredths of a percent. */
  discountBasisPoints: number;
  createdAt: Date;
};

export type CustomerFilter = {
  /** A number, or a part of the name or e-mail address in any case. */
  text?: string;
  status?: 'active' | 'suspended';
};

/** One customer with all that is set for them. */
export type CustomerDetail = CustomerRow & {
  /** Null while active. */
  suspendedBy: 'staff' | 'dispute' | null;
  /** Why staff suspended them; empty while active. */
  suspensionNote: string;
  /** API calls per second; null: the panel's default. */
  callsPerSecondMax: number | null;
  language: 'en' | 'zh-CN';
  timeZone: string;
  notifications: string[];
  transfers: bigint;
  prices: { serviceId: ServiceId; service: string; rate: Rate }[];
  keys: KeySummary[];
};

const rowsMax = 200;

const columns = sql`c.id, c.name, u.email, c.status, w.balance,
  w.credit_limit as "creditLimit", c.discount_basis_points as "discountBasisPoints",
  c.created_at as "createdAt"`;
const tables = sql`customers c join wallets w on w.customer_id = c.id
  left join users u on u.customer_id = c.id`;

/**
 * Customers, newest first. `before` is the `next` of the page read last. A text is looked for in
 * every name and address, since it may stand anywhere in them.
 */
export async function searchCustomers(
  db: Db,
  filter: CustomerFilter,
  page: { limit: number; before?: CustomerId },
): Promise<{ customers: CustomerRow[]; next: CustomerId | null }> {
  const limit = Math.min(page.limit, rowsMax);
  const text = filter.text?.trim().toLowerCase() ?? '';
  const id = parseSmallId(text) ?? 0;
  const conditions = [
    ...(page.before === undefined ? [] : [sql`c.id < ${page.before}`]),
    ...(filter.status === undefined ? [] : [sql`c.status = ${filter.status}`]),
    ...(text === ''
      ? []
      : [
          sql`c.id in (
            select id from customers where id = ${id} or strpos(lower(name), ${text}) > 0
            union all
            select customer_id from users where strpos(email, ${text}) > 0)`,
        ]),
  ];
  const found = await sql<CustomerRow>`
    select ${columns} from ${tables}
    where ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by c.id desc limit ${limit + 1}::int`.execute(db);
  const customers = found.rows.slice(0, limit);
  const last = customers.at(-1);
  const hasMore = found.rows.length > limit && last !== undefined;
  return { customers, next: hasMore ? last.id : null };
}

/** A customer with terms, own prices and keys; undefined for an unknown one. */
export async function readCustomer(
  db: Db,
  customerId: CustomerId,
): Promise<CustomerDetail | undefined> {
  const [found, prices, keys] = await Promise.all([
    sql<Omit<CustomerDetail, 'prices' | 'keys'>>`
      select ${columns}, c.suspended_by as "suspendedBy",
        c.suspension_note as "suspensionNote",
        c.calls_per_second_max as "callsPerSecondMax", c.language, c.time_zone as "timeZone",
        c.notifications, w.transfer_count as transfers
      from ${tables} where c.id = ${customerId}`.execute(db),
    db
      .selectFrom('customer_prices as p')
      .innerJoin('services as s', 's.id', 'p.service_id')
      .select(['p.service_id as serviceId', 's.name as service', 'p.rate'])
      .where('p.customer_id', '=', customerId)
      .orderBy('p.service_id')
      .execute(),
    listKeys(db, customerId),
  ]);
  const [row] = found.rows;
  return row && { ...row, prices, keys };
}
