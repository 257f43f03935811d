import { type RawBuilder, sql } from 'kysely';
import type { CustomerId, OrderId } from '../base/index.ts';
import { onlyOf, restoredReason, type Tx } from '../db/index.ts';

/**
 * Makes deliveries unknown that are not known to be at a provider, because the panel whose backup
 * this one was restored from may have sent them: each gets an attempt of which nobody knows the
 * end. What is final is sent by nobody and stays as it is. The statement answers how many.
 * @param input `only`: of this customer; `since`: when they may have been sent first, `at`: now;
 *   both of type timestamptz
 */
export function doubtDeliveries(input: {
  which: RawBuilder<boolean>;
  since: RawBuilder<unknown>;
  at: RawBuilder<unknown>;
  only?: CustomerId | undefined;
}): RawBuilder<{ count: number }> {
  const { which, since, at, only } = input;
  return sql<{ count: number }>`
    with doubted as (
      select d.customer_id, d.order_id, d.provider_id, d.external_service_id,
        d.attempts + 1 as number, d.state, d.reason
      from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
        and a.number = d.attempts
      where (d.state = 'due' or (d.state = 'held' and d.reason <> 'unknown'))
        and d.external_id is null and o.completed_at is null
        and (a.state is null or a.state in ('rejected', 'not_sent')
          or (a.state = 'unknown' and a.resolved_by like 'staff:%'))
        and ${which}${onlyOf('d.customer_id', only)}
      for update of d
    ), tried as (
      insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
        request_id, lease_until, reason, started_at, ended_at)
      select customer_id, order_id, number, provider_id, external_service_id, 'unknown', '',
        ${since}, ${restoredReason}, ${since}, ${at}
      from doubted
    ), told as (
      insert into delivery_events (customer_id, order_id, kind, actor, detail, created_at)
      select customer_id, order_id, 'unknown', 'system:restore', jsonb_build_object(
        'attempt', number, 'reason', ${restoredReason}::text,
        'was', coalesce(nullif(reason, ''), state)),
        ${at}
      from doubted
    ), unknown as (
      update deliveries d set state = 'unknown', reason = '', due_at = ${at}, failures = 0,
        attempts = n.number
      from doubted n where d.customer_id = n.customer_id and d.order_id = n.order_id
        ${onlyOf('d.customer_id', only)}
      returning d.order_id
    )
    select count(*)::int as count from unknown`;
}

/**
 * Makes the deliveries of new orders unknown: runs and posts that fell due between a backup and its
 * confirmed restore, which the panel of that time has made and sent, too.
 */
export async function doubtNewOrders(
  tx: Tx,
  orders: readonly { customerId: CustomerId; id: OrderId; dueAt: Date }[],
  at: Date,
): Promise<void> {
  for (const { customerId, id, dueAt } of orders) {
    await doubtDeliveries({
      only: customerId,
      which: sql`d.order_id = ${id}`,
      since: sql`${dueAt}::timestamptz`,
      at: sql`${at}::timestamptz`,
    }).execute(tx);
  }
}

/**
 * Whether what fell due at `dueAt` may have been done by the panel that a backup was taken of: it
 * is older than the restore, and was due before staff confirmed that.
 */
export function isOfTheLostTime(times: {
  dueAt: RawBuilder<unknown>;
  madeAt: RawBuilder<unknown>;
}): RawBuilder<boolean> {
  return sql`exists (select from restores r
    where ${times.dueAt} <= r.confirmed_at and ${times.madeAt} < r.restored_at)`;
}
