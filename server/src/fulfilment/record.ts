import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import {
  type Actor,
  type Batcher,
  createBatcher,
  type ProviderId,
  type ServiceId,
} from '../base/index.ts';
import {
  bigints,
  booleans,
  type Ctx,
  constraintName,
  inTransaction,
  type Tx,
  timestamps,
} from '../db/index.ts';
import { heedTrouble, pauseProvider, troubleOf } from '../providers/index.ts';
import type { AttemptKey } from './claim.ts';
import { type DeliveryEvent, writeDeliveryEvents } from './events.ts';
import {
  askedAgain,
  decideNext,
  firstPollSeconds,
  type NextStep,
  saysOutOfFunds,
} from './rules.ts';

/** The answer to an attempt, from its worker or found out later. */
export type Answer = AttemptKey & { outcome: AddOutcome; actor: Actor };

/** What became of an answer: written, or too late because the attempt was decided before. */
export type Recorded = 'recorded' | 'late';

export type Recorder = Batcher<Answer, Recorded>;

const answersPerBatchMax = 256;
const batchesInFlightMax = 2;
// An answer is written a moment later rather than alone.
const batchSpacingMs = 10;
const answersWaitingMax = 20_000;

/** An attempt under its delivery's lock. */
type OpenAttempt = {
  providerId: ProviderId;
  serviceId: ServiceId;
  deliveryState: string;
  attempts: number;
  failures: number;
  routePosition: number;
  /** The provider has to run it as a whole, so only such a route can take it. */
  needsDelegation: boolean;
  attemptState: string;
  attemptReason: string;
};

/** Opens the queue that writes answers, those of all providers together, one commit for many. */
export function createRecorder(ctx: Ctx): Recorder {
  return createBatcher({
    itemsMax: answersPerBatchMax,
    inFlightMax: batchesInFlightMax,
    spacingMs: batchSpacingMs,
    waitingMax: answersWaitingMax,
    run: (answers) => recordAnswers(ctx, answers),
  });
}

/**
 * Writes what became of attempts and what their orders do next. An attempt is decided once: an
 * answer that comes after staff or another attempt had the word is kept as an event and changes
 * nothing. An order id that the provider gave before is nobody's answer and leaves it unknown.
 */
async function recordAnswers(ctx: Ctx, answers: readonly Answer[]): Promise<Recorded[]> {
  try {
    return await inTransaction(ctx.db, (tx) => writeAnswers(ctx, tx, answers));
  } catch (error) {
    // Another worker wrote the same order id of the provider in this moment: seen on the next look.
    if (!constraintName(error).endsWith('_external')) throw error;
    return inTransaction(ctx.db, (tx) => writeAnswers(ctx, tx, answers));
  }
}

async function writeAnswers(ctx: Ctx, tx: Tx, given: readonly Answer[]): Promise<Recorded[]> {
  const at = ctx.clock.now();
  const open = await lockAttempts(tx, given);
  const answers = await refuseRepeatedIds(tx, given, open);
  const work: Work = { at, steps: [], events: [] };
  const recorded = answers.map((answer) => plan(work, answer, open.get(keyOf(answer))));
  await reroute(tx, work);
  await writeSteps(tx, work);
  for (const [actor, events] of Map.groupBy(work.events, (event) => event.actor)) {
    await writeDeliveryEvents(tx, events, { actor, at });
  }
  await heedSigns(tx, answers, { open, at });
  return recorded;
}

function keyOf(key: AttemptKey): string {
  return `${key.orderId}/${key.number}`;
}

/** A step on its way to the database; `route` is where it goes from here. */
type Step = {
  answer: Answer;
  attempt: OpenAttempt;
  next: NextStep;
  route: { providerId: ProviderId; externalServiceId: string; position: number } | null;
};

type Work = { at: Date; steps: Step[]; events: (DeliveryEvent & { actor: Actor })[] };

/**
 * Locks deliveries in the order of customer and id, as everywhere, and reads attempts after that:
 * in the same statement an attempt would be read as it was before the wait for the lock.
 */
