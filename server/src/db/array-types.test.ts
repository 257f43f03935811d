import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { cloneDatabase, dropDatabase } from '../../tests/harness.ts';
import { formatArray, parseArray } from './array-types.ts';
import { connect } from './index.ts';

const item = fc.option(fc.string({ unit: 'binary' }), { nil: null });

test('a list of any texts and nulls is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      assert.deepEqual(parseArray(formatArray(items)), items);
    }),
  );
});

test('lists go to the database and come back unchanged', async () => {
  const url = await cloneDatabase();
  const database = connect({ url }, { connectionsMax: 1 });
  const texts = ['', 'NULL', 'a,b', '{}', '"', '\\', 'line\nbreak', '中文', null];
  const at = new Date('2026-03-01T12:00:00.123Z');
  const found = await sql<Record<string, unknown>>`select ${texts}::text[] as texts,
    ${[1, -2]}::int[] as ints, ${['9007199254740993', null]}::bigint[] as bigints,
    ${[at.toISOString()]}::timestamptz[] as times, ${[]}::text[] as none,
    ${[true, false].map(String)}::bool[] as bools`.execute(database.db);
  assert.deepEqual(found.rows, [
    {
      texts,
      ints: [1, -2],
      bigints: [9_007_199_254_740_993n, null],
      times: [at],
      none: [],
      bools: [true, false],
    },
  ]);
  await database.close();
  await dropDatabase(url);
});

test('moments of any year are asked for as what they are', async () => {
  const url = await cloneDatabase();
  const database = connect({ url }, { connectionsMax: 1 });
  const years = ['-000001', '0000', '0001', '2026', '9999', '+010000', '+275760'];
  const moments = years.map((year) => new Date(`${year}-01-01T00:00:00.000Z`));
  const now = new Date('2026-03-01T12:00:00Z');
  const isPast: unknown[] = [];
  for (const moment of moments) {
    const found = await sql<{ past: boolean }>`
      select ${moment}::timestamptz < ${now} as past`.execute(database.db);
    isPast.push(found.rows[0]?.past);
  }
  await database.close();
  await dropDatabase(url);
  assert.deepEqual(isPast, [true, true, true, true, false, false, false]);
});
