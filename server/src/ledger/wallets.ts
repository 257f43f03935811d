import { type Amount, AppError, type CustomerId, zero } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
import { lockWallets } from './transfers.ts';

/** Gives a new customer an empty wallet without credit. */
export async function openWallet(tx: Tx, customerId: CustomerId): Promise<void> {
  await tx.insertInto('wallets').values({ customer_id: customerId, balance: zero }).execute();
}

/**
 * Sets how far below 0 a wallet may go, and keeps from which transfer on it holds.
 * @returns the limit before
 * @throws AppError `conflict` when the balance is already below the new limit
 */
export async function setCreditLimit(
  tx: Tx,
  input: { customerId: CustomerId; creditLimit: Amount; at: Date },
): Promise<Amount> {
  const wallet = (await lockWallets(tx, [input.customerId])).get(input.customerId);
  if (wallet === undefined) throw new AppError('not_found', `no customer ${input.customerId}`);
  if (wallet.balance < -input.creditLimit) {
    throw new AppError('conflict', 'the balance is already below this credit limit');
  }
  await tx
    .updateTable('wallets')
    .set({ credit_limit: input.creditLimit })
    .where('customer_id', '=', input.customerId)
    .execute();
  await tx
    .insertInto('credit_limits')
    .values({
      customer_id: input.customerId,
      from_number: wallet.transferCount + 1n,
      credit_limit: input.creditLimit,
      created_at: input.at,
    })
    .execute();
  return wallet.creditLimit;
}
