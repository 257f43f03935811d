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
