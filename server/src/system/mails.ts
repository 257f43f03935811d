import type { Actor } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import { hastenMails, type MailCtx, type MailLanguage, sendTestMail } from '../mail/index.ts';

/**
 * Has all mails that wait tried at once, after what kept them is mended. @returns how many
 * @throws AppError `not_allowed`
 */
export async function retryMails(ctx: Ctx, actor: Actor): Promise<number> {
  requireStaff(actor, 'system');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const mails = await hastenMails(tx, at);
    await recordAudit(tx, { actor, action: 'mails.retry', subject: 'mails', after: { mails }, at });
    return mails;
  });
}

/**
 * Tries the SMTP server with a mail to whoever asks. @returns why it failed; null for a success
 * @throws AppError `not_allowed`
 */
export async function testMail(
  ctx: MailCtx,
  actor: Actor,
  input: { to: string; language: MailLanguage },
): Promise<string | null> {
  requireStaff(actor, 'settings');
  return sendTestMail(ctx, input);
}
