import type { CustomerId } from '../base/index.ts';
import { type Ctx, inTransaction, notifyChange, type Tx } from '../db/index.ts';
import type { Keyring } from './keyring.ts';

/** The base context; a process that answers calls has its keyring in it. */
export type CustomersCtx = Ctx & { keyring?: Pick<Keyring, 'onChange'> };

/**
 * Runs a transaction that changes what keyrings hold of a customer. Every process is notified by
 * the commit; this one forgets before the command answers, since its own notification may arrive
 * a moment after that.
 */
export async function changeCustomer<T>(
  ctx: CustomersCtx,
  customerId: CustomerId,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const change = { kind: 'customer', customerId } as const;
  const result = await inTransaction(ctx.db, async (tx) => {
    const answer = await work(tx);
    await notifyChange(tx, change);
    return answer;
  });
  ctx.keyring?.onChange(change);
  return result;
}
