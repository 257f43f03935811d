import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cloneDatabase, dropDatabase, isSpread } from '../../tests/harness.ts';
import { AppError } from '../base/index.ts';
import { connect, type Database } from './connect.ts';
import { distribute } from './distribute.ts';
import { globalIndexes, type TableKind, tableKinds } from './table-kinds.ts';

let url: string;
let owner: Database;
before(async () => {
  url = await cloneDatabase();
  owner = connect({ url }, { connectionsMax: 1, asOwner: true });
});
after(async () => {
  await owner.close();
  await dropDatabase(url);
});

const kindOf = (name: string): TableKind | undefined =>
  Object.entries(tableKinds).find(([table]) => table === name)?.[1].kind;

test('every table that the migrations make has its place in a cluster', async () => {
  const tables = await owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition`;
  assert.deepEqual(Object.keys(tableKinds).sort(), tables.map(({ name }) => name).sort());
});

test('a unique index of a distributed table names the customer, or is known not to', async () => {
  const indexes = await owner.sql<{ table: string; name: string; columns: string[] }[]>`
    select t.relname as "table", c.relname as name, array(
      select a.attname::text from pg_attribute a
      where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) as columns
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
    where i.indisunique and t.relnamespace = 'public'::regnamespace`;
  const global = indexes.filter(
    ({ table, columns }) => kindOf(table) === 'distributed' && !columns.includes('customer_id'),
  );
  // In a cluster these have been given the customer, too.
  const known = isSpread ? [] : globalIndexes;
  assert.deepEqual(global.map(({ name }) => name).sort(), [...known].sort());
});

test('no foreign key points to where a cluster cannot follow it', async () => {
  const keys = await owner.sql<{ from: string; to: string; columns: string[] }[]>`
    select f.relname as "from", t.relname as "to", array(
      select a.attname::text from pg_attribute a
      where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) as columns
    from pg_constraint k
    join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and k.conparentid = 0 and k.connamespace = 'public'::regnamespace`;
  const allowed: Record<TableKind, readonly TableKind[]> = {
    distributed: ['distributed', 'reference'],
    reference: ['reference'],
    local: ['reference', 'local'],
  };
  for (const { from, to, columns } of keys) {
    const [here, there] = [kindOf(from), kindOf(to)];
    assert(here && there && allowed[here].includes(there), `${from} points to ${to}`);
    if (there === 'distributed') assert(columns.includes('customer_id'), `${from} to ${to}`);
  }
  assert(keys.length > 0);
});

test('without the extension it says what to install, and changes nothing', async (t) => {
  const [citus] = await owner.sql`select from pg_available_extensions where name = 'citus'`;
  if (citus) return t.skip('this server has it');
  const before = await readCatalog();
  await assert.rejects(distribute({ url }), (error) => {
    assert(error instanceof AppError && error.code === 'not_allowed');
    assert.match(
      error.message,
      /no Citus extension.+nothing was changed.+shared_preload_libraries/,
    );
    return true;
  });
  assert.deepEqual(await readCatalog(), before);
});

/** Every relation and constraint there is. */
async function readCatalog() {
  const [row] = await owner.sql`
    select (select string_agg(c::text, ',' order by oid) from pg_class c
        where relnamespace = 'public'::regnamespace and relkind <> 'S') as relations,
      (select string_agg(conname || pg_get_constraintdef(oid), ',' order by oid)
        from pg_constraint where connamespace = 'public'::regnamespace) as constraints,
      (select string_agg(extname, ',' order by oid) from pg_extension) as extensions`;
  return row;
}
