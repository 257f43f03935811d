import type { Actor } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { inTransaction } from '../db/index.ts';
import { enqueueMail } from '../mail/index.ts';
import { type AlarmEvent, bodyOf } from './message.ts';
import { type AlarmsCtx, callWebhook } from './send.ts';
import { selectSettings } from './settings.ts';

/**
 * Sends a test alarm to everybody who is told: mails into the outbox, the webhook at once.
 * @returns to how many addresses, and why the webhook failed; null when it took it or there is none
 * @throws AppError `not_allowed`
 */
export async function testAlarm(
  ctx: AlarmsCtx,
  actor: Actor,
): Promise<{ mails: number; failure: string | null }> {
  requireStaff(actor, 'settings');
  const at = ctx.clock.now();
  const event: AlarmEvent = { event: 'test', name: 'test', subject: '', detail: '', at };
  const settings = await selectSettings(ctx.db);
  const { emails, language, webhookUrl } = settings;
  const { name, subject, detail } = event;
  const values = { event: 'test' as const, name, subject, detail, time: at.toISOString() };
  await inTransaction(ctx.db, async (tx) => {
    for (const to of emails) await enqueueMail(tx, { to, language, kind: 'alarm', values, at });
  });
  const failure = webhookUrl === '' ? null : await callWebhook(ctx, settings, bodyOf(event));
  return { mails: emails.length, failure };
}
