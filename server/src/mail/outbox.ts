import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../db/index.ts';

/** What staff see of a mail: whom it is for and how it goes, never what it says. */
export type OutboxMail = {
  id: bigint;
  recipient: string;
  kind: string;
  tries: number;
  /** When it is tried next; null once it is given up. */
  dueAt: Date | null;
  givenUpAt: Date | null;
  error: string;
  createdAt: Date;
};

/** What did not go out: of those that wait, how many were tried already. */
export type MailCounts = { waiting: number; retrying: number; failed: number };

const mailsMax = 100;

/** Which mails: those that wait, or those that were given up (kept for a month). */
const states: Readonly<Record<'waiting' | 'failed', RawBuilder<boolean>>> = {
  waiting: sql`due_at is not null`,
  failed: sql`given_up_at is not null`,
};

/** Counts what waits in the outbox and what was given up. */
export async function countMails(db: Db): Promise<MailCounts> {
  const found = await sql<MailCounts>`
    select (select count(*)::int from mails where ${states.waiting}) as waiting,
      (select count(*)::int from mails where ${states.waiting} and tries > 0) as retrying,
      (select count(*)::int from mails where ${states.failed}) as failed`.execute(db);
  const [counts] = found.rows;
  if (counts === undefined) throw new Error('the counts are one row');
  return counts;
}

/** Mails that wait or were given up, newest first. `before` is the last one of the page before. */
export async function listMails(
  db: Db,
  state: keyof typeof states,
  page: { limit: number; before?: bigint },
): Promise<OutboxMail[]> {
  const before = page.before === undefined ? sql`true` : sql`id < ${String(page.before)}::bigint`;
  const found = await sql<OutboxMail>`
    select id, recipient, kind, tries, due_at as "dueAt", given_up_at as "givenUpAt",
      last_error as error, created_at as "createdAt"
    from mails where ${states[state]} and ${before}
    order by id desc limit ${Math.min(page.limit, mailsMax)}::int`.execute(db);
  return found.rows;
}

/**
 * Lets all mails that wait be tried at once, after what kept them is mended. The try is one more
 * than they have: whoever asks too early, or often, uses none up. Those that are being sent, which
 * have been tried and have no error, are left to who sends them. @returns how many
 */
export async function hastenMails(tx: Tx, at: Date): Promise<number> {
  const hastened = await sql<{ id: bigint }>`
    update mails set due_at = ${at}::timestamptz, tries = tries - (tries > 1)::int
    where due_at > ${at}::timestamptz and (tries = 0 or last_error <> '')
    returning id`.execute(tx);
  return hastened.rows.length;
}
