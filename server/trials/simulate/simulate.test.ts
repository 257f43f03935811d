import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { explain, replay } from './replay.ts';

const operations = 150;
/** Under it the planted mistakes show soon. */
const plantedSeed = 12;
const triesOfTest = 12;

for (const seed of [1, randomInt(2 ** 31)]) {
  test(`a panel that is simulated breaks nothing (seed ${seed})`, async () => {
    const { failure, history } = await replay({ seed, epoch: 0, count: operations });
    assert.equal(failure, null, history.join('\n'));
  });
}

test('a seed is one history', async () => {
  const which = { seed: 3, epoch: 0, count: operations };
  const [first, second] = [await replay(which), await replay(which)];
  assert.deepEqual(first.history, second.history);
  assert.equal(first.digest, second.digest);
});

const plants = [
  ['double_refund', 'I5'],
  ['sends_twice', 'I6'],
] as const;

for (const [plant, invariant] of plants) {
  test(`what ${plant} does is found`, async () => {
    const found = await replay({ seed: plantedSeed, epoch: 0, count: 60, plant });
    assert.equal(found.failure?.invariant, invariant);
  });
}

test('a history that breaks something is told by the few operations it takes', async () => {
  const which = { seed: plantedSeed, epoch: 0, count: 25, plant: 'sends_twice' } as const;
  const failed = await replay(which);
  const { failure, history } = await explain(which, failed, triesOfTest);
  assert.equal(failure?.invariant, 'I6');
  assert(history.length - 1 < 10, history.join('\n'));
});
