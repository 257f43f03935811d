import { sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import type { Db, Json } from '../db/index.ts';
import { type AuditNames, nameRows } from './audit-names.ts';

/** Who changed what; before and after hold what is changed and nothing secret. */
export type AuditRow = {
  id: bigint;
  at: Date;
  /** `staff:ann`, `customer:7`, `customer:7 by staff:ann`, `system:sync`. */
  actor: string;
  action: string;
  subject: string;
  customerId: CustomerId | null;
  before: Json | null;
  after: Json | null;
} & AuditNames;

export type AuditFilter = {
  /** As it is written there, whole. */
  actor?: string;
  /** `key.create`, or what it begins with if that ends in a dot: `service.`. */
  action?: string;
  subject?: string;
  customerId?: CustomerId;
  /** From this moment on. */
  from?: Date;
  /** Before this moment. */
  to?: Date;
};

const rowsMax = 200;

/**
 * The audit log, newest first. `before` is the `next` of the page read last; pages neither repeat
 * nor miss a row while new ones arrive. What happens to an order is in its timeline.
 */
export async function listAudit(
  db: Db,
  filter: AuditFilter,
  page: { limit: number; before?: bigint },
): Promise<{ rows: AuditRow[]; next: bigint | null }> {
  const limit = Math.min(page.limit, rowsMax);
  const { actor, action, subject, customerId, from, to } = filter;
  const conditions = [
    ...(page.before === undefined ? [] : [sql`id < ${page.before.toString()}::bigint`]),
    ...(actor === undefined ? [] : [sql`actor = ${actor}`]),
    ...(action === undefined ? [] : [actionIs(action)]),
    ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
    ...(customerId === undefined ? [] : [sql`customer_id = ${customerId}`]),
    ...(from === undefined ? [] : [sql`created_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`created_at < ${to}::timestamptz`]),
  ];
  const found = await sql<Omit<AuditRow, keyof AuditNames>>`
    select id, created_at as at, actor, action, subject, customer_id as "customerId", before, after
    from audit
    where ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by id desc limit ${limit + 1}::int`.execute(db);
  const rows = await nameRows(db, found.rows.slice(0, limit));
  const last = rows.at(-1);
  return { rows, next: found.rows.length > limit && last !== undefined ? last.id : null };
}

const wordsMax = 300;

/**
 * What can be searched for: all actions there ever were, and who of staff and of the system did
 * them. It jumps from word to word by the indexes, so that a long log costs what a short one does.
 */
export async function listAuditWords(db: Db): Promise<{ actions: string[]; actors: string[] }> {
  const [actions, actors] = await Promise.all([
    sql<{ word: string }>`
      with recursive words as (
        (select action as word from audit order by action using ~<~ limit 1)
        union all
        select (select action from audit where action ~>~ w.word order by action using ~<~ limit 1)
        from words w where w.word is not null
      )
      select word from words where word is not null limit ${wordsMax}::int`.execute(db),
    sql<{ word: string }>`
      with recursive words as (
        (select actor as word from audit where actor >= 'staff:' order by actor limit 1)
        union all
        select (select actor from audit where actor > w.word order by actor limit 1)
        from words w where w.word is not null
      )
      select word from words where word is not null limit ${wordsMax}::int`.execute(db),
  ]);
  return {
    actions: actions.rows.map(({ word }) => word),
    actors: actors.rows.map(({ word }) => word),
  };
}

/** A whole action is a range of its index in the order of ids, however long the log is. */
function actionIs(action: string) {
  if (!action.endsWith('.')) return sql`action = ${action}`;
  return sql`action like ${`${escapeLike(action)}%`}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (letter) => `\\${letter}`);
}
