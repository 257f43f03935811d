import { sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { isRunning } from '../orders/index.ts';

/** What is going on with a customer's orders. */
export type CustomerActivity = {
  /** At most 10,000 are counted. */
  running: number;
  openRefills: number;
  openCancels: number;
  lastOrderAt: Date | null;
};

const runningMax = 10_000;

/** Reads what a customer has under way, by the indexes of what is open. */
export async function readCustomerActivity(
  db: Db,
  customerId: CustomerId,
): Promise<CustomerActivity> {
  const found = await sql<CustomerActivity>`
    select
      (select count(*)::int from (
        select from orders where customer_id = ${customerId}
          and ${isRunning}
        limit ${runningMax}::int) counted) as running,
      (select count(*)::int from refills where customer_id = ${customerId}
        and status in ('Pending', 'In progress')) as "openRefills",
      (select count(*)::int from cancels c
        join orders o on o.customer_id = c.customer_id and o.id = c.order_id
        where c.state = 'requested' and c.customer_id = ${customerId}
          and o.completed_at is null) as "openCancels",
      (select created_at from orders where customer_id = ${customerId}
        order by id desc limit 1) as "lastOrderAt"`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new Error('the activity of a customer is one row');
  return row;
}
