import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import {
  assertNever,
  type Batcher,
  createBatcher,
  type ProviderId,
  reach,
  runApart,
} from '../base/index.ts';
import {
  bigints,
  type Ctx,
  constraintName,
  inTransaction,
  isConnectionLost,
  lockEach,
  onlyOf,
  onShardsOf,
  type Tx,
} from '../db/index.ts';
import { heedTrouble, lockExternalIds, pauseProvider, troubleOf } from '../providers/index.ts';
import type { AttemptKey } from './claim.ts';
import { writeDeliveryEvents } from './events.ts';
import {
  type Answer,
  type OpenAttempt,
  queueLate,
  reroute,
  type Work,
  writeSteps,
} from './record-steps.ts';
import { askedAgain, decideNext, lateAccepted, type NextStep, saysOutOfFunds } from './rules.ts';

/** What became of an answer: written, or too late because the attempt was decided before. */
export type Recorded = 'recorded' | 'late';

export type Recorder = Batcher<Answer, Recorded>;

const answersPerBatchMax = 256;
const batchesInFlightMax = 2;
// An answer is written a moment later rather than alone.
const batchSpacingMs = 10;
const answersWaitingMax = 20_000;

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
 * nothing. An order id that the provider gave before is nobody's answer and leaves it unknown. If
 * the database refuses the batch each answer is tried alone, so one bad answer holds no other.
 */
async function recordAnswers(ctx: Ctx, answers: readonly Answer[]): Promise<(Recorded | Error)[]> {
  try {
    return await recordBatch(ctx, answers);
  } catch (error) {
    if (isConnectionLost(error) || answers.length === 1) throw error;
    ctx.log.warn({ error, answers: answers.length }, 'a batch of answers could not be written');
  }
  return runApart(answers, (batch) => recordBatch(ctx, batch));
}

