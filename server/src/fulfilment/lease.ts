import { type RawBuilder, sql } from 'kysely';
import { type Actor, type CustomerId, reach } from '../base/index.ts';
import { type Ctx, claimDueRows, inTransaction, onlyOf, type Tx } from '../db/index.ts';
import type { AttemptKey } from './claim.ts';
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
    const late = sql`from attempts a
      join deliveries d on d.customer_id = a.customer_id and d.order_id = a.order_id
        and d.attempts = a.number and d.state = 'sending'
      where a.state = 'sending' and a.lease_until < ${at}::timestamptz`;
    const query = { due: late, customerId: 'd.customer_id', limit: attemptsPerBatchMax };
    const expired = await claimDueRows(tx, query, (only, limit) =>
      expireSome(tx, { late, at, only, limit }),
    );
    const events = expired.map((row) => ({
      ...row,
      kind: 'unknown' as const,
      detail: { attempt: row.number, reason: 'no_answer' },
    }));
    await writeDeliveryEvents(tx, events, { actor, at });
    if (events.length > 0) await reach('lease.before_commit');
    return events.length;
  });
}

async function expireSome(
  tx: Tx,
  input: { late: RawBuilder<unknown>; at: Date; only: CustomerId | undefined; limit: number },
): Promise<AttemptKey[]> {
  const { late, at, only, limit } = input;
  const expired = await sql<AttemptKey>`
    with late as (
      select d.customer_id, d.order_id, a.number ${late}${onlyOf('d.customer_id', only)}
      order by d.customer_id, d.order_id limit ${limit}
      for update of d skip locked
    ), lost as (
      update attempts a set state = 'unknown', reason = 'no_answer', ended_at = ${at}::timestamptz
      from late where a.customer_id = late.customer_id and a.order_id = late.order_id
        and a.number = late.number${onlyOf('a.customer_id', only)}
    )
    update deliveries d set state = 'unknown', due_at = ${at}::timestamptz
    from late where d.customer_id = late.customer_id and d.order_id = late.order_id
      ${onlyOf('d.customer_id', only)}
    returning d.customer_id as "customerId", d.order_id as "orderId", late.number`.execute(tx);
  return expired.rows;
}
