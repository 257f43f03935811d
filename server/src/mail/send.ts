import { sql } from 'kysely';
import { dayMs, minuteMs, openSealed, secondMs, waitBy } from '../base/index.ts';
import { type Ctx, type Db, inTransaction, type Json } from '../db/index.ts';
import type { Letter, MailKind, MailLanguage, TextValues } from './kinds.ts';
import { linkPlace } from './link.ts';
import { type Mailer, sendTimeoutMs } from './mailer.ts';
import { english } from './text-en.ts';
import { chinese } from './text-zh.ts';

export type MailCtx = Ctx & { mailer: Mailer };

type Row = {
  id: bigint;
  recipient: string;
  language: MailLanguage;
  kind: string;
  details: Json;
  link_sealed: Uint8Array | null;
  tries: number;
  expires_at: Date | null;
  created_at: Date;
};

const batchMax = 20;
/** A process that dies while it sends leaves its mails to others after this. */
const leaseMs = sendTimeoutMs + 2 * minuteMs;
/** After each failed try; the last failure is the end. */
const pausesMs = [1, 5, 30, 120, 360, 720].map((minutes) => minutes * minuteMs);
const keptMs = 30 * dayMs;
/** What is older is no news: without an SMTP server mails may have waited for months. */
const newsMs = 7 * dayMs;
const errorLettersMax = 500;
/** A worker that stops waits for the database no longer than a minute. */
const recordAttemptsMax = 60;

/**
 * Sends mails that are due and answers how many it took. Each is taken under a lease, sent outside
 * any transaction, and emptied once it is sent. A process that dies in between sends it again under
 * the same message id.
 */
export async function sendDueMails(ctx: MailCtx): Promise<number> {
  if (ctx.mailer.mode === 'keep') return 0;
  const { rows, panel } = await takeDue(ctx);
  const ended = await Promise.allSettled(rows.map((row) => sendOne(ctx, row, panel)));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return rows.length;
}

/**
 * Sends a mail at once, to try the SMTP server. @returns why it failed; null when it was sent, or
 * written to the log where that is what the panel does
 */
export async function sendTestMail(
  ctx: MailCtx,
  input: { to: string; language: MailLanguage },
): Promise<string | null> {
  const panel = await readName(ctx.db);
  const letter = (input.language === 'zh-CN' ? chinese : english).test({ panel });
  const messageId = `<test.${ctx.clock.now().getTime()}@panelwright.invalid>`;
  try {
    await ctx.mailer.send({ ...letter, to: input.to, messageId });
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * As it can be stored, whatever a server answers. Never empty: a mail with a reason is one that
 * waits, see `hastenMails`.
 */
function reasonOf(error: unknown): string {
  const isError = error instanceof Error;
  const cause = isError && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const text = isError ? `${error.message || error.name}${cause}` : String(error);
  return text.replaceAll('\0', '').slice(0, errorLettersMax).toWellFormed() || 'unknown';
}

/** Deletes what is left of mails that were sent or given up a month ago. */
export async function dropOldMails(ctx: Ctx): Promise<void> {
  await ctx.db
    .deleteFrom('mails')
    .where('due_at', 'is', null)
    .where('created_at', '<', new Date(ctx.clock.now().getTime() - keptMs))
    .execute();
}

/** With the panel's name: were it not readable later, the mails would wait out their lease. */
async function takeDue(ctx: MailCtx): Promise<{ rows: Row[]; panel: string }> {
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + leaseMs);
  return inTransaction(ctx.db, async (tx) => {
    const taken = await sql<Row>`
      update mails set due_at = ${until}, tries = tries + 1, last_error = ''
      where id in (
        select id from mails where due_at <= ${now}
        order by due_at limit ${batchMax} for update skip locked)
      returning id, recipient, language, kind, details, link_sealed, tries, expires_at,
        created_at`.execute(tx);
    return { rows: taken.rows, panel: taken.rows.length === 0 ? '' : await readName(tx) };
  });
}

async function readName(db: Db): Promise<string> {
  const { name } = await db.selectFrom('settings').select('name').executeTakeFirstOrThrow();
  return name;
}

async function sendOne(ctx: MailCtx, row: Row, panel: string): Promise<void> {
  const now = ctx.clock.now();
  try {
    const stale = staleness(row, now);
    if (stale !== undefined) return await finish(ctx, row, { error: stale });
    const letter = compose(ctx.mailer, row, panel);
    const messageId = `<${row.id}.${row.created_at.getTime()}@panelwright.invalid>`;
    await ctx.mailer.send({ ...letter, to: row.recipient, messageId });
  } catch (error) {
    return retry(ctx, row, error);
  }
  await recordSent(ctx, row);
}

/** Why a mail is not worth sending any more. */
function staleness({ expires_at, created_at }: Row, now: Date): string | undefined {
  if (expires_at !== null) {
    return expires_at <= now ? 'its link had expired before it could be sent' : undefined;
  }
  const isOld = now.getTime() - created_at.getTime() > newsMs;
  return isOld ? 'it had waited for more than 7 days before it could be sent' : undefined;
}

/** Writes it again and again while the database is away: else the mail would be sent anew. */
async function recordSent(ctx: MailCtx, row: Row): Promise<void> {
  const sentAt = ctx.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await finish(ctx, row, { sentAt });
    } catch (error) {
      if (attempt === recordAttemptsMax) throw error;
      await waitBy(ctx.clock, secondMs);
    }
  }
}

