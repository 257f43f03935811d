import type { PgbenchScript } from './pgbench.ts';
import { type SeededCustomer, seededMax, seededMin, seededRate } from './seed.ts';

/**
 * What placing one order does to the database, one order per transaction: the same rows in the same
 * tables, so that the books hold afterwards. One statement, so that a transaction is one round trip
 * and a wallet is locked no longer than its commit takes: as five statements it made a third.
 */
const order = `
\\set at random(0, :customers - 1)
\\set customer :first + :at
\\set service random(1, 100)
\\set quantity random(${seededMin}, ${seededMax})
\\set charge :quantity * ${seededRate}
\\set link random(1, 1000000000)
with paid as (
  update wallets set balance = balance - :charge, transfer_count = transfer_count + 1
  where customer_id = :customer returning balance, transfer_count
), placed as (
  insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
    remains, details, created_at, updated_at,
    has_delivery)
  values (:customer, nextval('order_ids'), :service, 'Default', 'single', 'Pending',
    'https://example.com/p/' || :link::text, :quantity, :charge, :quantity, '{}', now(), now(),
    false)
  returning id
)
insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
    order_id, created_at)
select :customer, transfer_count, 'wallet', 'sales', :charge, balance,
  'order:' || id::text || ':' || 'charge', id, now() from paid, placed;
`;

/** One order per transaction, of customers whose ids follow one another. */
export function placeOrders(customers: readonly SeededCustomer[]): PgbenchScript {
  return { text: order, variables: countedFrom(customers) };
}

/**
 * Some orders of one customer by the primary key, the columns that a reply shows: one of each
 * `span` orders of the customer's, whose numbers are `customers` apart.
 */
export function readOrders(
  customers: readonly SeededCustomer[],
  lists: { ids: number; span: number },
): PgbenchScript {
  const sets: string[] = [];
  const names: string[] = [];
  for (let at = 0; at < lists.ids; at += 1) {
    const [from, to] = [1 + at * lists.span, (at + 1) * lists.span];
    sets.push(`\\set id${at} random(${from}, ${to}) * :customers + :at`);
    names.push(`:id${at}`);
  }
  const text = `
\\set at random(0, :customers - 1)
\\set customer :first + :at
${sets.join('\n')}
select id, kind, status, charge - refunded as charge, remains, start_count from orders
where customer_id = :customer and id in (${names.join(', ')});
`;
  return { text, variables: countedFrom(customers) };
}

function countedFrom(customers: readonly SeededCustomer[]): PgbenchScript['variables'] {
  const first = Math.min(...customers.map((customer) => customer.customerId));
  return { first, customers: customers.length };
}
