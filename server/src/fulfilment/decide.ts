import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type CustomerId,
  formatActor,
  type OrderId,
  type ProviderId,
  reach,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, constraintName, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { applyReports, type LockedOrder, lockOrders, stopParent } from '../orders/index.ts';
import { lockExternalIds } from '../providers/index.ts';
import { isBeingAsked } from './ask-again.ts';
import { writeDeliveryEvents } from './events.ts';
import { readBoundIds } from './external-ids.ts';
import { firstPollSeconds } from './rules.ts';

/** What staff decide about an order that waits for them. */
export type DeliveryDecision =
  /** It is there, under this id; from now on it is followed. */
  | { kind: 'bind'; externalId: string }
  /** It is not there: send it again, at a loss too; by the service's first route or this one. */
  | { kind: 'send_again'; position?: number }
  /** It is cancelled here and refunded. */
  | { kind: 'refund' }
  /** Look into it again. */
  | { kind: 'wait' };

/** A delivery under its lock. */
type Waiting = {
  customerId: CustomerId;
  orderId: OrderId;
  providerId: ProviderId;
  externalServiceId: string;
  state: string;
  reason: string;
  attempts: number;
};

const idTaken = 'this id is the provider’s for another order';
const beingAsked = 'its provider is being asked about it right now; decide in a minute';
/** What the client can ask about: one that it can't would hold up the provider's whole list. */
const externalIdFormat = /^(?!0+$)[0-9]{1,19}$/;

/**
 * Decides an order whose delivery waits for staff: an unknown attempt, or one that is held. Sending
 * again is consent to a second attempt, and is kept as such; an answer to the first that comes
 * later changes nothing any more.
 * @throws AppError `not_allowed` for a customer, `not_found` when the order waits for nobody,
 *   `conflict` for a final order, one that its provider is being asked about at this moment, or an
 *   id that belongs to another order, `invalid_input`
 */
export async function decideDelivery(
  ctx: Ctx,
  actor: Actor,
  input: { orderId: OrderId; decision: DeliveryDecision },
): Promise<void> {
  requireStaff(actor, 'orders');
  const { orderId, decision } = input;
  const at = ctx.clock.now();
  try {
    await inTransaction(ctx.db, async (tx) => {
      const order = (await lockOrders(tx, [orderId])).get(orderId);
      const waiting = order && (await lockWaiting(tx, order));
      if (order === undefined || waiting === undefined) {
        throw new AppError('not_found', `order ${orderId} does not wait for a decision`);
      }
      if (order.completedAt !== null) {
        throw new AppError('conflict', `order ${orderId} is already ${order.status}`);
      }
      if (await isBeingAsked(tx, { ...waiting, number: waiting.attempts }, at)) {
        throw new AppError('conflict', beingAsked);
      }
      await closeAttempt(tx, { waiting, by: formatActor(actor) });
      await carryOut(tx, { actor, at, order, waiting, decision });
      const externalId = decision.kind === 'bind' ? decision.externalId : null;
      const was = waiting.reason || waiting.state;
      const detail = { decision: decision.kind, externalId, was };
      await writeDeliveryEvents(tx, [{ ...waiting, kind: 'decided', detail }], { actor, at });
      await recordAudit(tx, {
        actor,
        action: 'delivery.decide',
        subject: `order:${orderId}`,
        customerId: waiting.customerId,
        before: { state: waiting.state, reason: waiting.reason },
        after: { ...decision },
        at,
      });
      await reach('decide.before_commit');
    });
  } catch (error) {
    if (!constraintName(error).endsWith('_external')) throw error;
    throw new AppError('conflict', idTaken, { cause: error });
  }
}

async function lockWaiting(tx: Tx, order: LockedOrder): Promise<Waiting | undefined> {
  const found = await sql<Waiting>`
    select customer_id as "customerId", order_id as "orderId", provider_id as "providerId",
      external_service_id as "externalServiceId", state, reason, attempts
    from deliveries
    where customer_id = ${order.customerId} and order_id = ${order.id}
      and state in ('unknown', 'held')
    for update`.execute(tx);
  return found.rows[0];
}

/** Staff have the word about an unknown attempt from here on. */
async function closeAttempt(tx: Tx, input: { waiting: Waiting; by: string }): Promise<void> {
  const { waiting } = input;
  await sql`
    update attempts set resolved_by = ${input.by}
    where customer_id = ${waiting.customerId} and order_id = ${waiting.orderId}
      and number = ${waiting.attempts} and state = 'unknown'`.execute(tx);
}

type Carrying = {
  actor: Actor;
  at: Date;
  order: LockedOrder;
  waiting: Waiting;
  decision: DeliveryDecision;
};