async function retry(ctx: MailCtx, row: Row, error: unknown): Promise<void> {
  const message = reasonOf(error);
  const pauseMs = pausesMs[row.tries - 1];
  if (pauseMs === undefined) {
    ctx.log.error({ mail: row.id, error: message }, 'a mail is given up');
    return finish(ctx, row, { error: message });
  }
  ctx.log.warn({ mail: row.id, error: message }, 'a mail could not be sent, and waits');
  await ctx.db
    .updateTable('mails')
    .set({ due_at: new Date(ctx.clock.now().getTime() + pauseMs), last_error: message })
    .where('id', '=', row.id)
    .where('tries', '=', row.tries)
    .where('due_at', 'is not', null)
    .execute();
}

/** Empties a mail that was sent, or is given up by who has it still. */
async function finish(
  ctx: MailCtx,
  row: Row,
  end: { sentAt: Date } | { error: string },
): Promise<void> {
  const isSent = 'sentAt' in end;
  await ctx.db
    .updateTable('mails')
    .set({
      due_at: null,
      sent_at: isSent ? end.sentAt : null,
      given_up_at: isSent ? null : ctx.clock.now(),
      last_error: isSent ? '' : end.error,
      details: {},
      link_sealed: null,
    })
    .where('id', '=', row.id)
    .where('due_at', 'is not', null)
    .$if(!isSent, (query) => query.where('tries', '=', row.tries))
    .execute();
}

/** Rows were written by `enqueueMail`, so their details are those of their kind. */
function compose(mailer: Mailer, row: Row, panel: string): Letter {
  const texts = row.language === 'zh-CN' ? chinese : english;
  const write: unknown = Reflect.get(texts, row.kind);
  if (typeof write !== 'function') throw new Error(`no text for mails of kind ${row.kind}`);
  const values = { ...row.details, panel, ...openLink(mailer, row) };
  return (write as (values: TextValues<MailKind>) => Letter)(values as TextValues<MailKind>);
}

function openLink(mailer: Mailer, row: Row): { link?: string } {
  if (row.link_sealed === null) return {};
  if (mailer.secret === undefined) throw new Error('PANELWRIGHT_SECRET is needed for this mail');
  return { link: openSealed(mailer.secret, linkPlace(row.recipient), row.link_sealed) };
}
