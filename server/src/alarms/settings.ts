import { type Actor, AppError, type SealPlace, sealText } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Db, inTransaction, recordAudit } from '../db/index.ts';
import type { MailLanguage } from '../mail/index.ts';
import type { AlarmsCtx } from './send.ts';

/** Who is told of alarms, besides the log. */
export type AlarmSettings = {
  emails: string[];
  /** Of these mails. */
  language: MailLanguage;
  /** Empty: there is no webhook. */
  webhookUrl: string;
};

/** A secret is stored with its address: another address needs one anew. */
export type AlarmChanges = Partial<AlarmSettings> & { webhookSecret?: string };

const emailsMax = 10;
const emailForm = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
const urlLettersMax = 2_000;
const secretForm = /^[\x21-\x7e]{16,200}$/;

/** What is set, but the secret. */
export async function readAlarmSettings(db: Db): Promise<AlarmSettings> {
  const { secretSealed: _, ...settings } = await selectSettings(db);
  return settings;
}

/**
 * Changes who is told of alarms.
 * @throws AppError `not_allowed`, also without a secret of the panel; `invalid_input` with the
 *   setting's name, or `private_address`, as its detail
 */
export async function updateAlarmSettings(
  ctx: AlarmsCtx,
  actor: Actor,
  changes: AlarmChanges,
): Promise<void> {
  requireStaff(actor, 'settings');
  check(ctx, changes);
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    await tx.selectFrom('alarm_settings').select('singleton').forUpdate().execute();
    const before = await selectSettings(tx);
    const { webhookSecret, ...given } = changes;
    const after = { ...before, ...given };
    const secretSealed = sealedAfter(ctx, { before, url: after.webhookUrl, webhookSecret });
    await tx
      .updateTable('alarm_settings')
      .set({
        emails: after.emails,
        language: after.language,
        webhook_url: after.webhookUrl,
        webhook_secret_sealed: secretSealed,
      })
      .execute();
    const shown = ({ emails, language, webhookUrl }: AlarmSettings) => ({
      emails,
      language,
      webhookUrl,
    });
    const change = { before: shown(before), after: shown(after) };
    await recordAudit(tx, { actor, action: 'alarms.set', subject: 'alarms', ...change, at });
  });
}

/** What is set, with the sealed secret. */
export async function selectSettings(
  db: Db,
): Promise<AlarmSettings & { secretSealed: Uint8Array | null }> {
  return db
    .selectFrom('alarm_settings')
    .select(['emails', 'language', 'webhook_url as webhookUrl'])
    .select('webhook_secret_sealed as secretSealed')
    .executeTakeFirstOrThrow();
}

/** The secret opens for its address alone: whoever changes the address learns nothing by it. */
export function secretPlace(url: string): SealPlace {
  return { purpose: 'panelwright alarm webhook', boundTo: url };
}

function check(ctx: AlarmsCtx, { emails, webhookUrl, webhookSecret }: AlarmChanges): void {
  if (emails !== undefined) {
    const isGood = emails.length <= emailsMax && emails.every((email) => emailForm.test(email));
    if (!isGood) throw refusal('emails', `at most ${emailsMax} e-mail addresses`);
  }
  if (webhookSecret !== undefined && !secretForm.test(webhookSecret)) {
    throw refusal('webhookSecret', 'a secret is 16 to 200 printable ASCII characters');
  }
  if (webhookUrl === undefined || webhookUrl === '') return;
  const url = URL.canParse(webhookUrl) ? new URL(webhookUrl) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isHttp || url.username !== '' || webhookUrl.length > urlLettersMax) {
    throw refusal('webhookUrl', 'a webhook is an http or https address without a password');
  }
  ctx.upstreams.checkUrl(url);
}

function sealedAfter(
  ctx: AlarmsCtx,
  input: {
    before: AlarmSettings & { secretSealed: Uint8Array | null };
    url: string;
    webhookSecret: string | undefined;
  },
): Uint8Array | null {
  const { before, url, webhookSecret } = input;
  if (url === '') return null;
  if (webhookSecret === undefined) {
    if (url === before.webhookUrl) return before.secretSealed;
    throw refusal('webhookSecret', 'another address needs its secret anew');
  }
  if (ctx.mailer.secret === undefined) {
    throw new AppError('not_allowed', 'set PANELWRIGHT_SECRET: the secret is encrypted with it');
  }
  return sealText(ctx.mailer.secret, secretPlace(url), webhookSecret);
}

function refusal(detail: string, message: string): AppError {
  return new AppError('invalid_input', message, { detail });
}
