import { sql } from 'kysely';
import { type Actor, type CustomerId, formatActor } from '../base/index.ts';
import type { Tx } from './connect.ts';
import type { Json } from './schema.gen.ts';

/** All that is noted of; rows of older releases may say something else. */
export const auditActions = [
  'alarms.set',
  'backups.end',
  'balance.adjust',
  'cancel.decide',
  'cancel.request',
  'category.move',
  'category.rename',
  'customer.act_as',
  'customer.act_as_end',
  'customer.create',
  'customer.freeze',
  'customer.price',
  'customer.profile',
  'customer.unfreeze',
  'customer.update',
  'delivery.acknowledge',
  'delivery.decide',
  'delivery.send_by',
  'figures.recompute',
  'funds.add',
  'key.addresses',
  'key.create',
  'key.revoke',
  'link.block',
  'link.unblock',
  'mails.retry',
  'money.lift',
  'money.stop',
  'payment.clear_flag',
  'payment.confirm',
  'payment.reject',
  'payment.waive',
  'payment_method.add',
  'payment_method.move',
  'payment_method.update',
  'payment_stray.dismiss',
  'provider.add',
  'provider.calibrate',
  'provider.import',
  'provider.state',
  'provider.sync',
  'provider.update',
  'refill.decide',
  'refill.follow',
  'refill.forward',
  'refill.late_answer',
  'refill.request',
  'refill.send',
  'restore.confirm',
  'retention.drop',
  'retention.set',
  'service.change.apply',
  'service.change.reject',
  'service.create',
  'service.duplicate',
  'service.move',
  'service.reprice',
  'service.routes',
  'service.update',
  'settings.logo',
  'settings.update',
  'staff.add',
  'staff.end_sessions',
  'staff.reset_factors',
  'staff.update',
  'user.add',
  'user.password_link',
] as const;
export type AuditAction = (typeof auditActions)[number];

export type AuditEntry = {
  actor: Actor;
  action: AuditAction;
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
  entry: Pick<AuditEntry, 'actor' | 'action' | 'at'>,
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
