import { type Amount, type CustomerId, showAmount } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
import { enqueueMail } from '../mail/index.ts';

type Credit = { customerId: CustomerId; credit: Amount; currency: string };

/**
 * Mails that money was credited to whoever signs in for the customer and wants such mails; a block.
 * The balance is the one after it.
 */
export async function announceCredit(
  tx: Tx,
  { customerId, credit, currency }: Credit,
  at: Date,
): Promise<void> {
  const user = await tx
    .selectFrom('users as u')
    .innerJoin('customers as c', 'c.id', 'u.customer_id')
    .innerJoin('wallets as w', 'w.customer_id', 'c.id')
    .select(['u.email', 'c.language', 'w.balance'])
    .where('u.customer_id', '=', customerId)
    .where('u.email_confirmed', '=', true)
    .where((eb) => eb(eb.val('deposits'), '=', eb.fn.any('c.notifications')))
    .executeTakeFirst();
  if (user === undefined) return;
  const values = {
    amount: showAmount(credit, currency),
    balance: showAmount(user.balance, currency),
    currency,
  };
  const { email: to, language } = user;
  await enqueueMail(tx, { to, language, kind: 'deposit_credited', values, at });
}
