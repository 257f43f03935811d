import type { WriteOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, type OrderId, type ProviderId, secondMs } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  inTransaction,
  lockEach,
  onlyOf,
  onShardsOf,
  type Tx,
  timestamps,
} from '../db/index.ts';
import { heedTrouble, troubleOf } from '../providers/index.ts';
import type { Claimed } from './forward.ts';
import { decideNext, type NextStep } from './rules.ts';

/** What a provider answered about one order of a list. */
type Answer = { cancel: Claimed; outcome: WriteOutcome<object> };

/** Whose list it was: the provider's, under a lease that tells it from any other. */
type Sent = { providerId: ProviderId; leaseUntil: Date };

type Step = { cancel: Claimed; next: NextStep };

const actor: Actor = { kind: 'system', name: 'cancels' };
const noteLettersMax = 500;
/** What was cancelled is asked for its status soon, and then as often as a new order. */
const lookAfterSeconds = 5;

/**
 * Writes what a provider answered to a list of cancellations. Only those that are still this
 * worker's are written: whatever a late answer says, the request is repeated or decided by then.
 */
export async function recordAnswers(
  ctx: Ctx,
  answers: readonly Answer[],
  sent: Sent,
): Promise<void> {
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const steps = answers.map(({ cancel, outcome }): Step => {
      return { cancel, next: decideNext(outcome, cancel.failures) };
    });
    // In the order of everywhere: deliveries before cancellations.
    await lookSoon(tx, steps, at);
    const own = await lockOwn(tx, steps, sent.leaseUntil);
    const written = steps.filter(({ cancel }) => own.has(cancel.orderId));
    await writeSteps(tx, written, at);
    const trouble = answers.map(({ outcome }) => troubleOf(outcome)).find((one) => one !== null);
    if (trouble) await heedTrouble(tx, trouble, { providerId: sent.providerId, at, actor });
  });
}

/** The status of what was cancelled, or is refused to be because it is final, is worth a look. */
async function lookSoon(tx: Tx, steps: readonly Step[], at: Date): Promise<void> {
  const changed = steps.filter(({ next }) => next.step !== 'retry').map(({ cancel }) => cancel);
  const soon = new Date(at.getTime() + lookAfterSeconds * secondMs);
  await lockEach(tx, changed, async (some, only) => {
    await sql`
      with followed as (
        select d.customer_id, d.order_id
        from unnest(${some.map((cancel) => cancel.customerId)}::int[],
          ${bigints(some.map((cancel) => cancel.orderId))}) as n (customer_id, order_id)
        join deliveries d on d.customer_id = n.customer_id and d.order_id = n.order_id
        where d.state = 'following'${onlyOf('d.customer_id', only)}
        order by d.customer_id, d.order_id for update of d
      )
      update deliveries d set due_at = least(d.due_at, ${soon}::timestamptz),
        poll_seconds = least(d.poll_seconds, ${lookAfterSeconds}::int)
      from followed n
      where d.customer_id = n.customer_id and d.order_id = n.order_id
        ${onlyOf('d.customer_id', only)}`.execute(tx);
    return [];
  });
}

async function lockOwn(tx: Tx, steps: readonly Step[], leaseUntil: Date): Promise<Set<OrderId>> {
  const cancels = steps.map(({ cancel }) => cancel);
  const own = await lockEach(tx, cancels, async (some, only) => {
    const found = await sql<{ orderId: OrderId }>`
      select c.order_id as "orderId"
      from unnest(${some.map((cancel) => cancel.customerId)}::int[],
        ${bigints(some.map((cancel) => cancel.orderId))}) as n (customer_id, order_id)
      join cancels c on c.customer_id = n.customer_id and c.order_id = n.order_id
      where c.delivery = 'sending' and c.due_at = ${leaseUntil}::timestamptz
        ${onlyOf('c.customer_id', only)}
      order by c.customer_id, c.order_id for update of c`.execute(tx);
    return found.rows;
  });
  return new Set(own.map((row) => row.orderId));
}

async function writeSteps(tx: Tx, steps: readonly Step[], at: Date): Promise<void> {
  if (steps.length === 0) return;
  const column = <T>(read: (step: Step) => T): T[] => steps.map(read);
  const customerIds = column(({ cancel }) => cancel.customerId);
  const dueAt = ({ next }: Step) =>
    next.step === 'retry' ? new Date(at.getTime() + next.afterMs) : null;
  const failures = ({ next }: Step) => (next.step === 'retry' ? next.failures : 0);
  const note = ({ next }: Step) => (next.step === 'follow' ? '' : next.note);
  await sql`
    with new as (
      select * from unnest(${customerIds}::int[],
        ${bigints(column(({ cancel }) => cancel.orderId))}, ${column(deliveryAfter)}::text[],
        ${timestamps(column(dueAt))}, ${column(failures)}::int[],
        ${column((step) => note(step).slice(0, noteLettersMax))}::text[]
      ) as n (customer_id, order_id, delivery, due_at, failures, note)
    ), written as (
      update cancels c set delivery = n.delivery, due_at = n.due_at, failures = n.failures,
        note = n.note
      from new n where c.customer_id = n.customer_id and c.order_id = n.order_id
        ${onShardsOf(tx, 'c.customer_id', customerIds)}
    )
    insert into delivery_events (customer_id, order_id, kind, actor, detail, created_at)
    select customer_id, order_id, 'forwarded', 'system:cancels', jsonb_strip_nulls(
      jsonb_build_object('cancel', true, 'delivery', delivery, 'note', nullif(note, ''))),
      ${at}::timestamptz
    from new`.execute(tx);
}

function deliveryAfter({ next }: Step): string {
  switch (next.step) {
    case 'follow':
      return 'following';
    case 'retry':
      return 'due';
    case 'manual':
      return 'manual';
  }
}
