import { sql } from 'kysely';
import { type Actor, type CustomerId, formatActor } from '../base/index.ts';
import type { Tx } from './connect.ts';
import type { Json } from './schema.gen.ts';

export type AuditEntry = {
  actor: Actor;
  action: string;
  subject: string;
  customerId?: CustomerId;
  before?: Json;
  after?: Json;
  at: Date;
};

/** Writes who changed what, in the transaction of the change itself. */
export async function recordAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit')
    .values({
      customer_id: entry.customerId ?? null,
      actor: formatActor(entry.actor),
      action: entry.action,
      subject: entry.subject,
      before: entry.before ?? null,
      after: entry.after ?? null,
      created_at: entry.at,
    })
    .execute();
}

/** Writes one kind of change of many subjects, in the transaction of the changes themselves. */
export async function recordAudits(
  tx: Tx,
  entry: { actor: Actor; action: string; at: Date },
  rows: readonly { subject: string; before: Json; after: Json }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into audit (actor, action, subject, before, after, created_at)
    select ${formatActor(entry.actor)}::text, ${entry.action}::text, r.subject, r.before::jsonb,
      r.after::jsonb, ${entry.at}::timestamptz
    from unnest(
      ${rows.map((row) => row.subject)}::text[],
      ${rows.map((row) => JSON.stringify(row.before))}::text[],
      ${rows.map((row) => JSON.stringify(row.after))}::text[]
    ) with ordinality as r (subject, before, after, number)
    order by r.number`.execute(tx);
}
