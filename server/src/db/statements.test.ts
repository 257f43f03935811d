import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitStatements } from './statements.ts';

test('statements end where PostgreSQL ends them', () => {
  const statements = [
    'select 1',
    `select ';', 'it''s;', ''`,
    String.raw`select E'\';', e'\\', 'standard\'`,
    'select ";" as "a"";b"',
    'do $$ begin a; b; end $$',
    "do $body$ begin execute $$;$$; '$other$'; end $body$",
    'select $$$a$;$$, a$b$, 1 as é$$, 2',
    'select $1',
    "select date'2026-01-01;', U&'a;', note'\\'",
    'select 1 -- one; it\'s "one" $$ /*\n+ 1',
    "select /* one; /* it's */ $$; */ 2 / 1 * 3 - -1",
    'insert into a values (default)\n  returning id',
  ];
  assert.deepEqual(splitStatements(`${statements.join(';\n')};`), statements);
  assert.deepEqual(splitStatements(statements.join(';')), statements);
});

test('what has no statement in it is none', () => {
  for (const text of [
    '',
    ' \n',
    ';',
    ';;\n;',
    '-- nothing;',
    '/* nothing; */ -- nothing',
    '/* ;',
  ]) {
    assert.deepEqual(splitStatements(text), [], text);
  }
  assert.deepEqual(splitStatements('-- one\nselect 1;\n-- nothing'), ['-- one\nselect 1']);
});

test('what is quoted and what is commented may stand beside anything', () => {
  const pieces = ["';'", '";"', '$$;$$', '$a$;$$;$a$', String.raw`E'\';'`, 'x$', '1', '-', '/'];
  const commented = ['-- ;\n', '/* ; */', '/* /* ; */ ; */'];
  const some = fc.array(fc.constantFrom(...pieces, ...commented), { maxLength: 8 });
  const statement = some.map((parts) => ['select', ...parts, ''].join(' ').trim());
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 4 }), (statements) => {
      assert.deepEqual(splitStatements(statements.join('\n;')), statements);
    }),
  );
});

test('each statement of a migration begins with what it does', async () => {
  const folder = new URL('../../migrations/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  for (const name of names) {
    const statements = splitStatements(await readFile(new URL(name, folder), 'utf8'));
    assert(statements.length > 0, name);
    for (const statement of statements) {
      const code = statement.replace(/^(?:--[^\n]*\n|\s)+/, '');
      assert.match(code, /^(alter|create|delete|do|drop|grant|insert|revoke|update|with) /, name);
    }
  }
});
