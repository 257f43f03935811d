import { sql } from 'kysely';
import { type Actor, formatActor } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
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
