import { sql } from 'kysely';
import type { Amount, CustomerId, OrderId } from '../base/index.ts';
import { isPackage, type ServiceType } from '../catalog/index.ts';
import { claimDueRows, type Db, type Json, mayDispatch, onlyOf, type Tx } from '../db/index.ts';
import type { Subscription } from '../orders/index.ts';
import type { Provider } from '../providers/index.ts';
import type { Outgoing } from './request.ts';

/** An order with all that sending it needs. */
export type OutgoingRow = {
  customerId: CustomerId;
  orderId: OrderId;
  externalServiceId: string;
  attempts: number;
  kind: Outgoing['kind'];
  type: ServiceType;
  link: string;
  quantity: bigint;
  charge: Amount;
  details: Json;
  isOver: boolean;
  guardsMargin: boolean | null;
  ignoresMargin: boolean;
  /** Per 1000 (per package) in 10⁻⁸ of the provider's currency; null while it isn't known. */
  unitCost: bigint | null;
  subscription: (Omit<Subscription, 'expiresAt'> & { expiresAt: string | null }) | null;
};

const outgoingColumns = (only?: CustomerId) => sql`
  d.customer_id as "customerId", d.order_id as "orderId",
  d.external_service_id as "externalServiceId", d.attempts, o.kind, o.type, o.link, o.quantity,
  o.charge, o.details, o.completed_at is not null as "isOver", r.guards_margin as "guardsMargin",
  d.ignores_margin as "ignoresMargin", p.cost as "unitCost",
  case when o.kind = 'subscription' then (
    select jsonb_build_object('username', username, 'min', min, 'max', max, 'delayMinutes',
      delay_minutes, 'posts', posts, 'oldPosts', old_posts, 'expiresAt', expires_at)
    from subscriptions s where s.customer_id = o.customer_id and s.order_id = o.id
      ${onlyOf('s.customer_id', only)}
  ) end as subscription`;

const outgoingTables = sql`
  deliveries d
  join orders o on o.customer_id = d.customer_id and o.id = d.order_id
  left join service_routes r on r.service_id = d.service_id and r.provider_id = d.provider_id
    and r.external_id = d.external_service_id
  left join provider_services p on p.provider_id = d.provider_id
    and p.external_id = d.external_service_id`;

/**
 * Locks orders that are due to be sent to a provider, the longest due first. The order itself is
 * locked too: one that is being settled is left for the next time, and one that is taken cannot be
 * settled before that is committed.
 */
export function readDue(
  tx: Tx,
  input: { provider: Provider; now: Date; limit: number },
): Promise<OutgoingRow[]> {
  const { provider, now, limit } = input;
  const due = sql`from deliveries d
    where d.provider_id = ${provider.id} and d.state = 'due' and d.due_at <= ${now}::timestamptz`;
  const query = { due, customerId: 'd.customer_id', limit };
  return claimDueRows(tx, query, (only, count) => lockDue(tx, { ...input, limit: count }, only));
}

async function lockDue(
  tx: Tx,
  input: { provider: Provider; now: Date; limit: number },
  only: CustomerId | undefined,
): Promise<OutgoingRow[]> {
  const found = await sql<OutgoingRow>`
    select ${outgoingColumns(only)} from ${outgoingTables}
    where d.provider_id = ${input.provider.id} and d.state = 'due'
      and d.due_at <= ${input.now}::timestamptz and ${mayDispatch}
      ${onlyOf('d.customer_id', only)}
    order by d.due_at limit ${input.limit}
    for update of d skip locked for share of o skip locked`.execute(tx);
  return found.rows;
}

/** One order as it was sent, to ask for it again under the same request id. */
export async function readOutgoing(
  db: Db,
  key: { customerId: CustomerId; orderId: OrderId },
): Promise<OutgoingRow | undefined> {
  const found = await sql<OutgoingRow>`
    select ${outgoingColumns(key.customerId)} from ${outgoingTables}
    where d.customer_id = ${key.customerId} and d.order_id = ${key.orderId}`.execute(db);
  return found.rows[0];
}

/** The order as the provider is told it. */
export function toOutgoing(row: OutgoingRow, requestId: string): Outgoing {
  const { subscription } = row;
  const expiresAt = subscription?.expiresAt ? new Date(subscription.expiresAt) : null;
  return {
    ...row,
    requestId,
    subscription: subscription === null ? null : { ...subscription, expiresAt },
  };
}

/** What an order costs at the provider, in 10⁻⁸ of its currency, rounded up; null if unknown. */
export function costOf(row: OutgoingRow): bigint | null {
  if (row.unitCost === null || row.kind === 'subscription') return null;
  const thousandths = isPackage(row.type) ? 1_000n : row.quantity;
  return (row.unitCost * thousandths + 999n) / 1_000n;
}
