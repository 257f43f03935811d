import { sql } from 'kysely';
import { minuteMs, openSealed, secondMs } from '../base/index.ts';
import type { MailCtx } from '../mail/index.ts';
import type { ProvidersCtx } from '../providers/index.ts';
import { signatureOf } from './message.ts';
import { type AlarmSettings, secretPlace, selectSettings } from './settings.ts';

export type AlarmsCtx = MailCtx & ProvidersCtx;

type Call = { id: bigint; body: string; tries: number };

const batchMax = 10;
const timeoutMs = 10 * secondMs;
/** A process that dies leaves its calls to others after this; all of a round end within it. */
const leaseMs = (batchMax + 1) * timeoutMs;
/** After each failed try; the last failure is the end. */
const pausesMs = [1, 5, 30, 120, 360, 720].map((minutes) => minutes * minuteMs);
const errorLettersMax = 500;

/**
 * Tells the webhook what is due, one after the other. What fails is tried again for some 20 hours;
 * a process that dies in between tells it a second time, under the same id.
 * @returns how many it took
 */
export async function sendAlarmCalls(ctx: AlarmsCtx): Promise<number> {
  const now = ctx.clock.now();
  const taken = await sql<Call>`
    update alarm_calls set due_at = ${new Date(now.getTime() + leaseMs)}, tries = tries + 1
    where id in (
      select id from alarm_calls where due_at <= ${now}
      order by id limit ${batchMax} for update skip locked)
    returning id, body, tries`.execute(ctx.db);
  const calls = taken.rows.sort((one, other) => Number(one.id - other.id));
  if (calls.length === 0) return 0;
  const settings = await selectSettings(ctx.db);
  for (const call of calls) await finish(ctx, call, await callWebhook(ctx, settings, call.body));
  return calls.length;
}

/** One call, now. @returns why it failed; null when the webhook answered with 2xx */
export async function callWebhook(
  ctx: AlarmsCtx,
  settings: AlarmSettings & { secretSealed: Uint8Array | null },
  body: string,
): Promise<string | null> {
  const { webhookUrl: url, secretSealed } = settings;
  try {
    if (url === '' || secretSealed === null) return 'no webhook is set';
    if (ctx.mailer.secret === undefined) return 'PANELWRIGHT_SECRET is needed to sign calls';
    const secret = openSealed(ctx.mailer.secret, secretPlace(url), secretSealed);
    const signature = signatureOf(secret, body, ctx.clock.now());
    const headers = { 'content-type': 'application/json', 'x-signature': signature };
    const signal = AbortSignal.timeout(timeoutMs);
    const status = await ctx.upstreams.post({ url, headers, body, signal });
    return status >= 200 && status < 300 ? null : `it answered with status ${status}`;
  } catch (error) {
    return describe(error).slice(0, errorLettersMax);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}

async function finish(ctx: AlarmsCtx, call: Call, failure: string | null): Promise<void> {
  const at = ctx.clock.now();
  const pauseMs = failure === null ? undefined : pausesMs[call.tries - 1];
  const isGivenUp = failure !== null && pauseMs === undefined;
  if (failure !== null) {
    ctx.log.warn({ failure, isGivenUp }, 'the webhook of alarms could not be told');
  }
  await ctx.db
    .updateTable('alarm_calls')
    .set({
      due_at: pauseMs === undefined ? null : new Date(at.getTime() + pauseMs),
      sent_at: failure === null ? at : null,
      given_up_at: isGivenUp ? at : null,
      last_error: failure ?? '',
    })
    .where('id', '=', call.id)
    .where('tries', '=', call.tries)
    .execute();
}
