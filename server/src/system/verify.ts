import { sql } from 'kysely';
import { type Actor, AppError } from '../base/index.ts';
import { cancelChecks } from '../cancels/index.ts';
import { requireStaff } from '../customers/index.ts';
import {
  advisoryLocks,
  applicationRole,
  type Check,
  type CheckOptions,
  type CheckReport,
  type Ctx,
  countOf,
  type Db,
  runChecks,
} from '../db/index.ts';
import { figureChecks } from '../figures/index.ts';
import { deliveryChecks } from '../fulfilment/index.ts';
import { ledgerChecks } from '../ledger/index.ts';
import { orderChecks } from '../orders/index.ts';
import { paymentChecks } from '../payments/index.ts';
import { refillChecks } from '../refills/index.ts';

const appendOnly = sql`unnest(array['transfers', 'order_events', 'audit', 'credit_limits',
  'delivery_events', 'payment_events'])`;

const accessChecks: readonly Check[] = [
  {
    invariant: 'I11',
    name: 'append_only_for_the_server',
    count: countOf({ from: appendOnly }),
    // A right to some of the columns is a right to rewrite too, and one to a month is one to the
    // table.
    broken: sql`
      select 'table ' || t.name as subject,
      ${applicationRole}::text || ' may ' || p.privilege as detail
      from (
        select name::regclass from ${appendOnly} as tables (name)
        union all
        select inhrelid from ${appendOnly} as tables (name)
        join pg_inherits on inhparent = name::regclass
      ) as t (name)
      cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as p (privilege)
      where has_table_privilege(${applicationRole}::text, t.name, p.privilege)
        or (p.privilege = 'UPDATE'
          and has_any_column_privilege(${applicationRole}::text, t.name, p.privilege))`,
  },
];

/** What can be broken of one customer. */
export const customerChecks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...deliveryChecks,
  ...refillChecks,
  ...cancelChecks,
  ...paymentChecks,
];

/** All that can be broken. */
export const allChecks: readonly Check[] = [...customerChecks, ...figureChecks, ...accessChecks];

/** What a worker checks by the way rests so many times as long as it reads: a quarter of a core. */
export const restsPerRead = 3;

/**
 * Checks the invariants of books, orders and their history that the database can show, in one
 * read-only snapshot, beside a working server.
 */
export function verify(db: Db, options: CheckOptions = {}): Promise<CheckReport> {
  return runChecks(db, allChecks, options);
}

/**
 * What an earlier run left is taken as known, unless all is to be read. That what was read could
 * not be kept for the next one is told by the log.
 */
export function partsKnown(
  ctx: Pick<Ctx, 'clock' | 'log'>,
  isWhole = false,
): NonNullable<CheckOptions['parts']> {
  const onNotKept = (error: unknown) =>
    ctx.log.warn({ error }, 'what verify read could not be kept for the next time');
  return { now: ctx.clock.now(), isWhole, onNotKept };
}

/**
 * The same for staff who wait and look on. It reads the whole database, so of all processes one
 * does it at a time.
 * @throws AppError `not_allowed`, `conflict` while another runs; the signal's reason when it is
 *   given up
 */
export async function runVerify(
  ctx: Pick<Ctx, 'db' | 'clock' | 'log'>,
  actor: Actor,
  options: CheckOptions = {},
): Promise<CheckReport> {
  requireStaff(actor, 'system');
  const parts = partsKnown(ctx);
  return runChecks(ctx.db, allChecks, { parts, ...options, first: takeTurn });
}

/** @throws AppError `conflict` while another process verifies */
async function takeTurn(tx: Db): Promise<void> {
  const found = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(${advisoryLocks.verify}) as taken`.execute(tx);
  if (found.rows[0]?.taken !== true) {
    throw new AppError('conflict', 'a verification is under way');
  }
}
