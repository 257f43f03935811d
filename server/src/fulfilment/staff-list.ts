import { type RawBuilder, sql } from 'kysely';
import {
  type Amount,
  type CustomerId,
  type OrderId,
  type ProviderId,
  parseId,
  type ServiceId,
} from '../base/index.ts';
import { type Db, isCluster, type Schema } from '../db/index.ts';
import { isOfLink, type OrderStatus, ordersOfLink } from '../orders/index.ts';

type DeliveryState = Schema['deliveries']['state'];

/** An order among those of all customers, with who delivers it. For staff alone. */
export type StaffOrder = {
  id: OrderId;
  customerId: CustomerId;
  customer: string;
  serviceId: ServiceId;
  service: string;
  kind: Schema['orders']['kind'];
  status: OrderStatus;
  link: string;
  quantity: bigint;
  remains: bigint;
  charge: Amount;
  refunded: Amount;
  parentId: OrderId | null;
  createdAt: Date;
  /** Null: staff deliver it. */
  delivery: {
    state: DeliveryState;
    reason: string;
    providerId: ProviderId;
    provider: string;
    externalId: string | null;
  } | null;
};

export type StaffOrderFilter = {
  /** An order's number here or at its provider, or else a link. */
  search?: string;
  status?: OrderStatus;
  serviceId?: ServiceId;
  providerId?: ProviderId;
  customerId?: CustomerId;
  kind?: StaffOrder['kind'];
  /** `none`: those that staff deliver. */
  delivery?: DeliveryState | 'none';
  parentId?: OrderId;
  /** Only older ones than this, for the next page. */
  before?: OrderId;
  limit: number;
};

const pageMax = 100;
/**
 * How many orders a page is looked for in, and how many where the delivery of each has to be looked
 * up: so a page takes at most 10 to 20 ms whatever the filters, and however many orders there are.
 * Where it found fewer than it may hold, the next one goes on from there.
 */
const scannedMax = 10_000;
const scannedWithDeliveryMax = 4_000;

/**
 * Orders of all customers, newest first. A page may be short, or empty, and still have a next one:
 * it looked through as many orders as a page looks through.
 */
export async function listStaffOrders(
  db: Db,
  filter: StaffOrderFilter,
): Promise<{ orders: StaffOrder[]; next: OrderId | null }> {
  const limit = Math.min(filter.limit, pageMax);
  const scanned = scanOf(db, filter);
  const columnOf = isCluster(db) ? joinedColumn : lookedUpColumn;
  const found = await sql<StaffOrder>`
    with page as (
      select customer_id, id from (${scanned}) o where ${conditionsOf(filter, columnOf)}
      order by id desc limit ${limit + 1}::int
    )
    select o.id, o.customer_id as "customerId", c.name as customer, o.service_id as "serviceId",
      s.name as service, o.kind, o.status, o.link, o.quantity, o.remains, o.charge, o.refunded,
      o.parent_id as "parentId", o.created_at as "createdAt",
      (select json_build_object('state', d.state, 'reason', d.reason, 'providerId', p.id,
          'provider', p.name, 'externalId', d.external_id)
        from deliveries d join providers p on p.id = d.provider_id
        where d.customer_id = o.customer_id and d.order_id = o.id) as delivery
    from page
    join orders o on o.customer_id = page.customer_id and o.id = page.id
    join services s on s.id = o.service_id
    join customers c on c.id = o.customer_id
    order by o.id desc`.execute(db);
  const orders = found.rows.slice(0, limit);
  if (found.rows.length > limit) return { orders, next: orders.at(-1)?.id ?? null };
  const end = await sql<{ count: number; last: OrderId | null }>`
    select count(*)::int as count, min(id) as last from (${scanned}) o`.execute(db);
  const [row] = end.rows;
  return { orders, next: row?.count === scannedMaxOf(filter) ? row.last : null };
}

/** What a scan brings of deliveries, and where from. */
type DeliveryJoin = { columns: RawBuilder<unknown>; from: RawBuilder<unknown> };
type DeliveryColumn = (name: 'state' | 'provider_id') => RawBuilder<unknown>;

const noDelivery: DeliveryJoin = { columns: sql``, from: sql`` };

/** As values of a row of its own they are looked up one by one, and never joined as a whole. */
const lookedUpColumn: DeliveryColumn = (name) => sql`(
  select ${sql.ref(`d.${name}`)} from deliveries d
  where d.customer_id = o.customer_id and d.order_id = o.id)`;

