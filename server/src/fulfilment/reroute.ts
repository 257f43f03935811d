import { sql } from 'kysely';
import type { Actor, CustomerId, OrderId, ProviderId, ServiceId } from '../base/index.ts';
import { type Ctx, claimDueRows, type Db, inTransaction, onlyOf, type Tx } from '../db/index.ts';
import type { Provider } from '../providers/index.ts';
import { writeDeliveryEvents } from './events.ts';

const ordersPerBatchMax = 500;
const actor: Actor = { kind: 'system', name: 'forwarder' };

/**
 * Sends what waits for a provider that staff have stopped on to the next route whose provider takes
 * orders; without one it waits. A provider that has run out of funds is not stopped for good, so
 * its orders wait for it.
 * @returns how many orders went on
 */
export async function rerouteDue(ctx: Ctx, provider: Provider): Promise<number> {
  const isStopped = provider.state === 'draining' || provider.pausedBy === 'staff';
  if (!isStopped) return 0;
  const services = await readServicesElsewhere(ctx.db, provider.id);
  if (services.length === 0) return 0;
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const due = sql`from deliveries
      where provider_id = ${provider.id} and state = 'due' and due_at is not null`;
    const query = { due, customerId: 'customer_id', limit: ordersPerBatchMax };
    const moved = await claimDueRows(tx, query, (only, limit) =>
      rerouteSome(tx, { provider, services, at, limit }, only),
    );
    const detail = { reason: provider.state };
    const events = moved.map((row) => ({ ...row, kind: 'rerouted' as const, detail }));
    await writeDeliveryEvents(tx, events, { actor, at });
    return events.length;
  });
}

/**
 * The services of which another provider takes orders. What waits for a stopped one may be much,
 * and for days: so what can go nowhere is not even looked at.
 */
async function readServicesElsewhere(db: Db, providerId: ProviderId): Promise<ServiceId[]> {
  const found = await sql<{ id: ServiceId }>`
    select distinct r.service_id as id
    from service_routes r join providers p on p.id = r.provider_id
    where p.state = 'on' and p.id <> ${providerId}`.execute(db);
  return found.rows.map(({ id }) => id);
}

async function rerouteSome(
  tx: Tx,
  input: { provider: Provider; services: readonly ServiceId[]; at: Date; limit: number },
  only: CustomerId | undefined,
): Promise<{ customerId: CustomerId; orderId: OrderId }[]> {
  const moved = await sql<{ customerId: CustomerId; orderId: OrderId }>`
    with waiting as (
      select d.customer_id, d.order_id, r.provider_id, r.external_id, r.position
      from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      join service_routes r on r.service_id = d.service_id and r.position = (
        select min(s.position)
        from service_routes s join providers p on p.id = s.provider_id
        where s.service_id = d.service_id and s.position > d.route_position and p.state = 'on'
          and (s.is_delegated
            or not (d.is_delegated and (o.kind = 'subscription' or o.details ? 'runs')))
      )
      where d.provider_id = ${input.provider.id} and d.state = 'due' and d.due_at is not null
        and d.service_id = any(${input.services}::int[])
        ${onlyOf('d.customer_id', only)}
      order by d.customer_id, d.order_id limit ${input.limit}
      for update of d skip locked
    )
    update deliveries d set provider_id = w.provider_id, external_service_id = w.external_id,
      route_position = w.position, failures = 0, due_at = ${input.at}::timestamptz
    from waiting w where d.customer_id = w.customer_id and d.order_id = w.order_id
      ${onlyOf('d.customer_id', only)}
    returning d.customer_id as "customerId", d.order_id as "orderId"`.execute(tx);
  return moved.rows;
}