async function lockAttempts(
  tx: Tx,
  keys: readonly AttemptKey[],
): Promise<Map<string, OpenAttempt>> {
  await sql`
    select d.order_id
    from unnest(${keys.map((key) => key.customerId)}::int[],
      ${bigints(keys.map((key) => key.orderId))}) as k (customer_id, order_id)
    join deliveries d on d.customer_id = k.customer_id and d.order_id = k.order_id
    order by d.customer_id, d.order_id
    for update of d`.execute(tx);
  const found = await sql<OpenAttempt & AttemptKey>`
    select d.customer_id as "customerId", d.order_id as "orderId", a.number,
      a.provider_id as "providerId", d.service_id as "serviceId", d.state as "deliveryState",
      d.attempts, d.failures, d.route_position as "routePosition",
      a.state as "attemptState", a.reason as "attemptReason",
      d.is_delegated and (o.kind = 'subscription' or o.details ? 'runs') as "needsDelegation"
    from unnest(${keys.map((key) => key.customerId)}::int[],
      ${bigints(keys.map((key) => key.orderId))}, ${keys.map((key) => key.number)}::int[]
    ) as k (customer_id, order_id, number)
    join deliveries d on d.customer_id = k.customer_id and d.order_id = k.order_id
    join attempts a on a.customer_id = k.customer_id and a.order_id = k.order_id
      and a.number = k.number
    join orders o on o.customer_id = k.customer_id and o.id = k.order_id
    order by d.customer_id, d.order_id`.execute(tx);
  return new Map(found.rows.map((row) => [keyOf(row), row]));
}

/** Makes an answer unknown whose order id is an earlier one's, here or in the same batch. */
async function refuseRepeatedIds(
  tx: Tx,
  answers: readonly Answer[],
  open: ReadonlyMap<string, OpenAttempt>,
): Promise<Answer[]> {
  const accepted = answers.flatMap((answer) => {
    const providerId = open.get(keyOf(answer))?.providerId;
    return answer.outcome.outcome === 'accepted' && providerId !== undefined
      ? { providerId, externalId: answer.outcome.order, key: keyOf(answer) }
      : [];
  });
  if (accepted.length === 0) return [...answers];
  const found = await sql<{ providerId: ProviderId; externalId: string; key: string }>`
    select a.provider_id as "providerId", a.external_id as "externalId",
      a.order_id || '/' || a.number as key
    from unnest(${accepted.map((one) => one.providerId)}::int[],
      ${accepted.map((one) => one.externalId)}::text[]) as n (provider_id, external_id)
    join attempts a using (provider_id, external_id)`.execute(tx);
  const owners = new Map(found.rows.map((row) => [`${row.providerId}/${row.externalId}`, row.key]));
  return answers.map((answer) => {
    const providerId = open.get(keyOf(answer))?.providerId;
    if (answer.outcome.outcome !== 'accepted') return answer;
    const id = `${providerId}/${answer.outcome.order}`;
    const owner = owners.get(id);
    if (owner === undefined || owner === keyOf(answer)) {
      owners.set(id, keyOf(answer));
      return answer;
    }
    const { raw } = answer.outcome;
    const outcome: AddOutcome = { outcome: 'unknown', reason: 'unusable_id', status: 200, raw };
    return { ...answer, outcome };
  });
}

function plan(work: Work, answer: Answer, attempt: OpenAttempt | undefined): Recorded {
  if (attempt === undefined) return 'late';
  const { outcome, actor } = answer;
  const isOpen = attempt.attemptState === 'sending' || attempt.attemptState === 'unknown';
  const isWaiting = attempt.deliveryState !== 'done' && attempt.deliveryState !== 'following';
  const isCurrent = attempt.attempts === answer.number && isWaiting;
  // Asked for again under its request id, an order may be there whatever its first worker says.
  const isOutdated = attempt.attemptReason === askedAgain && outcome.outcome !== 'accepted';
  const isTaken = work.steps.some((step) => step.attempt === attempt);
  if (!isOpen || !isCurrent || isOutdated || isTaken) {
    const externalId = outcome.outcome === 'accepted' ? outcome.order : null;
    const detail = { attempt: answer.number, outcome: outcome.outcome, externalId };
    work.events.push({ ...answer, kind: 'late_answer', detail, actor });
    return 'late';
  }
  const next = decideNext(outcome, attempt.failures);
  // What is unknown already learns nothing from being unknown again.
  if (next.step === 'unknown' && attempt.attemptState === 'unknown') return 'recorded';
  if (attempt.attemptState === 'unknown') {
    const detail = { attempt: answer.number, outcome: outcome.outcome };
    work.events.push({ ...answer, kind: 'resolved', detail, actor });
  } else if (next.step === 'unknown') {
    const detail = { attempt: answer.number, reason: next.reason };
    work.events.push({ ...answer, kind: 'unknown', detail, actor });
  }
  work.steps.push({ answer, attempt, next, route: null });
  return 'recorded';
}

