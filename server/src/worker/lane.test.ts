import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listsToAsk } from './lane.ts';

test('all providers together are asked for a bounded number of lists', () => {
  assert.equal(listsToAsk(6_000, 0), 20);
  assert.equal(listsToAsk(300, 0), 5, 'no more calls than it takes in a second');
  assert.equal(listsToAsk(1, 0), 1);
  const rounds: number[] = [];
  const underWay = () => rounds.reduce((all, lists) => all + lists, 0);
  for (let lane = 0; lane < 40; lane += 1) rounds.push(listsToAsk(6_000, underWay()));
  assert.deepEqual(rounds.slice(0, 9), [20, 20, 20, 20, 10, 5, 3, 1, 1]);
  assert.equal(underWay(), 100 + 31, 'beyond it each has one');
});
