import { type RawBuilder, sql } from 'kysely';
import type { Amount, ProviderId, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { readTimes, type Times, timesBy } from './times.ts';

/** Sums over some days. Amounts in 10⁻⁸ of the panel's currency. */
export type Sums = {
  /** What customers ordered; a drip-feed or subscription is one. */
  orders: number;
  /** Charges less refunds. A drip-feed's is earned run by run. */
  revenue: Amount;
  /** What providers ask for what they took, at their list price then, less what came back. */
  cost: Amount;
  /** Revenue less cost, without the orders whose cost isn't known. */
  margin: Amount;
  /** Single orders and runs that a provider took at a price nobody knows, and their revenue. */
  uncosted: number;
  uncostedRevenue: Amount;
  /** How often an order was sent, and how often it was refused, not taken or is unknown. */
  attempts: number;
  failures: number;
  /** Single orders and runs by how they ended. */
  completed: number;
  partial: number;
  canceled: number;
};

export type DayFigures = Sums &
  Times & {
    /** Its midnight, UTC. */
    day: Date;
    deposits: Amount;
    bonuses: Amount;
    adjustments: Amount;
    /** How it stood at this moment; null while it was never summed up. */
    asOf: Date | null;
  };

/** Null: delivered by staff. */
export type ProviderFigures = Sums & Times & { providerId: ProviderId | null; name: string | null };
export type ServiceFigures = Sums & Times & { serviceId: ServiceId; name: string };

export type Dashboard = {
  total: Sums & Times;
  days: DayFigures[];
  /** Those with the most revenue first. */
  providers: ProviderFigures[];
};

const servicesShown = 20;

/** Attempts of a year can be more than an `integer` holds, and are less than a `number` does. */
const sums = sql`coalesce(sum(orders), 0)::float8 as orders,
  coalesce(sum(charge - refunded), 0) as revenue,
  coalesce(sum(cost), 0) as cost,
  coalesce(sum(charge - refunded - cost - uncosted_revenue), 0) as margin,
  coalesce(sum(uncosted), 0)::float8 as uncosted,
  coalesce(sum(uncosted_revenue), 0) as "uncostedRevenue",
  coalesce(sum(attempts), 0)::float8 as attempts, coalesce(sum(failures), 0)::float8 as failures,
  coalesce(sum(completed), 0)::float8 as completed, coalesce(sum(partial), 0)::float8 as partial,
  coalesce(sum(canceled), 0)::float8 as canceled`;

/**
 * The figures of the days (UTC) from `from` on and before `to`, from what was rolled up: its time
 * grows with days and providers, and not with orders. The running day is some minutes old; `asOf`
 * says how old.
 */
export async function readDashboard(db: Db, span: { from: Date; to: Date }): Promise<Dashboard> {
  const within = withinDays(span);
  const [days, groups, times] = await Promise.all([
    readDays(db, within),
    readGroups(db, within),
    readTimes(db, within),
  ]);
  const total = groups.find(({ isTotal }) => isTotal);
  return {
    total: { ...(total === undefined ? noSums : sumsOf(total)), ...times.all },
    days,
    providers: groups.flatMap(({ isTotal, ...group }) =>
      isTotal
        ? []
        : {
            providerId: group.providerId || null,
            name: group.name,
            ...sumsOf(group),
            ...times.of(group.providerId),
          },
    ),
  };
}

/**
 * The figures of such days of one provider, or, for null, of what staff delivered. Money that comes
 * in belongs to none.
 */
export async function readDaysOf(
  db: Db,
  span: { from: Date; to: Date },
  providerId: ProviderId | null,
): Promise<Omit<DayFigures, 'deposits' | 'bonuses' | 'adjustments'>[]> {
  return readDays(db, withinDays(span), sql`and provider_id = ${providerId ?? 0}`);
}

/**
 * The services with the most revenue in some days, at most 20. Its time grows with days and
 * services: what a page shows beside the dashboard, not before it.
 */
export async function readTopServices(
  db: Db,
  span: { from: Date; to: Date },
): Promise<ServiceFigures[]> {
  const within = withinDays(span);
  const found = await sql<ServiceFigures>`
    with ranked as (
      select service_id, ${sums} from figures where ${within} and service_id <> 0
      group by service_id order by sum(charge - refunded) desc, service_id
      limit ${servicesShown}::int
    ), times as (
      ${timesBy(sql`service_id`, sql`${within} and service_id in (select service_id from ranked)`)}
    )
    select r.service_id as "serviceId", s.name, r.orders, r.revenue, r.cost, r.margin,
      r.uncosted, r."uncostedRevenue", r.attempts, r.failures, r.completed, r.partial, r.canceled,
      t.median as "medianSeconds", t.p95 as "p95Seconds"
    from ranked r
    join services s on s.id = r.service_id
    left join times t on t.service_id = r.service_id
    order by r.revenue desc, r.service_id`.execute(db);
  return found.rows;
}

function withinDays(span: { from: Date; to: Date }): RawBuilder<unknown> {
  return sql`day >= ${span.from}::timestamptz and day < ${span.to}::timestamptz`;
}

const noSums: Sums = {
  orders: 0,
  revenue: 0n as Amount,
  cost: 0n as Amount,
  margin: 0n as Amount,
  uncosted: 0,
  uncostedRevenue: 0n as Amount,
  attempts: 0,
  failures: 0,
  completed: 0,
  partial: 0,
  canceled: 0,
};

async function readDays(
  db: Db,
  within: RawBuilder<unknown>,
  and: RawBuilder<unknown> = sql``,
): Promise<DayFigures[]> {
  const found = await sql<DayFigures>`
    with summed as (
      select day, ${sums} from figures where ${within} and service_id = 0 ${and} group by day
    ), times as (${timesBy(sql`day`, sql`${within} and service_id = 0 ${and}`)})
    select d.day, d.deposits, d.bonuses, d.adjustments, d.rolled_at as "asOf",
      coalesce(f.orders, 0) as orders, coalesce(f.revenue, 0) as revenue,
      coalesce(f.cost, 0) as cost, coalesce(f.margin, 0) as margin,
      coalesce(f.uncosted, 0) as uncosted,
      coalesce(f."uncostedRevenue", 0) as "uncostedRevenue",
      coalesce(f.attempts, 0) as attempts, coalesce(f.failures, 0) as failures,
      coalesce(f.completed, 0) as completed, coalesce(f.partial, 0) as partial,
      coalesce(f.canceled, 0) as canceled, t.median as "medianSeconds", t.p95 as "p95Seconds"
    from figure_days d left join summed f using (day) left join times t using (day)
    where ${within} order by day`.execute(db);
  return found.rows;
}

type Group = Sums & { isTotal: boolean; providerId: ProviderId; name: string | null };

async function readGroups(db: Db, within: RawBuilder<unknown>): Promise<Group[]> {
  const found = await sql<Group>`
    with grouped as (
      select provider_id, grouping(provider_id) = 1 as is_total, ${sums}
      from figures where ${within} and service_id = 0
      group by grouping sets ((), (provider_id))
    )
    select g.is_total as "isTotal", g.provider_id as "providerId", p.name, g.orders, g.revenue,
      g.cost, g.margin, g.uncosted, g."uncostedRevenue", g.attempts, g.failures, g.completed,
      g.partial, g.canceled
    from grouped g left join providers p on p.id = g.provider_id
    order by g.is_total, g.revenue desc, g.provider_id`.execute(db);
  return found.rows;
}

/** The sums of a row and nothing else of it. */
function sumsOf(row: Sums): Sums {
  const { orders, attempts, failures, completed, partial, canceled } = row;
  const { revenue, cost, margin, uncosted, uncostedRevenue } = row;
  return {
    ...{ orders, attempts, failures, completed, partial, canceled },
    ...{ revenue, cost, margin, uncosted, uncostedRevenue },
  };
}
