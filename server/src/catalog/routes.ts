import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type CustomerId,
  type ProviderId,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import {
  type Ctx,
  claimDueRows,
  isCluster,
  notifyChange,
  onlyOf,
  recordAudit,
  type Tx,
} from '../db/index.ts';
import { changeCatalog } from './change.ts';

export type RouteInput = {
  providerId: ProviderId;
  /** The service's id at the provider. */
  externalId: string;
  /** The provider itself makes the runs of a drip-feed and watches for posts of a subscription. */
  isDelegated?: boolean;
  /** An order that costs more there than it was sold for waits for staff. Default: true. */
  guardsMargin?: boolean;
};

export type RouteRef = { providerId: ProviderId; externalId: string };

const routesMax = 20;

/**
 * Replaces the routes of a service, in order of preference; none: staff deliver it. What waits to
 * be sent, or is held for want of a route, starts over at the first of them.
 * @returns the routes whose service the provider's stored catalog does not have (yet)
 * @throws AppError `not_allowed`, `not_found` for an unknown service or provider, `invalid_input`
 */
export async function setRoutes(
  ctx: Ctx,
  actor: Actor,
  input: { serviceId: ServiceId; routes: readonly RouteInput[] },
): Promise<{ unknown: RouteRef[] }> {
  requireStaff(actor, 'services');
  const routes = input.routes.map((route) => ({ ...route, externalId: route.externalId.trim() }));
  validateRoutes(routes);
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    await lockService(tx, input.serviceId);
    const providerIds = await requireProviders(tx, routes);
    const before = await readRoutes(tx, input.serviceId);
    if (isCluster(tx)) await lockWaiting(tx, input.serviceId);
    await replaceRoutes(tx, input.serviceId, routes);
    const after = await readRoutes(tx, input.serviceId);
    await repointDeliveries(tx, { serviceId: input.serviceId, providerIds, at });
    await recordAudit(tx, {
      actor,
      action: 'service.routes',
      subject: `service:${input.serviceId}`,
      before: { routes: before },
      after: { routes: after },
      at,
    });
    await notifyChange(tx, { kind: 'catalog' });
    return { unknown: await findUnlisted(tx, routes) };
  });
}

function validateRoutes(routes: readonly RouteInput[]): void {
  if (routes.length > routesMax) {
    throw new AppError('invalid_input', `a service has at most ${routesMax} routes`);
  }
  const seen = new Set<string>();
  for (const { providerId, externalId } of routes) {
    if (externalId === '' || externalId.length > 50) {
      throw new AppError('invalid_input', "a provider's service id has 1 to 50 characters");
    }
    const key = `${providerId}:${externalId}`;
    if (seen.has(key)) throw new AppError('invalid_input', `the route ${key} is there twice`);
    seen.add(key);
  }
}

