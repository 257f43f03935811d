import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { explain, replay } from './replay.ts';

const operations = 150;
const plantedSeed = 12;

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

// Soon in these epochs, so that not much has to be left out.
for (const [plant, invariant, least] of [
  ['double_refund', 'I5', 4],
  ['sends_twice', 'I6', 4],
] as const) {
  test(`what ${plant} does is found, and told in at most ${least} operations`, async () => {
    const which = { seed: plantedSeed, epoch: 0, count: operations, plant };
    const failed = await replay(which);
    assert.match(failed.failure?.invariant ?? '', new RegExp(invariant));
    const { failure, history } = await explain(which, failed);
    assert.equal(failure?.invariant, failed.failure?.invariant);
    assert(history.length - 1 <= least, history.join('\n'));
  });
}