/** A cluster looks nothing up for rows that came from its shards, so they bring it along. */
const joinedDelivery: DeliveryJoin = {
  columns: sql`, x.state as delivery_state, x.provider_id as delivery_provider_id`,
  from: sql`left join deliveries x on x.customer_id = o.customer_id and x.order_id = o.id`,
};
const joinedColumn: DeliveryColumn = (name) => sql.ref(`o.delivery_${name}`);

/**
 * The orders that a page is looked for in, newest first: by one filter that has an index in the
 * order of numbers, so that it reads what it looks through and no more.
 */
function scanOf(db: Db, filter: StaffOrderFilter): RawBuilder<unknown> {
  const { columns, from } = isCluster(db) && needsDelivery(filter) ? joinedDelivery : noDelivery;
  const select = sql`select o.*${columns}`;
  const { search = '', before } = filter;
  const older = before === undefined ? sql`true` : sql`o.id < ${before.toString()}::bigint`;
  const limit = scannedMaxOf(filter);
  const newest = sql`order by o.id desc limit ${limit}::int`;
  if (/^[0-9]+$/.test(search)) {
    return sql`${select} from ${numbered(search)} ${from} where ${older} ${newest}`;
  }
  if (search !== '') {
    const scanOfLink = (isThere: RawBuilder<boolean>) => sql`
      ${select} from orders o ${from}
      where ${isOfLink(search)} and ${isThere} and ${older} ${newest}`;
    return ordersOfLink(db, scanOfLink, limit);
  }
  if (filter.delivery === 'held' || filter.delivery === 'unknown') {
    return sql`
      ${select} from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id ${from}
      where ${waitsAs(filter.delivery)} and ${older} ${newest}`;
  }
  return sql`${select} from orders o ${from} where ${indexedPart(filter)} and ${older} ${newest}`;
}

function needsDelivery({ providerId, delivery }: StaffOrderFilter): boolean {
  return providerId !== undefined || delivery !== undefined;
}

function scannedMaxOf(filter: StaffOrderFilter): number {
  return needsDelivery(filter) ? scannedWithDeliveryMax : scannedMax;
}

/** Few at any time, and by the indexes of what waits. */
function waitsAs(state: 'held' | 'unknown'): RawBuilder<unknown> {
  return state === 'held'
    ? sql`d.reason <> '' and d.state = 'held'`
    : sql`d.provider_id in (select id from providers) and d.state = 'unknown'
        and d.due_at is not null`;
}

/** Those of a number, here or at a provider. */
function numbered(number: string): RawBuilder<unknown> {
  const id = parseId(number)?.toString() ?? null;
  return sql`(
      select customer_id, id from orders where id = ${id}::bigint
      union
      select customer_id, order_id from attempts
      where provider_id in (select id from providers) and external_id = ${number}
    ) found join orders o on o.customer_id = found.customer_id and o.id = found.id`;
}

/** One condition, or one of a customer's: each of these has an index that ends in the number. */
function indexedPart(filter: StaffOrderFilter): RawBuilder<unknown> {
  const { parentId, customerId, status, serviceId, kind } = filter;
  if (parentId !== undefined) {
    const id = sql`${parentId.toString()}::bigint`;
    return sql`o.parent_id = ${id}
      and o.customer_id = (select customer_id from orders where id = ${id})`;
  }
  const part =
    status !== undefined && status !== 'Completed'
      ? sql`o.status = ${status} and o.status <> 'Completed'`
      : kind !== undefined && kind !== 'single'
        ? sql`o.kind = ${kind} and o.kind <> 'single'`
        : serviceId !== undefined
          ? sql`o.service_id = ${serviceId}::int`
          : sql`true`;
  return customerId === undefined ? part : sql`o.customer_id = ${customerId}::int and ${part}`;
}

/** All filters again: those that the scan is by are true of what it found. */
function conditionsOf(filter: StaffOrderFilter, of: DeliveryColumn): RawBuilder<unknown> {
  const { status, serviceId, providerId, customerId, kind, delivery, parentId } = filter;
  const conditions = [
    ...(parentId === undefined ? [] : [sql`o.parent_id = ${parentId.toString()}::bigint`]),
    ...(customerId === undefined ? [] : [sql`o.customer_id = ${customerId}::int`]),
    ...(status === undefined ? [] : [sql`o.status = ${status}`]),
    ...(serviceId === undefined ? [] : [sql`o.service_id = ${serviceId}::int`]),
    ...(kind === undefined ? [] : [sql`o.kind = ${kind}`]),
    ...(delivery === undefined
      ? []
      : delivery === 'none'
        ? [sql`${of('state')} is null`]
        : [sql`${of('state')} = ${delivery}`]),
    ...(providerId === undefined ? [] : [sql`${of('provider_id')} = ${providerId}::int`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
