import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../tests/random.ts';
import { type Params, parseParams } from './params.ts';

const contentType = 'application/x-www-form-urlencoded';

function parseForm(text: string): Params {
  const params = parseParams({ query: '', contentType, body: Buffer.from(text) });
  if (params instanceof Promise) return assert.fail('a form is read at once');
  return params;
}

/** Whole escapes, halves of them, and escapes of what is no text. */
const parts = [
  ...['a', '1', 'é', '=', '&', '+', '?', '%', '%2', '%2C', '%zz', '%20', '%00', '%26', '%3D'],
  ...['%C3', '%A9', '%EF%BB%BF', '%F0%9F%98%80', '%ED%A0%80', '%ff', 'null', 'undefined'],
];

test('a form is read as URLSearchParams reads it, however it is escaped', () => {
  const random = createRandom(1);
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: 1 + random(8) }, () => parts[random(parts.length)]).join('');
    const expected = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(text)) {
      const trimmed = value.trim();
      if (['', 'null', 'undefined'].includes(trimmed)) expected.delete(name);
      else expected.set(name, trimmed);
    }
    assert.deepEqual(parseForm(text).fields, expected, JSON.stringify(text));
  }
});
