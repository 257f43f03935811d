import { sql } from 'kysely';
import { type Amount, type CustomerId, minuteMs, type OrderId } from '../base/index.ts';
import { type Ctx, claimDueRows, onlyOf } from '../db/index.ts';
import type { Provider } from '../providers/index.ts';

/** An attempt that nobody knows the end of. */
export type UnknownAttempt = {
  customerId: CustomerId;
  orderId: OrderId;
  number: number;
  requestId: string;
  /** `restored`: it may have been made, and decided, after the backup that this panel is from. */
  reason: string;
  cost: bigint | null;
  balanceBefore: Amount | null;
  balanceBeforeAt: Date | null;
  startedAt: Date;
  endedAt: Date;
  /** How often it was looked into. */
  tries: number;
};

const attemptsPerRoundMax = 20;

/**
 * Takes unknown attempts whose time has come, and sets when each is looked into again. Where the
 * order is final by now, settled by hand, nothing is left to find out: its delivery is closed.
 */
export async function takeUnknown(ctx: Ctx, provider: Provider): Promise<UnknownAttempt[]> {
  const now = ctx.clock.now();
  const due = sql`from deliveries where provider_id = ${provider.id} and state = 'unknown'
    and due_at <= ${now}::timestamptz`;
  const query = { due, customerId: 'customer_id', limit: attemptsPerRoundMax };
  return claimDueRows(ctx.db, query, (only, limit) =>
    takeSome(ctx, { provider, now, limit }, only),
  );
}

async function takeSome(
  ctx: Ctx,
  { provider, now, limit }: { provider: Provider; now: Date; limit: number },
  only: CustomerId | undefined,
): Promise<UnknownAttempt[]> {
  const next = new Date(now.getTime() + minuteMs);
  const found = await sql<UnknownAttempt & { isOver: boolean }>`
    with due as (
      select d.customer_id, d.order_id, o.completed_at is not null as is_over
      from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      where d.provider_id = ${provider.id} and d.state = 'unknown'
        and d.due_at <= ${now}::timestamptz${onlyOf('d.customer_id', only)}
      order by d.due_at limit ${limit}
      for update of d skip locked for share of o skip locked
    )
    update deliveries d set
      state = case when due.is_over then 'done' else 'unknown' end,
      due_at = case when not due.is_over then ${next}::timestamptz end,
      failures = d.failures + 1
    from due join attempts a on a.customer_id = due.customer_id and a.order_id = due.order_id
    where d.customer_id = due.customer_id and d.order_id = due.order_id
      and a.number = d.attempts and a.state = 'unknown'${onlyOf('d.customer_id', only)}
    returning d.customer_id as "customerId", d.order_id as "orderId", a.number,
      a.request_id as "requestId", a.reason, a.cost, a.balance_before as "balanceBefore",
      a.balance_before_at as "balanceBeforeAt", a.started_at as "startedAt",
      a.ended_at as "endedAt", d.failures as tries, due.is_over as "isOver"`.execute(ctx.db);
  return found.rows.filter((row) => !row.isOver);
}

/**
 * Gives back what was taken and not looked into, as a worker does that stops: it costs no try. One
 * by one: who holds one delivery while it waits for another can make a ring with somebody.
 */
export async function giveBackUnknown(
  ctx: Ctx,
  attempts: readonly UnknownAttempt[],
): Promise<void> {
  for (const { customerId, orderId, number, tries } of attempts) {
    await sql`
      update deliveries set due_at = ${ctx.clock.now()}::timestamptz, failures = failures - 1
      where customer_id = ${customerId} and order_id = ${orderId} and state = 'unknown'
        and attempts = ${number} and failures = ${tries}`.execute(ctx.db);
  }
}
