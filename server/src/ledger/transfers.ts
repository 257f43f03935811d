import { sql } from 'kysely';
import { AppError, assert, type CustomerId } from '../base/index.ts';
import { bigints, isCluster, lockable, onShardsOf, type Tx } from '../db/index.ts';
import { planTransfer, type Transfer, type TransferInput, type Wallet } from './rules.ts';

/**
 * Locks the wallets of some customers until the transaction ends, in the order of their ids so that
 * two transactions never wait for each other in a circle. A customer without a wallet is missing.
 */
export async function lockWallets(
  tx: Tx,
  customerIds: readonly CustomerId[],
): Promise<Map<CustomerId, Wallet>> {
  const wallets: Wallet[] = [];
  for (const ids of lockable(tx, customerIds, (id) => id)) {
    wallets.push(...(await lockSome(tx, ids)));
  }
  return new Map(wallets.map((wallet) => [wallet.customerId, wallet]));
}

async function lockSome(tx: Tx, customerIds: readonly CustomerId[]): Promise<Wallet[]> {
  const found = await sql<Wallet>`
    select customer_id as "customerId", balance, credit_limit as "creditLimit",
      transfer_count as "transferCount", stopped_at is not null as "isStopped"
    from wallets where customer_id = any(${customerIds}::int[])
    order by customer_id for update`.execute(tx);
  return found.rows;
}

/**
 * Refuses to move the money of a customer whose books don't add up. The wallet must be locked.
 * @throws AppError `money_stopped`
 */
export function requireMoving({ customerId, isStopped }: Wallet): void {
  if (isStopped)
    throw new AppError('money_stopped', `the money of customer ${customerId} is stopped`);
}

/**
 * Writes planned transfers and the balances they lead to. The wallets must be locked in this
 * transaction and the transfers planned on them in order.
 */
export async function writeTransfers(
  tx: Tx,
  input: { wallets: readonly Wallet[]; transfers: readonly Transfer[]; at: Date },
): Promise<void> {
  const { wallets, transfers } = input;
  if (transfers.length === 0) return;
  const customerIds = wallets.map(({ customerId }) => customerId);
  assert(!wallets.some(({ isStopped }) => isStopped), 'stopped money does not move');
  const moved = sql`
    update wallets w set balance = n.balance, transfer_count = n.transfer_count
    from unnest(${customerIds}::int[],
      ${bigints(wallets.map((w) => w.balance))},
      ${bigints(wallets.map((w) => w.transferCount))}
    ) as n (customer_id, balance, transfer_count)
    where w.customer_id = n.customer_id${onShardsOf(tx, 'w.customer_id', customerIds)}`;
  const written = sql`
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      order_id, created_at)
    select t.*, ${input.at}::timestamptz
    from unnest(${transfers.map((t) => t.customerId)}::int[],
      ${bigints(transfers.map((t) => t.number))},
      ${transfers.map((t) => t.debit)}::text[],
      ${transfers.map((t) => t.credit)}::text[],
      ${bigints(transfers.map((t) => t.amount))},
      ${bigints(transfers.map((t) => t.balanceAfter))},
      ${transfers.map((t) => t.reference)}::text[],
      ${bigints(transfers.map((t) => t.orderId))}
    ) as t`;
  if (isCluster(tx)) {
    // In one statement a cluster would show the rows of each part to all nodes.
    await moved.execute(tx);
    await written.execute(tx);
  } else {
    await sql`with moved as (${moved}) ${written}`.execute(tx);
  }
}

/**
 * Posts transfers of several customers: locks their wallets, plans each in order, writes all.
 * @throws AppError `insufficient_funds` when one is not covered (nothing is written then),
 *   `money_stopped`, `not_found` for a customer without a wallet
 */
export async function postTransfers(
  tx: Tx,
  inputs: readonly (TransferInput & { customerId: CustomerId })[],
  at: Date,
): Promise<void> {
  if (inputs.length === 0) return;
  const customerIds = [...new Set(inputs.map((input) => input.customerId))];
  const wallets = await lockWallets(tx, customerIds);
  const transfers: Transfer[] = [];
  for (const { customerId, ...input } of inputs) {
    const wallet = wallets.get(customerId);
    if (wallet === undefined) throw new AppError('not_found', `no customer ${customerId}`);
    requireMoving(wallet);
    const planned = planTransfer(wallet, input);
    if (planned === undefined) {
      throw new AppError('insufficient_funds', `the balance does not cover ${input.reference}`);
    }
    wallets.set(customerId, planned.wallet);
    transfers.push(planned.transfer);
  }
  assert(transfers.length === inputs.length, 'every transfer was planned');
  await writeTransfers(tx, { wallets: [...wallets.values()], transfers, at });
}
