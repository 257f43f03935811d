import { sql } from 'kysely';
import { type Amount, convertCost, type ProviderId, type Rate } from '../base/index.ts';
import type { Db, Json } from '../db/index.ts';
import type { ServiceChange } from './changes.ts';

/** A change as staff read it: also of hidden services, and who made it. */
export type StaffChange = ServiceChange & {
  state: 'applied' | 'held' | 'rejected';
  actor: string;
  decidedBy: string | null;
};

/**
 * A rate that waits for staff, beside the rate of now, whom it follows, and what that asks for now
 * and asked for before, in the panel's currency; null where that is not known.
 */
export type WaitingChange = ServiceChange & {
  category: string;
  rate: Rate;
  cost: Amount | null;
  costBefore: Amount | null;
  providerId: ProviderId | null;
  provider: string | null;
};

type Page = { limit: number; before?: bigint };
type PageAfter = { limit: number; after?: bigint };

/** What changed of all services, newest first; `before`: only older ones than this id. */
export async function listStaffChanges(db: Db, page: Page): Promise<StaffChange[]> {
  const found = await sql<StaffChange>`
    select c.id, c.service_id as "serviceId", s.name, c.kind, c.state, c.actor,
      c.decided_by as "decidedBy", c.before, c.after,
      coalesce(c.decided_at, c.created_at) as at
    from service_changes c join services s on s.id = c.service_id
    where c.state <> 'held' and ${older(page)}
    order by c.id desc limit ${page.limit}`.execute(db);
  return found.rows;
}

/** Rates that wait for staff, oldest first; `after`: only newer ones than this id. */
export async function listWaitingChanges(db: Db, page: PageAfter): Promise<WaitingChange[]> {
  const { limit, after } = page;
  const found = await sql<Omit<WaitingChange, 'cost' | 'costBefore'>>`
    select c.id, c.service_id as "serviceId", s.name, k.name as category, s.rate, c.kind, c.before,
      c.after, c.created_at as at, p.id as "providerId", p.name as provider
    from service_changes c
    join services s on s.id = c.service_id
    join categories k on k.id = s.category_id
    left join service_sources o on o.service_id = s.id
    left join providers p on p.id = o.provider_id
    where c.state = 'held'
      and ${after === undefined ? sql`true` : sql`c.id > ${after.toString()}::bigint`}
    order by c.id limit ${limit}`.execute(db);
  return found.rows.map((row) => {
    return { ...row, cost: costOf(row.after), costBefore: costOf(row.before) };
  });
}

/** A basis is a cost times the exchange rate, so there is nothing left to exchange. */
function costOf({ basis }: Json): Amount | null {
  return typeof basis === 'string' ? convertCost(BigInt(basis), 1n) : null;
}

/** How many rates wait for staff. */
export async function countWaitingChanges(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('service_changes')
    .select((eb) => eb.cast<number>(eb.fn.countAll(), 'integer').as('count'))
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow();
  return count;
}

function older({ before }: Page) {
  return before === undefined ? sql`true` : sql`c.id < ${before.toString()}::bigint`;
}
