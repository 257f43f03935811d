import { type Actor, parseAmount } from '../src/base/index.ts';
import { createCustomer, createKey, updateCustomer } from '../src/customers/index.ts';
import { addFunds } from '../src/payments/index.ts';
import type { FilledPanel } from './panel.ts';

export type SeededCustomer = { customerId: number; key: string };

/** Rate of every seeded service in 10⁻⁵ per 1000, so also the price of one in 10⁻⁸. */
export const seededRate = 90_000;
export const seededMin = 50;
export const seededMax = 10_000;

/** Each call comes from another of these, as on a panel with that many resellers. */
const customers = 50;
const actor: Actor = { kind: 'system', name: 'bench' };

/** Customers with a key and more funds than a run can spend. */
export async function seedCustomers(
  panel: FilledPanel,
  count = customers,
): Promise<SeededCustomer[]> {
  const make = async (_: unknown, index: number): Promise<SeededCustomer> => {
    const customerId = await createCustomer(panel.app, actor, { name: `Reseller ${index}` });
    // One of them alone may make all the calls of a run.
    const changes = { callsPerSecondMax: 1_000_000 };
    await updateCustomer(panel.app, actor, { customerId, changes });
    const amount = parseAmount('100000000', 'funds');
    await addFunds(panel.app, actor, { customerId, amount, reference: 'bench' });
    const { key } = await createKey(panel.app, actor, { customerId, name: 'bench' });
    return { customerId, key };
  };
  return Promise.all(Array.from({ length: count }, make));
}

/** Plain services, 100 to a category, in one statement: one by one would take too long. */
export async function seedServices(panel: FilledPanel, count: number): Promise<void> {
  const { sql } = panel.owner;
  await sql`insert into categories (id, name, position)
    select n, 'Category ' || n, n from generate_series(1, ${Math.ceil(count / 100)}::int) n`;
  await sql`insert into services (id, category_id, position, name, type, rate, min, max, refill,
      refill_days, cancel, dripfeed)
    select n, (n + 99) / 100, n, 'Followers, high quality, 30 days refill, server ' || n, 'Default',
      ${seededRate}::bigint, ${seededMin}::int, ${seededMax}::int, n % 2 = 0,
      case when n % 2 = 0 then 30 end, n % 3 = 0, n % 5 = 0
    from generate_series(1, ${count}::int) n`;
}

/**
 * Orders, numbered from 1 unless it is said, dealt to the customers in turn, each charged and in
 * one of four states, and the tables as autovacuum would leave them.
 */
export async function seedOrders(
  panel: FilledPanel,
  seeded: readonly SeededCustomer[],
  { count, first = 1 }: { count: number; first?: number },
): Promise<void> {
  const { sql } = panel.owner;
  const last = first + count - 1;
  const ids = seeded.map((customer) => customer.customerId);
  await sql`
    with made as (
      insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
        start_count, remains, created_at, updated_at, completed_at,
        has_delivery)
      select (${ids}::int[])[1 + n % ${ids.length}::int], n, 1 + n % 100, 'Default', 'single',
        state,
        'https://example.com/p/' || md5(n::text), q, q * ${seededRate}::bigint,
        case when state <> 'Pending' then n end,
        case state when 'Completed' then 0 when 'In progress' then q / 2 else q end,
        now(), now(), case when state = 'Completed' then now() end, false
      from generate_series(${first}::int, ${last}::int) n,
        lateral (select 50 + n % 9000 as q,
          (array['Pending', 'Processing', 'In progress', 'Completed'])[1 + n / 50 % 4] as state) s
      returning customer_id, id, charge
    ), numbered as (
      select made.*, w.transfer_count + row_number() over one as number,
        w.balance - sum(charge) over one as balance
      from made join wallets w using (customer_id)
      window one as (partition by made.customer_id order by made.id)
    ), moved as (
      insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
        order_id, created_at)
      select customer_id, number, 'wallet', 'sales', charge, balance, 'order:' || id || ':charge',
        id, now() from numbered
    )
    update wallets w set balance = last.balance, transfer_count = last.number
    from (select customer_id, min(balance) as balance, max(number) as number from numbered
      group by customer_id) last
    where w.customer_id = last.customer_id`;
  await sql`select setval('order_ids', ${last}::int)`;
  await sql.unsafe('vacuum analyze');
}

/** An order of one of the first 100 services. */
export function orderBody(key: string): string {
  return formBody({
    key,
    action: 'add',
    service: randomWhole(1, 100),
    link: `https://example.com/p/${randomWhole(1, 1_000_000_000)}`,
    quantity: randomWhole(seededMin, seededMax),
  });
}

/** A form body as clients' libraries encode it. */
export function formBody(fields: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new URLSearchParams(pairs).toString();
}

/** A whole number from `min` to `max`. */
export function randomWhole(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** One of a list. */
export function randomOf<T>(items: readonly T[]): T {
  const item = items[randomWhole(0, items.length - 1)];
  if (item === undefined) throw new Error('one of nothing');
  return item;
}
