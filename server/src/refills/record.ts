import type { WriteOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import type { Actor, ProviderId, RefillId } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  constraintName,
  inTransaction,
  lockEach,
  onlyOf,
  onShardsOf,
  recordAudit,
  type Tx,
  timestamps,
} from '../db/index.ts';
import { heedTrouble, lockExternalIds, troubleOf } from '../providers/index.ts';
import type { Claimed } from './forward.ts';
import { moveRefills } from './move.ts';
import { decideNext, firstLookMs, type NextStep, type RefillStatus, unknownMark } from './rules.ts';

/** What a provider answered about one refill of a list. */
type Answer = { refill: Claimed; outcome: WriteOutcome<{ refill: string }> };

/** Whose list it was: the provider's, under a lease that tells it from any other. */
type Sent = { providerId: ProviderId; leaseUntil: Date };

type Step = Answer & { from: RefillStatus; next: NextStep };

const actor: Actor = { kind: 'system', name: 'refills' };
const noteLettersMax = 500;

/**
 * Writes what a provider answered to a list of refills. Only those that are still this worker's are
 * written: once the lease is over the refill is staff's, and a late answer is kept as an audit row.
 */
export async function recordAnswers(
  ctx: Ctx,
  answers: readonly Answer[],
  sent: Sent,
): Promise<void> {
  try {
    await inTransaction(ctx.db, (tx) => writeAnswers(ctx, tx, { answers, sent }));
  } catch (error) {
    // Another worker wrote the same number of the provider in this moment: seen on the next look.
    if (constraintName(error) !== 'refills_external') throw error;
    await inTransaction(ctx.db, (tx) => writeAnswers(ctx, tx, { answers, sent }));
  }
}

async function writeAnswers(
  ctx: Ctx,
  tx: Tx,
  input: { answers: readonly Answer[]; sent: Sent },
): Promise<void> {
  const { answers, sent } = input;
  const at = ctx.clock.now();
  const own = await lockOwn(tx, answers, sent.leaseUntil);
  const taken = await readTakenIds(tx, answers, sent.providerId);
  const steps: Step[] = [];
  for (const answer of answers) {
    const from = own.get(answer.refill.refillId);
    if (from === undefined) await keepLateAnswer(tx, answer, at);
    else steps.push({ ...answer, from, next: nextOf(answer, taken) });
  }
  await writeSteps(tx, steps, at);
  const rejected = steps.filter(({ next }) => next.step === 'reject');
  const moves = rejected.map(({ refill, from }) => ({ ...refill, from, to: 'Rejected' as const }));
  await moveRefills(tx, moves, { actor, action: 'refill.forward', at });
  const trouble = answers.map(({ outcome }) => troubleOf(outcome)).find((one) => one !== null);
  if (trouble) await heedTrouble(tx, trouble, { providerId: sent.providerId, at, actor });
}

/** The refills that are still this worker's, under their locks, and their status. */
async function lockOwn(
  tx: Tx,
  answers: readonly Answer[],
  leaseUntil: Date,
): Promise<Map<RefillId, RefillStatus>> {
  const refills = answers.map(({ refill }) => refill);
  const own = await lockEach(tx, refills, async (some, only) => {
    const found = await sql<{ id: RefillId; status: RefillStatus }>`
      select r.id, r.status
      from unnest(${some.map((refill) => refill.customerId)}::int[],
        ${bigints(some.map((refill) => refill.refillId))}) as n (customer_id, id)
      join refills r on r.customer_id = n.customer_id and r.id = n.id
      where r.delivery = 'sending' and r.due_at = ${leaseUntil}::timestamptz
        ${onlyOf('r.customer_id', only)}
      order by r.customer_id, r.id for update of r`.execute(tx);
    return found.rows;
  });
  return new Map(own.map((row) => [row.id, row.status]));
}

/** Numbers in the answers that another refill has already. */
async function readTakenIds(
  tx: Tx,
  answers: readonly Answer[],
  providerId: ProviderId,
): Promise<Set<string>> {
  const given = answers.flatMap(({ outcome }) =>
    outcome.outcome === 'accepted' ? outcome.refill : [],
  );
  await lockExternalIds(tx, [providerId]);
  const found = await sql<{ externalId: string }>`
    select external_id as "externalId" from refills
    where provider_id = ${providerId} and external_id = any(${given}::text[])`.execute(tx);
  return new Set(found.rows.map((row) => row.externalId));
}

/** A number that the provider gave before is nobody's answer: which refill it is is not known. */
function nextOf({ refill, outcome }: Answer, taken: Set<string>): NextStep {
  const next = decideNext(outcome, refill);
  if (next.step !== 'follow') return next;
  if (taken.has(next.externalId)) {
    const note = `${unknownMark}answered ${next.externalId}, another refill's number`;
    return { step: 'unknown', note };
  }
  taken.add(next.externalId);
  return next;
}

async function writeSteps(tx: Tx, steps: readonly Step[], at: Date): Promise<void> {
  if (steps.length === 0) return;
  const column = <T>(read: (step: Step) => T): T[] => steps.map(read);
  const customerIds = column(({ refill }) => refill.customerId);
  const externalId = ({ next }: Step) => (next.step === 'follow' ? next.externalId : null);
  const failures = ({ next }: Step) => (next.step === 'retry' ? next.failures : 0);
  const note = ({ next }: Step) => (next.step === 'follow' ? '' : next.note);
  await sql`
    with new as (
      select * from unnest(${customerIds}::int[],
        ${bigints(column(({ refill }) => refill.refillId))}, ${column(deliveryAfter)}::text[],
        ${timestamps(column((step) => dueAfter(step, at)))}, ${column(externalId)}::text[],
        ${column(failures)}::int[],
        ${column((step) => note(step).slice(0, noteLettersMax))}::text[]
      ) as n (customer_id, id, delivery, due_at, external_id, failures, note)
    ), written as (
      update refills r set delivery = n.delivery, due_at = n.due_at, external_id = n.external_id,
        failures = n.failures, note = n.note
      from new n where r.customer_id = n.customer_id and r.id = n.id
        ${onShardsOf(tx, 'r.customer_id', customerIds)}
      returning r.customer_id, r.order_id, r.id, n.delivery, n.external_id, n.note
    )
    insert into delivery_events (customer_id, order_id, kind, actor, detail, created_at)
    select customer_id, order_id, 'forwarded', 'system:refills', jsonb_strip_nulls(
      jsonb_build_object('refill', id, 'delivery', delivery, 'externalId', external_id,
        'note', nullif(note, ''))), ${at}::timestamptz
    from written`.execute(tx);
}

function deliveryAfter({ next }: Step): string {
  switch (next.step) {
    case 'follow':
      return 'following';
    case 'retry':
      return 'due';
    case 'reject':
      return 'done';
    case 'manual':
    case 'unknown':
      return next.step;
  }
}

function dueAfter({ next }: Step, at: Date): Date | null {
  if (next.step === 'follow') return new Date(at.getTime() + firstLookMs);
  return next.step === 'retry' ? new Date(at.getTime() + next.afterMs) : null;
}

/** Staff, who have the word now, find the provider's number there. */
async function keepLateAnswer(tx: Tx, answer: Answer, at: Date): Promise<void> {
  const { refill, outcome } = answer;
  const said = outcome.outcome === 'accepted' ? { externalId: outcome.refill } : {};
  await recordAudit(tx, {
    actor,
    action: 'refill.late_answer',
    subject: `refill:${refill.refillId}`,
    customerId: refill.customerId,
    after: { outcome: outcome.outcome, ...said },
    at,
  });
}