async function recordBatch(ctx: Ctx, answers: readonly Answer[]): Promise<Recorded[]> {
  try {
    const recorded = await inTransaction(ctx.db, (tx) => writeAnswers(ctx, tx, answers));
    await reach('record.after_commit');
    return recorded;
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
  const work: Work = { at, steps: [], late: [], events: [] };
  const recorded = answers.map((answer) => plan(work, answer, open.get(keyOf(answer))));
  await reroute(tx, work);
  await writeSteps(tx, work);
  await queueLate(tx, work);
  for (const [actor, events] of Map.groupBy(work.events, (event) => event.actor)) {
    await writeDeliveryEvents(tx, events, { actor, at });
  }
  await heedSigns(tx, answers, { open, at });
  await reach('record.before_commit');
  return recorded;
}

function keyOf(key: AttemptKey): string {
  return `${key.orderId}/${key.number}`;
}

/**
 * Locks deliveries in the order of customer and id, as everywhere, and reads attempts after that:
 * in the same statement an attempt would be read as it was before the wait for the lock.
 */
async function lockAttempts(
  tx: Tx,
  keys: readonly AttemptKey[],
): Promise<Map<string, OpenAttempt>> {
  await lockEach(tx, keys, async (some, only) => {
    const { rows } = await sql`
      select d.order_id
      from unnest(${some.map((key) => key.customerId)}::int[],
        ${bigints(some.map((key) => key.orderId))}) as k (customer_id, order_id)
      join deliveries d on d.customer_id = k.customer_id and d.order_id = k.order_id
      where true${onlyOf('d.customer_id', only)}
      order by d.customer_id, d.order_id
      for update of d`.execute(tx);
    return rows;
  });
  const customerIds = keys.map((key) => key.customerId);
  const found = await sql<OpenAttempt & AttemptKey>`
    select d.customer_id as "customerId", d.order_id as "orderId", a.number,
      a.provider_id as "providerId", a.external_service_id as "externalServiceId",
      d.service_id as "serviceId", d.state as "deliveryState",
      d.attempts, d.failures, d.route_position as "routePosition",
      a.state as "attemptState", a.reason as "attemptReason",
      a.external_id as "attemptExternalId",
      o.completed_at is not null and o.kind = 'single' as "isOver",
      d.is_delegated and (o.kind = 'subscription' or o.details ? 'runs') as "needsDelegation"
    from unnest(${customerIds}::int[], ${bigints(keys.map((key) => key.orderId))},
      ${keys.map((key) => key.number)}::int[]
    ) as k (customer_id, order_id, number)
    join deliveries d on d.customer_id = k.customer_id and d.order_id = k.order_id
    join attempts a on a.customer_id = k.customer_id and a.order_id = k.order_id
      and a.number = k.number
    join orders o on o.customer_id = k.customer_id and o.id = k.order_id
    where true${onShardsOf(tx, 'd.customer_id', customerIds)}
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
  await lockExternalIds(
    tx,
    accepted.map((one) => one.providerId),
  );
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
  // Its commit arrived before, and only the news of that was lost.
  if (isWritten(attempt, outcome)) return 'recorded';
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
    const isClosed = attempt.attempts === answer.number && attempt.deliveryState === 'done';
    if (externalId !== null && isClosed) holdLate(work, answer);
    return 'late';
  }
  const next = nextOf(outcome, attempt);
  // What is unknown already learns nothing from being unknown again.
  if (next.step === 'unknown' && attempt.attemptState === 'unknown') return 'recorded';
  if (attempt.attemptState === 'unknown') {
    const detail = { attempt: answer.number, outcome: outcome.outcome };
    work.events.push({ ...answer, kind: 'resolved', detail, actor });
  } else if (next.step === 'unknown') {
    const detail = { attempt: answer.number, reason: next.reason };
    work.events.push({ ...answer, kind: 'unknown', detail, actor });
  }
  if (next.step === 'follow' && attempt.isOver) holdLate(work, answer);
  work.steps.push({ answer, attempt, next, route: null });
  return 'recorded';
}

/** What staff had sent again, maybe by another route, goes that way if the first is not there. */
function nextOf(outcome: AddOutcome, { deliveryState, failures }: OpenAttempt): NextStep {
  const next = decideNext(outcome, failures);
  const isSettled = next.step === 'follow' || next.step === 'unknown';
  return deliveryState === 'due' && !isSettled ? { step: 'retry', afterMs: 0, failures } : next;
}

function isWritten(attempt: OpenAttempt, outcome: AddOutcome): boolean {
  const { attemptState, attemptReason, attemptExternalId } = attempt;
  switch (outcome.outcome) {
    case 'accepted':
      return attemptState === 'accepted' && attemptExternalId === outcome.order;
    case 'rejected':
      return attemptState === 'rejected' && attemptReason === outcome.refusal.code;
    case 'notSent':
      return attemptState === 'not_sent' && attemptReason === outcome.reason;
    case 'unknown':
      return attemptState === 'unknown' && attemptReason === outcome.reason;
    default:
      return assertNever(outcome);
  }
}

/** Nobody here follows the order any more, and the provider delivers it: staff cancel it there. */
function holdLate(work: Work, answer: Answer): void {
  const detail = { reason: lateAccepted, attempt: answer.number };
  work.late.push(answer);
  work.events.push({ ...answer, kind: 'held', detail });
}

/** What the answers say of the providers themselves: out of funds, key refused, too fast. */
async function heedSigns(
  tx: Tx,
  answers: readonly Answer[],
  facts: { open: ReadonlyMap<string, OpenAttempt>; at: Date },
): Promise<void> {
  const heeded = new Set<string>();
  const told = answers.flatMap((answer) => {
    const providerId = facts.open.get(keyOf(answer))?.providerId;
    return providerId === undefined ? [] : [{ ...answer, providerId }];
  });
  // Batches of two workers lock providers in one order, whatever order their answers came in.
  for (const one of told.toSorted((a, b) => a.providerId - b.providerId)) {
    const { outcome, actor, providerId } = one;
    const isBroke = saysOutOfFunds(outcome);
    const trouble = troubleOf(outcome);
    const sign = `${providerId}/${isBroke ? 'out_of_funds' : trouble?.kind}`;
    if ((!isBroke && trouble === null) || heeded.has(sign)) continue;
    heeded.add(sign);
    const input = { providerId, at: facts.at, actor };
    if (isBroke) await pauseProvider(tx, { ...input, by: 'funds' });
    else if (trouble !== null) await heedTrouble(tx, trouble, input);
  }
}
