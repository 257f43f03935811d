import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import type { Actor, ProviderId, ServiceId } from '../base/index.ts';
import { bigints, booleans, onShardsOf, type Tx, timestamps } from '../db/index.ts';
import type { AttemptKey } from './claim.ts';
import type { DeliveryEvent } from './events.ts';
import { firstPollSeconds, lateAccepted, type NextStep } from './rules.ts';

/** The answer to an attempt, from its worker or found out later. */
export type Answer = AttemptKey & { outcome: AddOutcome; actor: Actor };

/** An attempt under its delivery's lock. */
export type OpenAttempt = {
  /** Whom it was sent to, and as what; its delivery may have been given another route since. */
  providerId: ProviderId;
  externalServiceId: string;
  serviceId: ServiceId;
  deliveryState: string;
  attempts: number;
  failures: number;
  routePosition: number;
  /** The provider has to run it as a whole, so only such a route can take it. */
  needsDelegation: boolean;
  /** Final here, so that nobody follows what the provider has. */
  isOver: boolean;
  attemptState: string;
  attemptReason: string;
  attemptExternalId: string | null;
};

/** A step on its way to the database; `route` is where it goes from here. */
export type Step = {
  answer: Answer;
  attempt: OpenAttempt;
  next: NextStep;
  route: { providerId: ProviderId; externalServiceId: string; position: number } | null;
};

/** What a batch of answers leads to. */
export type Work = {
  at: Date;
  steps: Step[];
  /** Accepted there after it was closed here. */
  late: AttemptKey[];
  events: (DeliveryEvent & { actor: Actor })[];
};

/** Finds the next route of what failed at its own; without one it waits for staff. */
export async function reroute(tx: Tx, work: Work): Promise<void> {
  const failed = work.steps.filter(({ next }) => next.step === 'next_route');
  if (failed.length === 0) return;
  const found = await sql<{ at: number } & NonNullable<Step['route']>>`
    select n.at::int as at, r.provider_id as "providerId", r.external_id as "externalServiceId",
      r.position
    from unnest(${failed.map(({ attempt }) => attempt.serviceId)}::int[],
      ${failed.map(({ attempt }) => attempt.routePosition)}::int[],
      ${booleans(failed.map(({ attempt }) => attempt.needsDelegation))})
      with ordinality as n (service_id, position, needs_delegation, at)
    cross join lateral (
      select provider_id, external_id, position from service_routes s
      where s.service_id = n.service_id and s.position > n.position
        and (s.is_delegated or not n.needs_delegation) order by s.position limit 1
    ) r`.execute(tx);
  const routes = new Map(found.rows.map((row) => [row.at - 1, row]));
  failed.forEach((step, index) => {
    step.route = routes.get(index) ?? null;
    const { answer, next } = step;
    const reason = next.step === 'next_route' ? next.reason : '';
    const why = answer.outcome.outcome === 'rejected' ? answer.outcome.refusal.text : reason;
    const kind = step.route === null ? 'held' : 'rerouted';
    work.events.push({ ...answer, kind, detail: { reason, why } });
  });
}

