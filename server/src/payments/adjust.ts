import { randomUUID } from 'node:crypto';
import {
  type Actor,
  type Amount,
  AppError,
  amount,
  type CustomerId,
  formatAmount,
  int8Max,
  reach,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { lockWallets, postTransfers, type Wallet } from '../ledger/index.ts';
import { countSpending } from './spending.ts';
import { cleanNote } from './start.ts';

export type Adjustment = {
  customerId: CustomerId;
  /** More than 0 gives, less than 0 takes. */
  amount: Amount;
  /** Why; it stands in the audit, and in the customer's statement. */
  reason: string;
  /** The same one again changes nothing; by default each call is one of its own. */
  reference?: string;
};

const referenceForm = /^[\x21-\x7e]{1,128}$/;

/**
 * Gives to a customer's wallet or takes from it, for a reason. What is given counts to the day of
 * the member of staff; what is taken is never more than balance and credit limit allow, and is
 * refused whole beyond that.
 * @returns whether the wallet was changed now, and its balance
 * @throws AppError `not_allowed` also over the day's limit, `not_found`, `invalid_input` for an
 *   amount of 0 or no reason, `insufficient_funds` with the most that can be taken as its detail,
 *   `conflict` when the reference was used for another amount
 */
export async function adjustBalance(
  ctx: Ctx,
  actor: Actor,
  input: Adjustment,
): Promise<{ adjusted: boolean; balance: Amount }> {
  requireStaff(actor, 'payments');
  const { customerId, amount: change } = input;
  const reason = cleanNote(input.reason);
  if (reason === '') throw new AppError('invalid_input', 'an adjustment needs a reason');
  if (change === 0n) throw new AppError('invalid_input', 'an adjustment is not 0');
  const given = input.reference ?? randomUUID();
  if (!referenceForm.test(given)) {
    throw new AppError('invalid_input', 'a reference is 1 to 128 printable ASCII characters');
  }
  const reference = `adjustments:${given}`;
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const wallet = (await lockWallets(tx, [customerId])).get(customerId);
    if (wallet === undefined) throw new AppError('not_found', `no customer ${customerId}`);
    const known = await findChange(tx, customerId, reference);
    if (known !== undefined && known !== change) {
      throw new AppError('conflict', `reference ${given} was used for ${formatAmount(known)}`);
    }
    if (known !== undefined) return { adjusted: false, balance: wallet.balance };
    checkRoom(wallet, change);
    await postTransfers(tx, [transferOf(input, reference)], at);
    if (change > 0n) await countSpending(tx, actor, { amount: change, at });
    const balance = amount(wallet.balance + change);
    await recordAudit(tx, {
      actor,
      action: 'balance.adjust',
      subject: `customer:${customerId}`,
      customerId,
      before: { balance: formatAmount(wallet.balance) },
      after: { balance: formatAmount(balance), amount: formatAmount(change), reason, reference },
      at,
    });
    await reach('adjust.before_commit');
    return { adjusted: true, balance };
  });
}

function transferOf({ customerId, amount: change }: Adjustment, reference: string) {
  const way =
    change > 0n
      ? ({ debit: 'adjustments', credit: 'wallet' } as const)
      : ({ debit: 'wallet', credit: 'adjustments' } as const);
  const moved = amount(change > 0n ? change : -change);
  return { customerId, ...way, amount: moved, reference, orderId: null };
}

function checkRoom(wallet: Wallet, change: Amount): void {
  const balance = wallet.balance + change;
  if (balance > int8Max) throw new AppError('invalid_input', 'the balance would be too large');
  if (change > 0n || balance >= -wallet.creditLimit) return;
  const room = wallet.balance + wallet.creditLimit;
  const most = formatAmount(amount(room > 0n ? room : 0n));
  throw new AppError('insufficient_funds', `at most ${most} can be taken from this wallet`, {
    detail: most,
  });
}

/** What a transfer did to the wallet, by its reference. */
async function findChange(
  tx: Tx,
  customerId: CustomerId,
  reference: string,
): Promise<Amount | undefined> {
  const row = await tx
    .selectFrom('transfers')
    .select(['amount', 'credit'])
    .where('customer_id', '=', customerId)
    .where('reference', '=', reference)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return row.credit === 'wallet' ? row.amount : amount(-row.amount);
}
