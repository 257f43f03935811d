import { sql } from 'kysely';
import { type Amount, type CustomerId, minuteMs, type OrderId } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';
import type { Provider } from '../providers/index.ts';

/** An attempt that nobody knows the end of. */
export type UnknownAttempt = {
  customerId: CustomerId;
  orderId: OrderId;
  number: number;
  requestId: string;
  cost: bigint | null;
  balanceBefore: Amount | null;
  balanceBeforeAt: Date | null;
  startedAt: Date;
  endedAt: Date;
  /** How often it was looked into. */
  tries: number;
};

const attemptsPerRoundMax = 20;

/** Takes unknown attempts whose time has come, and sets when each is looked into again. */
export async function takeUnknown(ctx: Ctx, provider: Provider): Promise<UnknownAttempt[]> {
  const now = ctx.clock.now();
  const next = new Date(now.getTime() + minuteMs);
  const found = await sql<UnknownAttempt>`
    with due as (
      select customer_id, order_id from deliveries
      where provider_id = ${provider.id} and state = 'unknown' and due_at <= ${now}::timestamptz
      order by due_at limit ${attemptsPerRoundMax}
      for update skip locked
    )
    update deliveries d set due_at = ${next}::timestamptz, failures = d.failures + 1
    from due join attempts a on a.customer_id = due.customer_id and a.order_id = due.order_id
    where d.customer_id = due.customer_id and d.order_id = due.order_id
      and a.number = d.attempts and a.state = 'unknown'
    returning d.customer_id as "customerId", d.order_id as "orderId", a.number,
      a.request_id as "requestId", a.cost, a.balance_before as "balanceBefore",
      a.balance_before_at as "balanceBeforeAt", a.started_at as "startedAt",
      a.ended_at as "endedAt", d.failures as tries`.execute(ctx.db);
  return found.rows;
}
