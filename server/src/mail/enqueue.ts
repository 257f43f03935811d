import { sealText } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
import type { MailKind, MailLanguage, MailValues, SealedLink } from './kinds.ts';
import { linkPlace } from './link.ts';

export type NewMail<K extends MailKind> = {
  to: string;
  language: MailLanguage;
  kind: K;
  values: MailValues[K];
  at: Date;
  /** When its link stops working: it is not sent any more then. */
  expiresAt?: Date;
};

/** Writes a mail into the outbox, in the transaction of what it tells of. */
export async function enqueueMail<K extends MailKind>(tx: Tx, mail: NewMail<K>): Promise<void> {
  // Of all that mails are told, only links are sealed.
  const { link, ...details } = mail.values as { link?: SealedLink };
  await tx
    .insertInto('mails')
    .values({
      recipient: mail.to,
      language: mail.language,
      kind: mail.kind,
      details,
      link_sealed: link ?? null,
      due_at: mail.at,
      expires_at: mail.expiresAt ?? null,
      created_at: mail.at,
    })
    .execute();
}

/** Encrypts a link that lets somebody in, for the mail to them alone. */
export function sealLink(secret: string, mail: { to: string; link: string }): SealedLink {
  const bytes: Uint8Array = sealText(secret, linkPlace(mail.to), mail.link);
  return bytes as SealedLink; // the only place that makes one
}
