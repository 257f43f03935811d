import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderId } from '../base/index.ts';
import { createOrderNumbers } from './numbers.ts';

/** A sequence as the database has it, and what was asked of it. */
function openSequence() {
  const asked: number[] = [];
  let last = 0n;
  const ask = async (count: number) => {
    asked.push(count);
    return Array.from({ length: count }, () => {
      last += 1n;
      return last as OrderId;
    });
  };
  return { asked, ask };
}

test('what comes alone asks for exactly its numbers', async () => {
  const { asked, ask } = openSequence();
  const numbers = createOrderNumbers(ask);
  assert.deepEqual(await numbers.take(3), [1n, 2n, 3n]);
  assert.deepEqual(asked, [3]);
});

test('in a stream no number is given twice, however large the batches', async () => {
  const { ask } = openSequence();
  const numbers = createOrderNumbers(ask);
  const counts = Array.from({ length: 60 }, (_, at) => 1 + ((at * 37) % 11));
  const taken = await Promise.all(counts.map((count) => numbers.take(count)));
  assert.deepEqual(
    taken.map((ids) => ids.length),
    counts,
  );
  assert.equal(new Set(taken.flat()).size, taken.flat().length);
});

test('in a stream of a few at a time, the numbers tell which came first', async () => {
  const { ask } = openSequence();
  // The second question overtakes the first where both are under way.
  let isHeld = false;
  const numbers = createOrderNumbers(async (count) => {
    isHeld = !isHeld;
    if (isHeld) await new Promise((resolve) => setImmediate(resolve));
    return ask(count);
  });
  const taken: OrderId[] = [];
  for (let at = 0; at < 40; at += 1) taken.push(...(await numbers.take(1)));
  assert.deepEqual(
    taken,
    taken.toSorted((a, b) => Number(a - b)),
  );
});

test('numbers that could not be asked for ahead are asked for anew', async () => {
  const { ask } = openSequence();
  let isBroken = false;
  const numbers = createOrderNumbers(async (count) => {
    // More than are wanted: so it asks ahead.
    if (count > 1 && !isBroken) {
      isBroken = true;
      throw new Error('the connection broke');
    }
    return ask(count);
  });
  const taken: OrderId[] = [];
  for (let at = 0; at < 40; at += 1) taken.push(...(await numbers.take(1)));
  assert.ok(isBroken);
  assert.equal(new Set(taken).size, 40);
});

test('in a stream of one at a time, few of them ask', async () => {
  const { asked, ask } = openSequence();
  const numbers = createOrderNumbers(ask);
  const taken: OrderId[] = [];
  for (let at = 0; at < 100; at += 1) taken.push(...(await numbers.take(1)));
  assert.deepEqual(
    taken,
    Array.from({ length: 100 }, (_, at) => BigInt(at + 1)),
  );
  assert.ok(asked.length < 30, `${asked.length} questions`);
});
