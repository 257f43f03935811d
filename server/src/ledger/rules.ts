import {
  type Amount,
  amount,
  assert,
  type CustomerId,
  int8Max,
  type OrderId,
} from '../base/index.ts';

/** The accounts of one customer's closed books. What the wallet gains, another account loses. */
export type Account = 'wallet' | 'deposits' | 'sales' | 'bonuses' | 'adjustments';

/** A customer's wallet as locked in a transaction: balances in units of 10⁻⁸. */
export type Wallet = {
  customerId: CustomerId;
  balance: Amount;
  creditLimit: Amount;
  transferCount: bigint;
  /** Its books don't add up, so nothing is moved until staff have seen to it. */
  isStopped: boolean;
};

/** What a caller asks for: an amount above 0 out of `debit` into `credit`, for a unique cause. */
export type TransferInput = {
  debit: Account;
  credit: Account;
  amount: Amount;
  reference: string;
  orderId: OrderId | null;
};

/** A transfer as it will be written: numbered, with the wallet's balance after it. */
export type Transfer = TransferInput & {
  customerId: CustomerId;
  number: bigint;
  balanceAfter: Amount;
};

/**
 * Decides one transfer on a locked wallet: the transfer and the wallet after it, or undefined when
 * the balance and credit limit don't cover it. Pure.
 */
export function planTransfer(
  wallet: Wallet,
  input: TransferInput,
): { wallet: Wallet; transfer: Transfer } | undefined {
  assert(input.amount > 0n, 'a transfer moves more than 0');
  assert((input.debit === 'wallet') !== (input.credit === 'wallet'), 'one side is the wallet');
  // More than a column can hold is more than anyone has.
  if (input.amount > int8Max) return undefined;
  const change = input.debit === 'wallet' ? -input.amount : input.amount;
  const balance = amount(wallet.balance + change);
  if (change < 0n && balance < -wallet.creditLimit) return undefined;
  const number = wallet.transferCount + 1n;
  return {
    wallet: { ...wallet, balance, transferCount: number },
    transfer: { ...input, customerId: wallet.customerId, number, balanceAfter: balance },
  };
}