async function lockService(tx: Tx, serviceId: ServiceId): Promise<void> {
  const row = await tx
    .selectFrom('services')
    .select('id')
    .where('id', '=', serviceId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no service ${serviceId}`);
}

/** All providers' ids, once those of the routes are known to be among them. */
async function requireProviders(tx: Tx, routes: readonly RouteInput[]): Promise<ProviderId[]> {
  const rows = await tx.selectFrom('providers').select('id').execute();
  const known = rows.map((row) => row.id);
  const missing = routes.find((route) => !known.includes(route.providerId));
  if (missing !== undefined) {
    throw new AppError('not_found', `no provider ${missing.providerId}`);
  }
  return known;
}

async function readRoutes(tx: Tx, serviceId: ServiceId) {
  return tx
    .selectFrom('service_routes')
    .select(['provider_id as providerId', 'external_id as externalId'])
    .select(['is_delegated as isDelegated', 'guards_margin as guardsMargin'])
    .where('service_id', '=', serviceId)
    .orderBy('position')
    .execute();
}

async function replaceRoutes(
  tx: Tx,
  serviceId: ServiceId,
  routes: readonly RouteInput[],
): Promise<void> {
  await tx.deleteFrom('service_routes').where('service_id', '=', serviceId).execute();
  if (routes.length === 0) return;
  const rows = routes.map((route, index) => ({
    service_id: serviceId,
    position: index + 1,
    provider_id: route.providerId,
    external_id: route.externalId,
    is_delegated: route.isDelegated ?? false,
    guards_margin: route.guardsMargin ?? true,
  }));
  await tx.insertInto('service_routes').values(rows).execute();
}

/**
 * A run or post that the provider was to make itself goes only where that is so; without such a
 * route it is held. The list of providers lets the index of what is due answer, without a scan of
 * all that was ever delivered.
 */
async function repointDeliveries(
  tx: Tx,
  input: { serviceId: ServiceId; providerIds: readonly ProviderId[]; at: Date },
): Promise<void> {
  const query = { due: waitingOf(input.serviceId), customerId: 'customer_id' };
  await claimDueRows(tx, query, (only) => repointSome(tx, input, only));
}

const waitingOf = (serviceId: ServiceId) => sql`from deliveries where service_id = ${serviceId}
  and (state = 'due' or (state = 'held' and reason = 'no_route'))`;

/**
 * In a cluster routes are written under a lock of all providers, which whoever holds one of these
 * rows may wait for.
 */
async function lockWaiting(tx: Tx, serviceId: ServiceId): Promise<void> {
  const due = waitingOf(serviceId);
  await claimDueRows(tx, { due, customerId: 'customer_id' }, async (only) => {
    await sql`select order_id ${due}${onlyOf('customer_id', only)}
      order by customer_id, order_id for update`.execute(tx);
    return [];
  });
}

async function repointSome(
  tx: Tx,
  input: { serviceId: ServiceId; providerIds: readonly ProviderId[]; at: Date },
  only: CustomerId | undefined,
): Promise<[]> {
  await sql`
    with moved as (
      select d.customer_id, d.order_id, r.position, r.provider_id, r.external_id, r.is_delegated
      from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      left join service_routes r on r.service_id = d.service_id and r.position = (
        select min(s.position) from service_routes s
        where s.service_id = d.service_id
          and (s.is_delegated or not (o.kind = 'subscription' or o.details ? 'runs')))
      where d.service_id = ${input.serviceId}
        and ((d.state = 'due' and d.due_at is not null
            and d.provider_id = any(${[...input.providerIds]}::int[]))
          or (d.state = 'held' and d.reason = 'no_route'))${onlyOf('d.customer_id', only)}
      order by d.customer_id, d.order_id
      for update of d
    )
    update deliveries d set
      provider_id = coalesce(m.provider_id, d.provider_id),
      external_service_id = coalesce(m.external_id, d.external_service_id),
      route_position = coalesce(m.position, d.route_position),
      is_delegated = coalesce(m.is_delegated, d.is_delegated),
      state = case when m.position is null then 'held' else 'due' end,
      due_at = case when m.position is null then null else ${input.at}::timestamptz end,
      reason = case when m.position is null then 'no_route' else '' end,
      failures = 0
    from moved m
    where d.customer_id = m.customer_id and d.order_id = m.order_id
      ${onlyOf('d.customer_id', only)}`.execute(tx);
  return [];
}

async function findUnlisted(tx: Tx, routes: readonly RouteInput[]): Promise<RouteRef[]> {
  if (routes.length === 0) return [];
  const found = await sql<RouteRef>`
    select r.provider_id as "providerId", r.external_id as "externalId"
    from unnest(${routes.map((route) => route.providerId)}::int[],
      ${routes.map((route) => route.externalId)}::text[])
      with ordinality as r (provider_id, external_id, position)
    where not exists (
      select from provider_services s
      where s.provider_id = r.provider_id and s.external_id = r.external_id
        and s.missing_since is null
    )
    order by r.position`.execute(tx);
  return found.rows;
}
