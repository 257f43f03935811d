import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock, type Peers, secondMs } from '../base/index.ts';
import { createAttempts, type TakeAttempt } from './attempts.ts';

const rule = { window: 60, max: 3 };
const start = new Date('2026-03-01T12:00:00Z');

test('no more attempts than may be, until none was let in for the whole window', () => {
  const clock = fakeClock(start);
  const take = createAttempts(clock);
  for (let attempt = 0; attempt < rule.max; attempt += 1) {
    assert.equal(take('here', rule), 0);
    clock.advance(10 * secondMs);
  }
  assert.equal(take('here', rule), 50);
  assert.equal(take('there', rule), 0);
  clock.advance(49 * secondMs);
  assert.equal(take('here', rule), 1);
  clock.advance(secondMs);
  assert.equal(take('here', rule), 0);
});

test('a clock that is set back refuses nobody until it has caught up', () => {
  const clock = fakeClock(start);
  const take = createAttempts(clock);
  for (let attempt = 0; attempt < rule.max; attempt += 1) assert.equal(take('here', rule), 0);
  assert.equal(take('here', rule), 60);
  clock.advance(-3_600 * secondMs);
  assert.equal(take('here', rule), 0);
});

test('attempts at processes that share a port add up', () => {
  const heard: ((message: unknown, from: number) => void)[] = [];
  const clock = fakeClock(start);
  const open = (number: number): TakeAttempt => {
    const peers: Peers = {
      count: 2,
      number,
      tell: (_topic, message) => heard[2 - number]?.(message, number),
      hear: (_topic, listener) => {
        heard[number - 1] = listener;
      },
    };
    return createAttempts(clock, peers);
  };
  const [one, two] = [open(1), open(2)];
  assert.deepEqual([one('here', rule), two('here', rule), one('here', rule)], [0, 0, 0]);
  assert.equal(one('here', rule), 60);
  assert.equal(two('here', rule), 60);
});
