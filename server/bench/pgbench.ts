import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applicationRole } from '../src/db/index.ts';
import type { Panel } from './panel.ts';
import { runProcess } from './processes.ts';
import { type SeededCustomer, seededMax, seededMin, seededRate } from './seed.ts';
import type { Session } from './session.ts';

const graceMs = 15_000;
const threads = 2;

/**
 * What placing one order does to the database, one order per transaction: the same rows in the same
 * tables, so that the books hold afterwards. One statement, so that a transaction is one round trip
 * and a wallet is locked no longer than its commit takes: as five statements it made a third.
 */
const transaction = `
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
    remains, details, created_at, updated_at)
  values (:customer, nextval('order_ids'), :service, 'Default', 'single', 'Pending',
    'https://example.com/p/' || :link::text, :quantity, :charge, :quantity, '{}', now(), now())
  returning id
)
insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
    order_id, created_at)
select :customer, transfer_count, 'wallet', 'sales', :charge, balance,
  'order:' || id::text || ':' || 'charge', id, now() from paid, placed;
`;

export type Pgbench = (load: { clients: number; seconds: number }) => Promise<number>;

/**
 * Prepares pgbench on the panel's own database, with customers whose ids follow one another.
 * What it answers is transactions per second, connecting not counted.
 */
export async function preparePgbench(
  session: Session,
  panel: Panel,
  customers: readonly SeededCustomer[],
): Promise<Pgbench> {
  const file = join(session.folder, 'order.sql');
  await writeFile(file, transaction);
  const { host, port, user, password, database } = panel.target;
  const first = Math.min(...customers.map((customer) => customer.customerId));
  const variables = ['-D', `first=${first}`, '-D', `customers=${customers.length}`];
  const env = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGOPTIONS: `-c role=${applicationRole} -c TimeZone=UTC`,
  };
  return async ({ clients, seconds }) => {
    const args = ['-n', '-M', 'prepared', '-f', file, ...variables, '-T', String(seconds)];
    const printed = await runProcess(
      { command: 'pgbench', args: [...args, '-c', String(clients), '-j', String(threads)], env },
      { signal: session.signal, timeoutMs: seconds * 1000 + graceMs },
    );
    const perSecond = Number(/^tps = ([0-9.]+)/m.exec(printed)?.[1]);
    const isComplete = /number of failed transactions: 0 /.test(printed);
    if (!(perSecond > 0) || !isComplete) throw new Error(`pgbench failed: ${printed}`);
    return perSecond;
  };
}
