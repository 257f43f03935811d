import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { type Epoch, runEpoch } from './epoch.ts';
import type { Operation, OperationKind } from './operations.ts';
import { epochOf, explain } from './replay.ts';
import type { Plant } from './world.ts';

const count = 100;

for (const seed of [1, randomInt(2 ** 31)]) {
  test(`a panel that is simulated breaks nothing (seed ${seed})`, async () => {
    const { failure, history } = await runEpoch(epochOf({ seed, epoch: 0, count }));
    assert.equal(failure, null, history.join('\n'));
  });
}

test('a seed is one history', async () => {
  const epoch = epochOf({ seed: 3, epoch: 0, count });
  const [first, second] = [await runEpoch(epoch), await runEpoch(epoch)];
  assert.deepEqual(first.history, second.history);
  assert.equal(first.digest, second.digest);
});

type Given = [OperationKind, Partial<Operation>?];

/** An epoch in which just these happen. */
function epochWith(plant: Plant, given: readonly Given[]): Epoch {
  const shares = { a: 999_999, b: 999_999, c: 100_000, d: 200_000 };
  const operations = given.map(([kind, own], at) => ({ at, kind, ...shares, ...own }));
  return { seed: 1, operations, plant };
}

const quiet: readonly Given[] = [['wait', { a: 0 }], ['ask'], ['chores']];
/** A service that goes to the last upstream, which knows no request ids. */
const place: Given = ['place', { b: 910_000 }];
const canceled = 700_000;

test('money that goes back twice is found, though the books are in order', async () => {
  const given: Given[] = [place, ['settle', { b: canceled }], ...quiet];
  const sound = await runEpoch(epochWith('none', given));
  assert.equal(sound.failure, null, sound.history.join('\n'));
  assert.match(sound.history[1] ?? '', /^1 settle: changed [1-9]/);
  const { failure } = await runEpoch(epochWith('double_refund', given));
  assert.equal(failure?.invariant, 'I5');
});

test('an order that leaves twice is found, and told by the one operation it takes', async () => {
  const given: Given[] = [['ask'], place, ['forward']];
  const epoch = epochWith('sends_twice', given);
  const failed = await runEpoch(epoch);
  assert.equal(failed.failure?.invariant, 'I6');
  const { failure, history } = await explain(epoch, failed);
  assert.equal(failure?.invariant, 'I6');
  assert.match(history.join('\n'), /^1 place: placed\nI6: \S+ was ordered 2/);
});