/** Finds the next route of what failed at its own; without one it waits for staff. */
async function reroute(tx: Tx, work: Work): Promise<void> {
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

async function writeSteps(tx: Tx, work: Work): Promise<void> {
  const { steps } = work;
  if (steps.length === 0) return;
  const column = <T>(read: (step: Step) => T): T[] => steps.map(read);
  await sql`
    with new as (
      select * from unnest(
        ${column(({ answer }) => answer.customerId)}::int[],
        ${bigints(column(({ answer }) => answer.orderId))},
        ${column(({ answer }) => answer.number)}::int[],
        ${column(attemptState)}::text[], ${column(externalIdOf)}::text[],
        ${column(reasonOf)}::text[], ${column(rawOf)}::text[],
        ${column(resolverOf)}::text[], ${column(deliveryState)}::text[],
        ${timestamps(column((step) => dueAt(step, work.at)))}, ${column(failuresAfter)}::int[],
        ${column(heldReason)}::text[], ${column(({ route }) => route?.providerId ?? null)}::int[],
        ${column(({ route }) => route?.externalServiceId ?? null)}::text[],
        ${column(({ route }) => route?.position ?? null)}::int[]
      ) as n (customer_id, order_id, number, attempt_state, external_id, reason, raw, resolved_by,
        state, due_at, failures, held_reason, provider_id, external_service_id, position)
    ), decided as (
      update attempts a set state = n.attempt_state, external_id = n.external_id,
        reason = n.reason, raw = n.raw, resolved_by = n.resolved_by,
        ended_at = ${work.at}::timestamptz
      from new n where a.customer_id = n.customer_id and a.order_id = n.order_id
        and a.number = n.number
    )
    update deliveries d set state = n.state, due_at = n.due_at, failures = n.failures,
      reason = n.held_reason, external_id = n.external_id,
      provider_id = coalesce(n.provider_id, d.provider_id),
      external_service_id = coalesce(n.external_service_id, d.external_service_id),
      route_position = coalesce(n.position, d.route_position),
      poll_seconds = ${firstPollSeconds}, seen = null,
      accepted_at = case when n.state = 'following' then ${work.at}::timestamptz end
    from new n where d.customer_id = n.customer_id and d.order_id = n.order_id`.execute(tx);
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

function deliveryState({ next, route }: Step): string {
  switch (next.step) {
    case 'follow':
      return 'following';
    case 'retry':
      return 'due';
    case 'next_route':
      return route === null ? 'held' : 'due';
    case 'unknown':
      return 'unknown';
  }
}

function dueAt({ next, route }: Step, at: Date): Date | null {
  switch (next.step) {
    case 'follow':
      return new Date(at.getTime() + firstPollSeconds * 1_000);
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

/** What the answers say of the providers themselves: out of funds, key refused, too fast. */
async function heedSigns(
  tx: Tx,
  answers: readonly Answer[],
  facts: { open: ReadonlyMap<string, OpenAttempt>; at: Date },
): Promise<void> {
  const heeded = new Set<string>();
  for (const { outcome, actor, ...key } of answers) {
    const isBroke = saysOutOfFunds(outcome);
    const trouble = troubleOf(outcome);
    const providerId = facts.open.get(keyOf(key))?.providerId;
    const sign = `${providerId}/${isBroke ? 'out_of_funds' : trouble?.kind}`;
    if ((!isBroke && trouble === null) || providerId === undefined || heeded.has(sign)) continue;
    heeded.add(sign);
    const input = { providerId, at: facts.at, actor };
    if (isBroke) await pauseProvider(tx, { ...input, by: 'funds' });
    else if (trouble !== null) await heedTrouble(tx, trouble, input);
  }
}
