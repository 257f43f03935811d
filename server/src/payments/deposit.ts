import {
  type Actor,
  type Amount,
  AppError,
  type CustomerId,
  formatAmount,
  int8Max,
  reach,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { lockWallets, postTransfers } from '../ledger/index.ts';
import { announceCredit } from './announce.ts';
import { countSpending } from './spending.ts';
import { collectOwed } from './write.ts';

/** Where money that is added to a wallet comes from. */
export type FundsSource = 'deposits' | 'bonuses' | 'adjustments';

const referenceForm = /^[\x21-\x7e]{1,128}$/;

/**
 * Adds funds to a customer's wallet. The same reference again adds nothing, so a payment that is
 * reported twice pays once. They count to the day of the member of staff who adds them. Out of a
 * deposit, what the customer owes of returned payments is taken first.
 * @returns whether funds were added now
 * @throws AppError `not_allowed` for a customer and over the day's limit, `not_found`,
 *   `invalid_input` for an amount of 0 or a bad reference, `conflict` when the reference was used
 *   for another amount
 */
export async function addFunds(
  ctx: Ctx,
  actor: Actor,
  input: { customerId: CustomerId; amount: Amount; reference: string; source?: FundsSource },
): Promise<boolean> {
  requireStaff(actor, 'payments');
  const { customerId, amount } = input;
  const source = input.source ?? 'deposits';
  if (amount <= 0n) throw new AppError('invalid_input', 'an amount is more than 0');
  if (!referenceForm.test(input.reference)) {
    throw new AppError('invalid_input', 'a reference is 1 to 128 printable ASCII characters');
  }
  const reference = `${source}:${input.reference}`;
  const at = ctx.clock.now();
  const isNew = await inTransaction(ctx.db, async (tx) => {
    // The wallet's lock makes two reports of one payment take turns.
    const wallet = (await lockWallets(tx, [customerId])).get(customerId);
    if (wallet === undefined) throw new AppError('not_found', `no customer ${customerId}`);
    if (wallet.balance + amount > int8Max) {
      throw new AppError('invalid_input', 'the balance would be too large');
    }
    const known = await findAmount(tx, customerId, reference);
    if (known !== undefined && known !== amount) {
      throw new AppError(
        'conflict',
        `reference ${input.reference} was used for ${formatAmount(known)}`,
      );
    }
    if (known !== undefined) return false;
    const transfer = { debit: source, credit: 'wallet' as const, amount, reference, orderId: null };
    await postTransfers(tx, [{ customerId, ...transfer }], at);
    if (source === 'deposits') {
      await collectOwed(tx, customerId, { actor, at });
      const { currency } = await tx
        .selectFrom('settings')
        .select('currency')
        .executeTakeFirstOrThrow();
      await announceCredit(tx, { customerId, credit: amount, currency }, at);
    }
    await countSpending(tx, actor, { amount, at });
    await recordAudit(tx, {
      actor,
      action: 'funds.add',
      subject: `customer:${customerId}`,
      customerId,
      after: { amount: formatAmount(amount), reference },
      at,
    });
    await reach('deposit.before_commit');
    return true;
  });
  await reach('deposit.after_commit');
  return isNew;
}

async function findAmount(
  tx: Tx,
  customerId: CustomerId,
  reference: string,
): Promise<Amount | undefined> {
  const row = await tx
    .selectFrom('transfers')
    .select('amount')
    .where('customer_id', '=', customerId)
    .where('reference', '=', reference)
    .executeTakeFirst();
  return row?.amount;
}
