import { sql } from 'kysely';
import { type Actor, formatActor } from '../base/index.ts';
import { bigints, type Json, type Tx } from '../db/index.ts';
import type { ChangeDraft } from './change-rules.ts';

/** Writes changes of services, in one statement, in the transaction of the changes themselves. */
export async function insertChanges(
  tx: Tx,
  drafts: readonly ChangeDraft[],
  entry: { actor: Actor; state: 'applied' | 'held'; at: Date },
): Promise<void> {
  if (drafts.length === 0) return;
  await sql`
    insert into service_changes (service_id, kind, before, after, state, actor, created_at)
    select c.service_id, c.kind, c.before::jsonb, c.after::jsonb, ${entry.state}::text,
      ${formatActor(entry.actor)}::text, ${entry.at}::timestamptz
    from unnest(
      ${drafts.map((draft) => draft.serviceId)}::int[],
      ${drafts.map((draft) => draft.kind)}::text[],
      ${drafts.map((draft) => JSON.stringify(draft.before))}::text[],
      ${drafts.map((draft) => JSON.stringify(draft.after))}::text[]
    ) with ordinality as c (service_id, kind, before, after, number)
    order by c.number`.execute(tx);
}

/** Takes back the rates that wait for staff; something newer has come. */
export async function dropHeldRates(tx: Tx, serviceIds: readonly number[]): Promise<void> {
  if (serviceIds.length === 0) return;
  await sql`
    delete from service_changes
    where state = 'held' and kind = 'rate'
      and service_id = any(${[...serviceIds]}::int[])`.execute(tx);
}

/** A change that waits, and what it really changes. */
export type Waiting = { id: bigint; before: Json };
type Decision = { by: string; at: Date };

/**
 * Marks changes that wait as applied, under new ids at the head of the feed: who reads that by id
 * misses nothing. Each is written anew, as a cluster takes no fresh default in an update. It is a
 * rate that follows the exchange rate, as it did when it began to wait, and so notes no cost.
 * @returns the new ids; of what waits no more there is none
 */
export async function markApplied(
  tx: Tx,
  waiting: readonly Waiting[],
  { by, at }: Decision,
): Promise<bigint[]> {
  const found = await sql<{ id: bigint }>`
    with gone as (
      delete from service_changes
      where id = any(${bigints(waiting.map(({ id }) => id))}) and state = 'held'
      returning *
    )
    insert into service_changes (service_id, kind, before, after, state, actor, created_at,
      decided_by, decided_at)
    select g.service_id, g.kind, w.before::jsonb, g.after - 'cost', 'applied', g.actor,
      g.created_at, ${by}::text, ${at}::timestamptz
    from gone g join ${rowsOf(waiting)} on w.id = g.id
    order by g.service_id
    returning id`.execute(tx);
  return found.rows.map(({ id }) => id);
}

/**
 * Marks changes that wait as rejected.
 * @returns the ids of those that did
 */
export async function markRejected(
  tx: Tx,
  waiting: readonly Waiting[],
  { by, at }: Decision,
): Promise<bigint[]> {
  const found = await sql<{ id: bigint }>`
    update service_changes c set state = 'rejected', before = w.before::jsonb, decided_by = ${by},
      decided_at = ${at}::timestamptz
    from ${rowsOf(waiting)}
    where c.id = w.id and c.state = 'held'
    returning c.id`.execute(tx);
  return found.rows.map(({ id }) => id);
}

function rowsOf(waiting: readonly Waiting[]) {
  return sql`unnest(
      ${bigints(waiting.map(({ id }) => id))},
      ${waiting.map(({ before }) => JSON.stringify(before))}::text[]
    ) as w (id, before)`;
}
