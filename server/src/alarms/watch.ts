import { sql } from 'kysely';
import { dayMs } from '../base/index.ts';
import { advisoryLocks, type Ctx, inTransaction, type Tx } from '../db/index.ts';
import { enqueueMail } from '../mail/index.ts';
import { type Condition, readConditions } from './conditions.ts';
import { type AlarmEvent, bodyOf } from './message.ts';
import { selectSettings } from './settings.ts';

/** Where conditions come from that not every process can see: a disk. */
export type ConditionSource = { name: string; read: () => Promise<Condition[]> };

/** A condition with the name of its source; empty: the database, which all see. */
type Seen = Condition & { source: string };

const detailLettersMax = 500;
const keptDays = 90;

/**
 * Looks at all conditions, and tells of those that have begun or ended since anybody last looked:
 * the log, and by outboxes the addresses and the webhook of the settings.
 */
export async function watchAlarms(
  ctx: Ctx,
  sources: readonly ConditionSource[] = [],
): Promise<AlarmEvent[]> {
  const at = ctx.clock.now();
  const looks = await Promise.all(sources.map((source) => lookAt(ctx, source)));
  const events = await inTransaction(ctx.db, async (tx) => {
    await sql`select pg_advisory_xact_lock(${advisoryLocks.alarms})`.execute(tx);
    const stored = (await readConditions(tx, at)).map((one) => ({ ...one, source: '' }));
    const seen = [...stored, ...looks.flatMap((look) => look?.seen ?? [])];
    const looked = ['', ...looks.flatMap((look) => look?.name ?? [])];
    const ended = await end(tx, { seen, looked, at });
    const changes = [...ended, ...(await begin(tx, seen, at))];
    await announce(tx, changes, at);
    return changes;
  });
  for (const { event, name, subject, detail } of events) {
    if (event === 'began') ctx.log.error({ alarm: name, subject, detail }, 'an alarm begins');
    else ctx.log.info({ alarm: name, subject }, 'an alarm ends');
  }
  return events;
}

/** @returns undefined when it can't be seen: then nothing of it begins or ends. */
async function lookAt(
  ctx: Ctx,
  { name, read }: ConditionSource,
): Promise<{ name: string; seen: Seen[] } | undefined> {
  try {
    return { name, seen: (await read()).map((one) => ({ ...one, source: name })) };
  } catch (error) {
    ctx.log.warn({ error, source: name }, 'a source of alarms could not be read');
    return undefined;
  }
}

async function begin(tx: Tx, conditions: readonly Seen[], at: Date): Promise<AlarmEvent[]> {
  if (conditions.length === 0) return [];
  const column = (read: (one: Seen) => string) => conditions.map(read);
  const begun = await sql<Condition>`
    insert into alarms (name, subject, source, detail, began_at)
    select c.*, ${at}::timestamptz
    from unnest(${column(({ name }) => name)}::text[], ${column(({ subject }) => subject)}::text[],
      ${column(({ source }) => source)}::text[],
      ${column(({ detail }) => detail.slice(0, detailLettersMax))}::text[]) c
    on conflict (name, subject) where ended_at is null do nothing
    returning name, subject, detail`.execute(tx);
  return begun.rows.map((row) => ({ event: 'began', ...row, at }));
}

async function end(
  tx: Tx,
  { seen, looked, at }: { seen: readonly Seen[]; looked: readonly string[]; at: Date },
): Promise<AlarmEvent[]> {
  const ended = await sql<Condition>`
    update alarms a set ended_at = ${at}::timestamptz
    where ended_at is null and source = any(${looked}::text[]) and not exists (
      select from unnest(${seen.map(({ name }) => name)}::text[],
        ${seen.map(({ subject }) => subject)}::text[]) c (name, subject)
      where c.name = a.name and c.subject = a.subject)
    returning name, subject, detail`.execute(tx);
  const keptSince = new Date(at.getTime() - keptDays * dayMs);
  await sql`
    with old as (
      delete from alarms where ended_at < ${keptSince}::timestamptz
    )
    delete from alarm_calls where due_at is null
      and created_at < ${keptSince}::timestamptz`.execute(tx);
  return ended.rows.map((row) => ({ event: 'ended', ...row, at }));
}

async function announce(tx: Tx, events: readonly AlarmEvent[], at: Date): Promise<void> {
  if (events.length === 0) return;
  const { emails, language, webhookUrl } = await selectSettings(tx);
  for (const event of events) {
    const { name, subject, detail } = event;
    for (const to of emails) {
      const values = { event: event.event, name, subject, detail, time: at.toISOString() };
      await enqueueMail(tx, { to, language, kind: 'alarm', values, at });
    }
    if (webhookUrl === '') continue;
    await tx
      .insertInto('alarm_calls')
      .values({ body: bodyOf(event), due_at: at, created_at: at })
      .execute();
  }
}
