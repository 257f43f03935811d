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