/** Writes the steps: what became of each attempt, and what its order does next. */
export async function writeSteps(tx: Tx, work: Work): Promise<void> {
  const { steps } = work;
  if (steps.length === 0) return;
  const column = <T>(read: (step: Step) => T): T[] => steps.map(read);
  const customerIds = column(({ answer }) => answer.customerId);
  await sql`
    with new as (
      select * from unnest(
        ${customerIds}::int[], ${bigints(column(({ answer }) => answer.orderId))},
        ${column(({ answer }) => answer.number)}::int[],
        ${column(attemptState)}::text[], ${column(externalIdOf)}::text[],
        ${column(reasonOf)}::text[], ${column(rawOf)}::text[],
        ${column(resolverOf)}::text[], ${column(deliveryState)}::text[],
        ${timestamps(column((step) => dueAt(step, work.at)))}, ${column(failuresAfter)}::int[],
        ${column(heldReason)}::text[],
        ${column((step) => takerOf(step)?.providerId ?? null)}::int[],
        ${column((step) => takerOf(step)?.externalServiceId ?? null)}::text[],
        ${column(({ route }) => route?.position ?? null)}::int[]
      ) as n (customer_id, order_id, number, attempt_state, external_id, reason, raw, resolved_by,
        state, due_at, failures, held_reason, provider_id, external_service_id, position)
    ), decided as (
      update attempts a set state = n.attempt_state, external_id = n.external_id,
        reason = n.reason, raw = n.raw, resolved_by = n.resolved_by,
        ended_at = ${work.at}::timestamptz
      from new n where a.customer_id = n.customer_id and a.order_id = n.order_id
        and a.number = n.number${onShardsOf(tx, 'a.customer_id', customerIds)}
    )
    update deliveries d set state = n.state, due_at = n.due_at, failures = n.failures,
      reason = n.held_reason, external_id = n.external_id,
      provider_id = coalesce(n.provider_id, d.provider_id),
      external_service_id = coalesce(n.external_service_id, d.external_service_id),
      route_position = coalesce(n.position, d.route_position),
      poll_seconds = ${firstPollSeconds}, seen = null,
      accepted_at = case when n.state = 'following' then ${work.at}::timestamptz end
    from new n where d.customer_id = n.customer_id and d.order_id = n.order_id
      ${onShardsOf(tx, 'd.customer_id', customerIds)}`.execute(tx);
}

/** Who has the order from here on: whoever accepted it, or the next route; null: as before. */
function takerOf({ next, attempt, route }: Step) {
  return next.step === 'follow' ? attempt : route;
}

function attemptState({ next, answer }: Step): string {
  if (next.step === 'follow') return 'accepted';
  if (next.step === 'unknown') return 'unknown';
  return answer.outcome.outcome === 'notSent' ? 'not_sent' : 'rejected';
}

function externalIdOf({ next }: Step): string | null {
  return next.step === 'follow' ? next.externalId : null;
}

function reasonOf({ answer }: Step): string {
  const { outcome } = answer;
  if (outcome.outcome === 'accepted') return '';
  return outcome.outcome === 'rejected' ? outcome.refusal.code : outcome.reason;
}

function rawOf({ answer }: Step): string {
  return 'raw' in answer.outcome ? answer.outcome.raw : '';
}

function resolverOf({ answer, attempt }: Step): string | null {
  if (attempt.attemptState !== 'unknown') return null;
  return answer.actor.kind === 'customer' ? null : `${answer.actor.kind}:${answer.actor.name}`;
}

function deliveryState({ next, route, attempt }: Step): string {
  switch (next.step) {
    case 'follow':
      return attempt.isOver ? 'done' : 'following';
    case 'retry':
      return 'due';
    case 'next_route':
      return route === null ? 'held' : 'due';
    case 'unknown':
      return 'unknown';
  }
}

function dueAt({ next, route, attempt }: Step, at: Date): Date | null {
  switch (next.step) {
    case 'follow':
      return attempt.isOver ? null : new Date(at.getTime() + firstPollSeconds * 1_000);
    case 'retry':
      return new Date(at.getTime() + next.afterMs);
    case 'next_route':
      return route === null ? null : new Date(at.getTime() + next.afterMs);
    case 'unknown':
      return at;
  }
}

function failuresAfter({ next }: Step): number {
  return next.step === 'retry' ? next.failures : 0;
}

function heldReason({ next, route }: Step): string {
  return next.step === 'next_route' && route === null ? next.reason : '';
}

/** Puts what was accepted after it was closed here into the queue of that name. */
export async function queueLate(tx: Tx, { late }: Work): Promise<void> {
  if (late.length === 0) return;
  const customerIds = late.map((one) => one.customerId);
  await sql`
    update deliveries d set reason = ${lateAccepted}
    from unnest(${customerIds}::int[],
      ${bigints(late.map((one) => one.orderId))}) as n (customer_id, order_id)
    where d.customer_id = n.customer_id and d.order_id = n.order_id and d.state = 'done'
      ${onShardsOf(tx, 'd.customer_id', customerIds)}`.execute(tx);
}
