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
  const taken = await Promise.all([1, 2, 2, 7, 3, 1, 256, 4].map((count) => numbers.take(count)));
  assert.deepEqual(
    taken.map((ids) => ids.length),
    [1, 2, 2, 7, 3, 1, 256, 4],
  );
  assert.equal(new Set(taken.flat()).size, 276);
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
  for (let at = 0; at < 8; at += 1) taken.push(...(await numbers.take(1)));
  assert.deepEqual(
    taken,
    taken.toSorted((a, b) => Number(a - b)),
  );
});

test('numbers that could not be asked for ahead are asked for anew', async () => {
  const { asked, ask } = openSequence();
  let isBroken = false;
  const numbers = createOrderNumbers(async (count) => {
    // The third is the first that asks ahead.
    if (asked.length === 2 && !isBroken) {
      isBroken = true;
      throw new Error('the connection broke');
    }
    return ask(count);
  });
  assert.deepEqual(await numbers.take(1), [1n]);
  assert.deepEqual(await numbers.take(1), [2n]);
  assert.ok(isBroken);
  assert.deepEqual(await numbers.take(1), [3n]);
});
