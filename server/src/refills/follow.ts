import { idsPerRequestMax } from '@panelwright/sdk';
import { sql } from 'kysely';
import type { Actor, CustomerId, RefillId } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  claimDueRows,
  inTransaction,
  lockEach,
  onlyOf,
  onShardsOf,
  type Tx,
} from '../db/index.ts';
import {
  awaitCall,
  heedTrouble,
  type Provider,
  type ProvidersCtx,
  type Trouble,
  takesQuestions,
  troubleOf,
  type Upstream,
} from '../providers/index.ts';
import { moveRefills } from './move.ts';
import { type RefillStatus, readSaid, type Said } from './rules.ts';

/** A refill that its provider is asked about now. */
type Due = { customerId: CustomerId; refillId: RefillId; externalId: string };
type Change = { due: Due; said: Said };

/** Asked for again after a quarter of its age, within these. */
const intervalMinSeconds = 60;
const intervalMaxSeconds = 7_200;
const noteLettersMax = 500;

const actor: Actor = { kind: 'system', name: 'refills' };

/**
 * Asks a provider about the refills that are due, as one list of at most 100, and moves those that
 * changed. Taking one sets its next time, so a worker that dies costs one round and nothing else.
 * @returns how many were taken
 */
export async function followRefills(
  ctx: ProvidersCtx,
  provider: Provider,
  limit: number,
): Promise<number> {
  if (!takesQuestions(provider)) return 0;
  const upstream = ctx.upstreams.open(provider);
  const now = ctx.clock.now();
  const due = await takeDue(ctx, { provider, now, limit: Math.min(limit, idsPerRequestMax) });
  if (due.length === 0) return 0;
  await awaitCall(ctx, provider.id);
  const { answers, foreign } = await upstream.refillStatuses(due.map((one) => one.externalId));
  if (foreign.length > 0) {
    ctx.log.warn({ provider: provider.id, foreign: foreign.length }, 'a reply names other refills');
  }
  const { changes, trouble } = readAnswers(due, answers);
  await inTransaction(ctx.db, async (tx) => {
    const at = ctx.clock.now();
    await applyChanges(tx, changes, at);
    if (trouble !== null) await heedTrouble(tx, trouble, { providerId: provider.id, at, actor });
  });
  return due.length;
}

type Read = Awaited<ReturnType<Upstream['refillStatuses']>>['answers'];

/** What was said of the refills; a refusal for the provider's sake says nothing about them. */
function readAnswers(
  due: readonly Due[],
  answers: Read,
): { changes: Change[]; trouble: Trouble | null } {
  const changes: Change[] = [];
  let trouble: Trouble | null = null;
  for (const one of due) {
    const reading = answers.get(one.externalId);
    if (reading === undefined) continue;
    const found = reading.ok ? null : troubleOf(reading.failure);
    const said = readSaid(reading);
    if (found !== null) trouble ??= found;
    else if (said !== undefined) changes.push({ due: one, said });
  }
  return { changes, trouble };
}

async function takeDue(
  ctx: Ctx,
  input: { provider: Provider; now: Date; limit: number },
): Promise<Due[]> {
  const { provider, now } = input;
  const due = sql`from refills where provider_id = ${provider.id} and delivery = 'following'
    and due_at <= ${now}::timestamptz`;
  const query = { due, customerId: 'customer_id', limit: input.limit };
  return claimDueRows(ctx.db, query, async (only, limit) => {
    const found = await sql<Due>`
      with due as (
        select customer_id, id ${due}${onlyOf('customer_id', only)}
        order by due_at, id limit ${limit}
        for update skip locked
      )
      update refills r set due_at = to_timestamp(${now.getTime() / 1_000}::float8
          + least(greatest(extract(epoch from ${now}::timestamptz - r.requested_at) / 4,
            ${intervalMinSeconds}::int), ${intervalMaxSeconds}::int))
      from due where r.customer_id = due.customer_id and r.id = due.id
        ${onlyOf('r.customer_id', only)}
      returning r.customer_id as "customerId", r.id as "refillId",
        r.external_id as "externalId"`.execute(ctx.db);
    return found.rows;
  });
}

/** What staff decided meanwhile stays: only what is still followed is moved, or noted. */
async function applyChanges(tx: Tx, changes: readonly Change[], at: Date): Promise<void> {
  if (changes.length === 0) return;
  const statuses = await lockFollowed(tx, changes);
  const followed = changes.filter(({ due }) => statuses.has(due.refillId));
  const moves = followed.flatMap(({ due, said }) => {
    const from = statuses.get(due.refillId);
    return 'status' in said && from !== undefined ? { ...due, from, to: said.status } : [];
  });
  await writeNotes(tx, followed);
  await moveRefills(tx, moves, { actor, action: 'refill.follow', at });
}

async function lockFollowed(
  tx: Tx,
  changes: readonly Change[],
): Promise<Map<RefillId, RefillStatus>> {
  const due = changes.map((change) => change.due);
  const followed = await lockEach(tx, due, async (some, only) => {
    const found = await sql<{ id: RefillId; status: RefillStatus }>`
      select r.id, r.status
      from unnest(${some.map((one) => one.customerId)}::int[],
        ${bigints(some.map((one) => one.refillId))}) as n (customer_id, id)
      join refills r on r.customer_id = n.customer_id and r.id = n.id
      where r.delivery = 'following'${onlyOf('r.customer_id', only)}
      order by r.customer_id, r.id for update of r`.execute(tx);
    return found.rows;
  });
  return new Map(followed.map((row) => [row.id, row.status]));
}

/** What staff should know, once; a status that is understood takes the note back. */
async function writeNotes(tx: Tx, changes: readonly Change[]): Promise<void> {
  const note = ({ said }: Change) => ('note' in said ? said.note.slice(0, noteLettersMax) : '');
  const customerIds = changes.map(({ due }) => due.customerId);
  await sql`
    update refills r set note = n.note
    from unnest(${customerIds}::int[],
      ${bigints(changes.map(({ due }) => due.refillId))}, ${changes.map(note)}::text[]
    ) as n (customer_id, id, note)
    where r.customer_id = n.customer_id and r.id = n.id and r.note <> n.note
      ${onShardsOf(tx, 'r.customer_id', customerIds)}`.execute(tx);
}