async function carryOut(tx: Tx, carrying: Carrying): Promise<void> {
  const { at, waiting, decision } = carrying;
  switch (decision.kind) {
    case 'bind':
      return bindOrder(tx, carrying, decision.externalId);
    case 'send_again':
      return sendAgain(tx, carrying, decision.position ?? null);
    case 'wait':
      return waitLonger(tx, waiting, at);
    case 'refund':
      return cancelOrder(tx, carrying);
  }
}

/** A subscription that its provider was to keep has cost nothing: it ends. */
async function cancelOrder(tx: Tx, { actor, at, order, waiting }: Carrying): Promise<void> {
  await move(tx, waiting, { state: 'done', dueAt: null });
  const { orderId } = waiting;
  if (order.kind !== 'single') return stopParent(tx, { actor, at, orderId });
  const reports = [{ orderId, status: 'Canceled' as const }];
  const [outcome] = await applyReports(tx, { actor, at, reports });
  if (outcome?.outcome === 'held') throw new AppError('money_stopped', outcome.reason);
}

/** The order's own attempt is the accepted one; without an unknown one, staff placed it. */
async function bindOrder(tx: Tx, carrying: Carrying, externalId: string): Promise<void> {
  const { actor, at, waiting } = carrying;
  if (!externalIdFormat.test(externalId)) {
    throw new AppError('invalid_input', `an order id is digits and above 0, not "${externalId}"`);
  }
  const { providerId } = waiting;
  if (await lockExternalIds(tx, [providerId])) {
    const taken = await readBoundIds(tx, providerId, [externalId]);
    if (taken.size > 0) throw new AppError('conflict', idTaken);
  }
  const by = formatActor(actor);
  const bound = await sql`
    update attempts set state = 'accepted', external_id = ${externalId}
    where customer_id = ${waiting.customerId} and order_id = ${waiting.orderId}
      and number = ${waiting.attempts} and state = 'unknown'
    returning number`.execute(tx);
  if (bound.rows.length === 0) {
    await sql`
      insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
        request_id, lease_until, external_id, resolved_by, started_at, ended_at)
      values (${waiting.customerId}, ${waiting.orderId}, ${waiting.attempts + 1},
        ${waiting.providerId}, ${waiting.externalServiceId}, 'accepted', '', ${at}, ${externalId},
        ${by}, ${at}, ${at})`.execute(tx);
  }
  await sql`
    update deliveries set state = 'following', reason = '', external_id = ${externalId},
      due_at = ${at}, accepted_at = ${at}, poll_seconds = ${firstPollSeconds}, seen = null,
      failures = 0, attempts = (select max(number) from attempts a
        where a.customer_id = ${waiting.customerId} and a.order_id = ${waiting.orderId})
    where customer_id = ${waiting.customerId} and order_id = ${waiting.orderId}`.execute(tx);
}

/** By the first route, or the one that is named; without it, the order stays with staff. */
async function sendAgain(tx: Tx, carrying: Carrying, position: number | null): Promise<void> {
  const { waiting, at } = carrying;
  const sent = await sql`
    update deliveries d set state = 'due', reason = '', due_at = ${at}, failures = 0,
      ignores_margin = true, provider_id = r.provider_id, external_service_id = r.external_id,
      route_position = r.position, is_delegated = r.is_delegated
    from service_routes r
    where d.customer_id = ${waiting.customerId} and d.order_id = ${waiting.orderId}
      and r.service_id = d.service_id
      and r.position = (
        select min(s.position) from service_routes s
        join orders o on o.customer_id = ${waiting.customerId} and o.id = ${waiting.orderId}
        where s.service_id = d.service_id
          and s.position = coalesce(${position}::int, s.position)
          and (s.is_delegated or not (o.kind = 'subscription' or o.details ? 'runs')))
    returning d.order_id`.execute(tx);
  if (sent.rows.length === 0) {
    throw new AppError('conflict', 'the service has no route for it: set one, or settle the order');
  }
}

/** Only an unknown attempt has something to be looked into. */
async function waitLonger(tx: Tx, waiting: Waiting, at: Date): Promise<void> {
  if (waiting.state !== 'unknown' && waiting.reason !== 'unknown') {
    throw new AppError(
      'invalid_input',
      `nothing can be found out: it waits for "${waiting.reason}"`,
    );
  }
  await sql`
    update attempts set resolved_by = null
    where customer_id = ${waiting.customerId} and order_id = ${waiting.orderId}
      and number = ${waiting.attempts} and state = 'unknown'`.execute(tx);
  await move(tx, waiting, { state: 'unknown', dueAt: at });
}

async function move(
  tx: Tx,
  waiting: Waiting,
  to: { state: 'done' | 'unknown'; dueAt: Date | null },
): Promise<void> {
  await sql`
    update deliveries set state = ${to.state}, due_at = ${to.dueAt}::timestamptz, reason = '',
      failures = 0
    where customer_id = ${waiting.customerId} and order_id = ${waiting.orderId}`.execute(tx);
}
