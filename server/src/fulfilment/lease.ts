import { sql } from 'kysely';
import { type Actor, type CustomerId, type OrderId, reach } from '../base/index.ts';
import { type Ctx, inTransaction } from '../db/index.ts';
import { writeDeliveryEvents } from './events.ts';

const attemptsPerBatchMax = 500;
const actor: Actor = { kind: 'system', name: 'reconciler' };

/**
 * Makes attempts unknown whose worker has not written an answer within its lease: it died, or lost
 * the database. Should it come back, its answer still counts.
 * @returns how many there were
 */
export async function expireLeases(ctx: Ctx): Promise<number> {
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const expired = await sql<{ customerId: CustomerId; orderId: OrderId; number: number }>`
      with late as (
        select d.customer_id, d.order_id, a.number
        from attempts a
        join deliveries d on d.customer_id = a.customer_id and d.order_id = a.order_id
          and d.attempts = a.number and d.state = 'sending'
        where a.state = 'sending' and a.lease_until < ${at}::timestamptz
        order by d.customer_id, d.order_id limit ${attemptsPerBatchMax}
        for update of d skip locked
      ), lost as (
        update attempts a set state = 'unknown', reason = 'no_answer', ended_at = ${at}::timestamptz
        from late where a.customer_id = late.customer_id and a.order_id = late.order_id
          and a.number = late.number
      )
      update deliveries d set state = 'unknown', due_at = ${at}::timestamptz
      from late where d.customer_id = late.customer_id and d.order_id = late.order_id
      returning d.customer_id as "customerId", d.order_id as "orderId", late.number`.execute(tx);
    const events = expired.rows.map((row) => ({
      ...row,
      kind: 'unknown' as const,
      detail: { attempt: row.number, reason: 'no_answer' },
    }));
    await writeDeliveryEvents(tx, events, { actor, at });
    if (events.length > 0) await reach('lease.before_commit');
    return events.length;
  });
}
