import { sql } from 'kysely';
import { type Actor, AppError, type CustomerId, formatActor } from '../base/index.ts';
import { type Ctx, type Db, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { requireStaff } from './permission.ts';

/** What a check of the books or orders found broken of a customer. */
export type Finding = { invariant: string; check: string; subject: string; detail: string };

/** Why and since when a customer's money does not move. */
export type MoneyStop = { stoppedAt: Date; findings: Finding[] };

const findingsMax = 100;
const reasonLettersMax = 500;

/**
 * Stops a customer's money because of what a check found; a block. From its commit on no command of
 * any process moves it. What was found before, and let pass by staff as it was, stops nobody again.
 * @returns whether that was a change
 */
export async function stopMoney(
  tx: Tx,
  input: { customerId: CustomerId; findings: readonly Finding[]; actor: Actor; at: Date },
): Promise<boolean> {
  const { customerId, actor, at } = input;
  await lockWallet(tx, customerId);
  const before = await tx
    .selectFrom('money_stops')
    .select(['broken', 'lifted_at as liftedAt'])
    .where('customer_id', '=', customerId)
    .execute();
  if (before.some(({ liftedAt }) => liftedAt === null)) return false;
  const passed = new Set(before.flatMap(({ broken }) => findingsOf(broken).map(nameOf)));
  const findings = input.findings.filter((finding) => !passed.has(nameOf(finding)));
  if (findings.length === 0) return false;
  const broken = { list: findings.slice(0, findingsMax) };
  await tx
    .insertInto('money_stops')
    .values({ customer_id: customerId, stopped_at: at, broken })
    .execute();
  await setStopped(tx, customerId, at);
  const subject = `customer:${customerId}`;
  await recordAudit(tx, { actor, action: 'money.stop', subject, customerId, after: broken, at });
  return true;
}

/**
 * Lets a customer's money move again, after staff have seen to what was found.
 * @throws AppError `not_allowed`, `invalid_input` without a reason, `conflict` when it is not
 *   stopped
 */
export async function liftMoneyStop(
  ctx: Ctx,
  actor: Actor,
  input: { customerId: CustomerId; reason: string },
): Promise<void> {
  requireStaff(actor, 'payments');
  const { customerId } = input;
  const reason = input.reason.trim();
  if (reason === '' || reason.length > reasonLettersMax) {
    throw new AppError('invalid_input', `a reason has 1 to ${reasonLettersMax} letters`);
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    await lockWallet(tx, customerId);
    const lifted = await tx
      .updateTable('money_stops')
      .set({ lifted_at: at, lifted_by: formatActor(actor), reason })
      .where('customer_id', '=', customerId)
      .where('lifted_at', 'is', null)
      .returning('broken')
      .executeTakeFirst();
    if (lifted === undefined) {
      throw new AppError('conflict', `the money of customer ${customerId} is not stopped`);
    }
    await setStopped(tx, customerId, null);
    const subject = `customer:${customerId}`;
    const change = { before: lifted.broken, after: { reason } };
    await recordAudit(tx, { actor, action: 'money.lift', subject, customerId, ...change, at });
  });
}

/** Why a customer's money is stopped; null where it moves. */
export async function readMoneyStop(db: Db, customerId: CustomerId): Promise<MoneyStop | null> {
  const row = await db
    .selectFrom('money_stops')
    .select(['stopped_at as stoppedAt', 'broken'])
    .where('customer_id', '=', customerId)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : { stoppedAt: row.stoppedAt, findings: findingsOf(row.broken) };
}

/** Under its lock nothing moves the money: what began before has ended. */
async function lockWallet(tx: Tx, customerId: CustomerId): Promise<void> {
  await sql`select from wallets where customer_id = ${customerId} for update`.execute(tx);
}

async function setStopped(tx: Tx, customerId: CustomerId, at: Date | null): Promise<void> {
  await tx
    .updateTable('wallets')
    .set({ stopped_at: at })
    .where('customer_id', '=', customerId)
    .execute();
}

/** Written by `stopMoney`: in an object, as a list would be taken for an array of PostgreSQL's. */
function findingsOf(broken: unknown): Finding[] {
  return Object(broken).list as Finding[];
}

function nameOf({ check, subject, detail }: Finding): string {
  return JSON.stringify([check, subject, detail]);
}
