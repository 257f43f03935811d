import { type RawBuilder, sql } from 'kysely';
import type { Amount, ProviderId, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { readTimes, type Times } from './times.ts';

/** Sums over some days. Amounts in 10⁻⁸ of the panel's currency. */
export type Sums = {
  /** What customers ordered; a drip-feed or subscription is one. */
  orders: number;
  /** Charges less refunds. A drip-feed's is earned run by run. */
  revenue: Amount;
  /** What providers ask for what they took, at their list price then, less what came back. */
  cost: Amount;
  margin: Amount;
  /** How often an order was sent, and how often it was refused, not taken or is unknown. */
  attempts: number;
  failures: number;
  /** Single orders and runs by how they ended. */
  completed: number;
  partial: number;
  canceled: number;
};

export type DayFigures = Sums & {
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
  providers: ProviderFigures[];
  /** Those with the most revenue, at most 20. */
  services: ServiceFigures[];
};

const servicesShown = 20;

const sums = sql`coalesce(sum(orders), 0)::int as orders,
  coalesce(sum(charge - refunded), 0)::bigint as revenue,
  coalesce(sum(cost), 0)::bigint as cost,
  coalesce(sum(charge - refunded - cost), 0)::bigint as margin,
  coalesce(sum(attempts), 0)::int as attempts, coalesce(sum(failures), 0)::int as failures,
  coalesce(sum(completed), 0)::int as completed, coalesce(sum(partial), 0)::int as partial,
  coalesce(sum(canceled), 0)::int as canceled`;

/**
 * The figures of the days (UTC) from `from` on and before `to`, from what was rolled up: its time
 * grows with days, providers and services, and not with orders. The running day is some minutes
 * old; `asOf` says how old.
 */
export async function readDashboard(db: Db, span: { from: Date; to: Date }): Promise<Dashboard> {
  const within = sql`day >= ${span.from}::timestamptz and day < ${span.to}::timestamptz`;
  const [days, groups, times] = await Promise.all([
    readDays(db, within),
    readGroups(db, within),
    readTimes(db, within),
  ]);
  const plain = groups.map(({ providerId, serviceId, name, kind, ...row }) => {
    const taken = times.find({ kind, providerId, serviceId });
    return { kind, providerId, serviceId, name, figures: { ...row, ...taken } };
  });
  return {
    total: plain.find(({ kind }) => kind === 'all')?.figures ?? { ...noSums, ...times.none },
    days,
    providers: plain.flatMap(({ kind, providerId, name, figures }) =>
      kind === 'provider' ? { providerId: providerId || null, name, ...figures } : [],
    ),
    services: plain.flatMap(({ kind, serviceId, name, figures }) =>
      kind === 'service' ? { serviceId, name: name ?? '', ...figures } : [],
    ),
  };
}

const noSums: Sums = {
  orders: 0,
  revenue: 0n as Amount,
  cost: 0n as Amount,
  margin: 0n as Amount,
  attempts: 0,
  failures: 0,
  completed: 0,
  partial: 0,
  canceled: 0,
};

async function readDays(db: Db, within: RawBuilder<unknown>): Promise<DayFigures[]> {
  const found = await sql<DayFigures>`
    select d.day, d.deposits, d.bonuses, d.adjustments, d.rolled_at as "asOf", f.*
    from figure_days d
    cross join lateral (select ${sums} from figures where day = d.day) f
    where ${within} order by d.day`.execute(db);
  return found.rows;
}

type Group = Sums & {
  kind: 'all' | 'provider' | 'service';
  providerId: ProviderId;
  serviceId: ServiceId;
  name: string | null;
};

async function readGroups(db: Db, within: RawBuilder<unknown>): Promise<Group[]> {
  const found = await sql<Group>`
    with grouped as (
      select provider_id, service_id, case grouping(provider_id, service_id)
          when 3 then 'all' when 1 then 'provider' else 'service' end as kind, ${sums}
      from figures where ${within}
      group by grouping sets ((), (provider_id), (service_id))
    ), ranked as (
      select *, row_number() over (partition by kind order by revenue desc, service_id) as place
      from grouped
    )
    select g.kind, g.provider_id as "providerId", g.service_id as "serviceId",
      coalesce(p.name, s.name) as name, g.orders, g.revenue, g.cost, g.margin, g.attempts,
      g.failures, g.completed, g.partial, g.canceled
    from ranked g
    left join providers p on p.id = g.provider_id
    left join services s on s.id = g.service_id
    where g.kind <> 'service' or g.place <= ${servicesShown}::int
    order by g.kind, g.place`.execute(db);
  return found.rows;
}
