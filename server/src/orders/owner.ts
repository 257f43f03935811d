import { AppError, type CustomerId, type OrderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/**
 * Whose an order is: staff name an order by its number alone.
 * @throws AppError `incorrect_order` for an unknown one
 */
export async function readOwner(
  db: Db,
  orderId: OrderId,
): Promise<{ customerId: CustomerId; customer: string }> {
  const row = await db
    .selectFrom('orders as o')
    .innerJoin('customers as c', 'c.id', 'o.customer_id')
    .select(['o.customer_id as customerId', 'c.name as customer'])
    .where('o.id', '=', orderId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('incorrect_order', `no order ${orderId}`);
  return row;
}
