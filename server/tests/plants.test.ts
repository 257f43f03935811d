import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plants } from '../trials/plant/plants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('each planted mistake still has its place, can be run, and has tests', () => {
  assert(plants.length >= 30);
  assert.equal(new Set(plants.map(({ name }) => name)).size, plants.length);
  for (const { name, file, from, to, tests } of plants) {
    const text = readFileSync(join(root, file), 'utf8');
    assert.equal(text.split(from).length, 2, `${name}: its text stands once in ${file}`);
    assert.notEqual(from, to, name);
    const mistaken = text.replace(from, () => to);
    if (file.endsWith('.ts')) assert.doesNotThrow(() => stripTypeScriptTypes(mistaken), name);
    assert(tests.length > 0 && tests.every((path) => existsSync(join(root, path))), name);
  }
});
