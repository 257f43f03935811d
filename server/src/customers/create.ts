import { type Actor, AppError, type CustomerId } from '../base/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { openWallet } from '../ledger/index.ts';
import { requireStaff } from './permission.ts';

const nameLengthMax = 200;

export type NewCustomer = { name: string; language?: 'en' | 'zh-CN' };

/**
 * Creates a customer with an empty wallet.
 * @throws AppError `not_allowed` for a customer, `invalid_input` for a name of 0 or over 200
 *   letters
 */
export async function createCustomer(
  ctx: Ctx,
  actor: Actor,
  input: NewCustomer,
): Promise<CustomerId> {
  requireStaff(actor, 'customers');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, (tx) => insertCustomer(tx, { ...input, actor, at }));
}

/**
 * Creates a customer in the transaction of who signs up.
 * @throws AppError `invalid_input` for a name of 0 or over 200 letters
 */
export async function insertCustomer(
  tx: Tx,
  input: NewCustomer & { actor: Actor; at: Date },
): Promise<CustomerId> {
  const { actor, at, language = 'en' } = input;
  const name = input.name.trim();
  if (name.length === 0 || name.length > nameLengthMax) {
    throw new AppError('invalid_input', `a customer's name has 1 to ${nameLengthMax} characters`);
  }
  const { id } = await tx
    .insertInto('customers')
    .values({ name, language, created_at: at })
    .returning('id')
    .executeTakeFirstOrThrow();
  await openWallet(tx, id);
  await recordAudit(tx, {
    actor,
    action: 'customer.create',
    subject: `customer:${id}`,
    customerId: id,
    after: { name },
    at,
  });
  return id;
}
