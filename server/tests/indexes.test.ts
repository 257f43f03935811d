import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../src/db/index.ts';
import { globalIndexes } from '../src/db/table-kinds.ts';
import { cloneDatabase, dropDatabase, isSpread } from './harness.ts';

// Every index costs what is written: docs/indexes.md says what each is for, and is held to the
// schema here.

const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = readFileSync(`${root}docs/indexes.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', columns = '', purpose = '', written = '']) => ({
    name: quoted(name)[0] ?? '',
    isUnique: name.endsWith(', unique'),
    columns: quoted(columns)[0] ?? '',
    purpose,
    written,
  }));

type Index = {
  name: string;
  columns: string;
  isPrimary: boolean;
  isUnique: boolean;
  /** Whether it is of a customer's rows. */
  isOwned: boolean;
};

let indexes: Index[];

/** A table that is partitioned by months has a key of each; they are all the same. */
const ofAMonth = /_(?:first|rest|\d{4}_\d{2})_pkey$/;

before(async () => {
  const url = await cloneDatabase();
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  try {
    const found = await database.sql.unsafe<
      { name: string; definition: string; isPrimary: boolean; isUnique: boolean }[]
    >(`select p.indexname as name, p.indexdef as definition, i.indisprimary as "isPrimary",
        i.indisunique as "isUnique"
      from pg_indexes p
      join pg_index i on i.indexrelid = format('%I.%I', p.schemaname, p.indexname)::regclass
      left join pg_inherits h on h.inhrelid = i.indrelid
      where p.schemaname = 'public' and (h.inhrelid is null or i.indisprimary)`);
    const all = found.map(({ name, definition, ...index }) => {
      const columns = columnsOf(definition);
      const isOwned = columns.split(', ')[0] === 'customer_id';
      return { ...index, name: name.replace(ofAMonth, '_pkey'), columns, isOwned };
    });
    indexes = [...new Map(all.map((index) => [JSON.stringify(index), index])).values()];
  } finally {
    await database.close();
    await dropDatabase(url);
  }
});

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

function columnsOf(definition: string): string {
  return / USING \w+ \((.*?)\)(?: INCLUDE | WITH | WHERE |$)/.exec(definition)?.[1] ?? '';
}

test('every index is in the document, but primary keys of what is no customer’s', () => {
  assert(indexes.length > 100);
  const named = new Set(rows.map(({ name }) => name));
  const missing = indexes.filter(
    ({ name, isPrimary, isOwned }) => (!isPrimary || isOwned) && !named.has(name),
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});

test('the document names each index once, as it is', () => {
  const asItIs = new Map(indexes.map((index) => [index.name, index]));
  const wrong = rows.filter(({ name, columns, isUnique }) => {
    const index = asItIs.get(name);
    // What no shard of a cluster can keep over all customers ends with the customer there.
    const isEach = isSpread && globalIndexes.includes(name);
    const asked = isEach ? `${columns}, customer_id` : columns;
    return index?.columns !== asked || (index.isUnique && !index.isPrimary) !== isUnique;
  });
  assert.deepEqual(wrong, []);
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
});

test('the document says of each index what it is for, in files that are there', () => {
  const wrong = rows.filter(({ purpose, written }) => {
    let folder = '';
    const isThere = quoted(purpose)
      .filter((text) => text.endsWith('.ts'))
      .every((path) => {
        if (path.includes('/')) folder = path.slice(0, path.lastIndexOf('/') + 1);
        return existsSync(`${root}server/src/${path.includes('/') ? path : folder + path}`);
      });
    return purpose === '' || written === '' || !isThere;
  });
  assert.deepEqual(wrong, []);
});
