import type { Database } from './connect.ts';

type Column = {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  optional: boolean;
  identity: string;
  check: string | null;
};

const amounts = new Set([
  'balance',
  'credit_limit',
  'amount',
  'balance_after',
  'charge',
  'refunded',
  'refund',
  'balance_before',
  'balance_low_mark',
  'fee',
  'fee_fixed',
  'bonus',
  'credit',
  'taken',
  'owed',
  'waived',
  'amount_min',
  'amount_max',
  'daily_limit',
]);
const rates = new Set(['rate', 'markup_fixed', 'rate_min']);
const idTypes: Record<string, string> = {
  customer_id: 'CustomerId',
  service_id: 'ServiceId',
  category_id: 'CategoryId',
  order_id: 'OrderId',
  parent_id: 'OrderId',
  provider_id: 'ProviderId',
  child_id: 'OrderId',
  'customers.id': 'CustomerId',
  'services.id': 'ServiceId',
  'providers.id': 'ProviderId',
  'categories.id': 'CategoryId',
  'orders.id': 'OrderId',
  'refills.id': 'RefillId',
  'api_keys.id': 'KeyId',
  staff_id: 'StaffId',
  acting_customer_id: 'CustomerId',
  'staff.id': 'StaffId',
  payment_id: 'PaymentId',
  method_id: 'PaymentMethodId',
  'payments.id': 'PaymentId',
  'payment_methods.id': 'PaymentMethodId',
};
const sqlTypes: Record<string, string> = {
  int2: 'number',
  int4: 'number',
  int8: 'bigint',
  numeric: 'bigint',
  text: 'string',
  bool: 'boolean',
  bytea: 'Uint8Array',
  timestamptz: 'Date',
  jsonb: 'Json',
  _text: 'string[]',
  _int4: 'number[]',
};

/**
 * Prints the TypeScript schema of a migrated database: ids and amounts branded, a column with a
 * check on a list of words as the union of those words, so SQL stays the one source of them.
 */
export async function generateSchema(database: Database): Promise<string> {
  const columns = await readColumns(database);
  const tables = Map.groupBy(columns, (column) => column.table);
  const types = [...tables].map(([table, rows]) => {
    const fields = rows.map((row) => `  ${row.column}: ${fieldType(row)};`);
    return `export type ${typeName(table)} = {\n${fields.join('\n')}\n};`;
  });
  const schema = [...tables.keys()].map((table) => `  ${table}: ${typeName(table)};`);
  const branded = [...new Set(Object.values(idTypes)), 'Amount', 'Rate'].sort();
  return [
    '// Generated from the migrations by `node server/tests/run.ts --write-schema`. Do not edit.',
    "import type { Generated, GeneratedAlways } from 'kysely';",
    `import type { ${branded.join(', ')} } from '../base/index.ts';`,
    '/** A JSON document: an object of strings, numbers, booleans, null and lists. */\n' +
      'export type Json = { [key: string]: unknown };',
    ...types,
    `export type Schema = {\n${schema.join('\n')}\n};`,
  ]
    .join('\n\n')
    .concat('\n');
}

async function readColumns(database: Database): Promise<Column[]> {
  return database.sql<Column[]>`
    select c.relname as "table", a.attname as "column", t.typname as "type",
      not a.attnotnull as nullable, (a.atthasdef or a.attidentity <> '') as optional,
      a.attidentity::text as identity,
      (select pg_get_constraintdef(k.oid) from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
          and pg_get_constraintdef(k.oid) like '%= ANY (ARRAY[%' limit 1) as "check"
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition
    order by c.relname, a.attnum`;
}

function fieldType(column: Column): string {
  const base = `${baseType(column)}${column.nullable ? ' | null' : ''}`;
  if (column.identity === 'a') return `GeneratedAlways<${base}>`;
  return column.optional ? `Generated<${base}>` : base;
}

function baseType(column: Column): string {
  const words = column.check?.match(/'([^']+)'::text/g);
  if (words) return words.map((word) => word.replace('::text', '')).join(' | ');
  const id = idTypes[`${column.table}.${column.column}`] ?? idTypes[column.column];
  if (id !== undefined) return id;
  if (amounts.has(column.column)) return 'Amount';
  if (rates.has(column.column)) return 'Rate';
  const type = sqlTypes[column.type];
  if (type === undefined) throw new Error(`no TypeScript type for SQL type ${column.type}`);
  return type;
}

function typeName(table: string): string {
  return table.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
