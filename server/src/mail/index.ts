/**
 * The outbox: what is mailed to users, in their language.
 * Invariants: a mail is written in the transaction of what it tells of, so there is none of what
 * did not happen; no link that lets somebody in lies in clear, and none stays once it is sent.
 */
export { enqueueMail, type NewMail, sealLink } from './enqueue.ts';
export type { MailKind, MailLanguage, MailValues, SealedLink } from './kinds.ts';
export { createMailer, type Mailer, type MailerOptions } from './mailer.ts';
export { mailNotices, type Notice, writeNotices } from './notices.ts';
export { countMails, hastenMails, listMails, type MailCounts, type OutboxMail } from './outbox.ts';
export { dropOldMails, type MailCtx, sendDueMails, sendTestMail } from './send.ts';
