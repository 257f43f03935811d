import { sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** What a reader wants to read instead of numbers; null where there is nothing to say. */
export type AuditNames = {
  /** Of the customer who did it. */
  actorName: string | null;
  /** What the subject is called now. */
  subjectName: string | null;
  /** The order that it is about. */
  orderId: bigint | null;
};

type Row = { actor: string; action: string; subject: string; customerId: CustomerId | null };
type Named = { what: string; name: string };

const kinds = [
  'category',
  'customer',
  'key',
  'order',
  'payment_method',
  'provider',
  'refill',
  'service',
  'staff',
  'user',
] as const;
type Kind = (typeof kinds)[number];

/** Numbers that fit an integer of the database. */
const numberForm = /^[1-9]\d{0,8}$/;
/** Those of orders and refills, which are below 2^53. */
const longNumberForm = /^[1-9]\d{0,14}$/;

/** Says of rows of the log whose and what they are: one statement a page, by primary keys. */
export async function nameRows<Found extends Row>(
  db: Db,
  rows: readonly Found[],
): Promise<(Found & AuditNames)[]> {
  const names = await readNames(db, rows);
  return rows.map((row) => {
    const { kind, id } = subjectOf(row);
    const named = names.get(`${kind}:${id}`) ?? null;
    const orderText = kind === 'order' ? id : kind === 'refill' ? named : null;
    return {
      ...row,
      actorName: (isCustomer(row) && names.get(actorOf(row))) || null,
      subjectName: kind === 'refill' ? null : named,
      orderId: orderText === null || !longNumberForm.test(orderText) ? null : BigInt(orderText),
    };
  });
}

/** A blocked link is any text, and may look like something of the panel. */
function subjectOf({ action, subject }: Row): { kind: Kind | undefined; id: string } {
  const [kind, id = ''] = action.startsWith('link.') ? [] : subject.split(':');
  return { kind: kinds.find((each) => each === kind), id };
}

/** `customer:7 by staff:ann` is the customer here. */
function actorOf({ actor }: Row): string {
  return actor.split(' ', 1)[0] ?? '';
}

/** Whoever is of staff stands there by name, which may be a number: that of another's row. */
function isCustomer(row: Row): boolean {
  return row.actor.startsWith('customer:');
}

async function readNames(db: Db, rows: readonly Row[]): Promise<Map<string, string>> {
  const subjects = rows.map((row) => ({ ...subjectOf(row), customerId: row.customerId }));
  const idsOf = (wanted: Kind, form = numberForm) => [
    ...new Set(subjects.flatMap(({ kind, id }) => (kind === wanted && form.test(id) ? [id] : []))),
  ];
  const actors = rows
    .map((row) => actorOf(row).split(':'))
    .flatMap(([kind, id = '']) => (kind === 'customer' && numberForm.test(id) ? [id] : []));
  const customers = [...new Set([...idsOf('customer'), ...actors])];
  const owners = [...new Set(subjects.flatMap(({ customerId }) => customerId ?? []))];
  const found = await sql<Named>`
    select 'category:' || id as what, name from categories
      where id = any(${idsOf('category')}::int[])
    union all
    select 'customer:' || id, name from customers where id = any(${customers}::int[])
    union all
    select 'payment_method:' || id, name from payment_methods
      where id = any(${idsOf('payment_method')}::int[])
    union all
    select 'provider:' || id, name from providers where id = any(${idsOf('provider')}::int[])
    union all
    select 'service:' || id, name from services where id = any(${idsOf('service')}::int[])
    union all
    select 'staff:' || id, name from staff where id = any(${idsOf('staff')}::int[])
    union all
    select 'user:' || id, email from users where id = any(${idsOf('user', /./)}::text[])
    union all
    select 'key:' || id, name from api_keys
      where customer_id = any(${owners}::int[]) and id = any(${idsOf('key')}::int[])
    union all
    select 'refill:' || id, order_id::text from refills
      where customer_id = any(${owners}::int[])
        and id = any(${idsOf('refill', longNumberForm)}::bigint[])`.execute(db);
  return new Map(found.rows.map(({ what, name }) => [what, name]));
}
