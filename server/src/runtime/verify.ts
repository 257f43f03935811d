import { sql } from 'kysely';
import { cancelChecks } from '../cancels/index.ts';
import { applicationRole, type Check, type CheckReport, type Db, runChecks } from '../db/index.ts';
import { deliveryChecks } from '../fulfilment/index.ts';
import { ledgerChecks } from '../ledger/index.ts';
import { orderChecks } from '../orders/index.ts';
import { paymentChecks } from '../payments/index.ts';
import { refillChecks } from '../refills/index.ts';

const appendOnly = sql`unnest(array['transfers', 'order_events', 'audit', 'credit_limits',
  'delivery_events', 'payment_events'])`;

const accessChecks: readonly Check[] = [
  {
    invariant: 'I11',
    name: 'append_only_for_the_server',
    count: sql`select count(*) as count from ${appendOnly}`,
    // A right to some of the columns is a right to rewrite too.
    broken: sql`
      select 'table ' || t.name as subject,
      ${applicationRole}::text || ' may ' || p.privilege as detail
      from ${appendOnly} as t (name)
      cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as p (privilege)
      where has_table_privilege(${applicationRole}::text, t.name, p.privilege)
        or (p.privilege = 'UPDATE'
          and has_any_column_privilege(${applicationRole}::text, t.name, p.privilege))`,
  },
];

const allChecks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...deliveryChecks,
  ...refillChecks,
  ...cancelChecks,
  ...paymentChecks,
  ...accessChecks,
];

/**
 * Checks the invariants of books, orders and their history that the database can show, in one
 * read-only snapshot, beside a working server.
 */
export function verify(db: Db): Promise<CheckReport> {
  return runChecks(db, allChecks);
}
