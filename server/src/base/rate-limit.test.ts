import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from './clock.ts';
import type { Peers } from './peers.ts';
import { createRateLimiter } from './rate-limit.ts';

const tellMs = 50;
const limits = { perSecond: 10, burst: 20 };

/** Processes whose messages arrive at once. */
function connectPeers(count: number): Peers[] {
  const heard: Map<string, (message: unknown, from: number) => void>[] = [];
  return Array.from({ length: count }, (_, at) => {
    const own: (typeof heard)[number] = new Map();
    heard.push(own);
    return {
      count,
      number: at + 1,
      tell: (topic, message) => {
        for (const listeners of heard)
          if (listeners !== own) listeners.get(topic)?.(message, at + 1);
      },
      hear: (topic, listener) => {
        own.set(topic, listener);
      },
    };
  });
}

test('processes of one port let in together no more than the rate, after a burst each', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = fakeClock(new Date('2026-03-01T12:00:00Z'));
  const count = 4;
  const limiters = connectPeers(count).map((peers) =>
    createRateLimiter(clock, { name: 'calls', peers }),
  );
  const takeAll = () => {
    let taken = 0;
    for (const limiter of limiters) while (limiter.take('key', limits) === 0) taken += 1;
    return taken;
  };
  const seconds = 60;
  let taken = 0;
  for (let passedMs = 0; passedMs < seconds * 1_000; passedMs += tellMs) {
    taken += takeAll();
    t.mock.timers.tick(tellMs);
    clock.advance(tellMs);
  }
  const promised = limits.perSecond * seconds;
  assert(taken <= promised + count * limits.burst, `${taken}`);
  assert(taken >= promised, `${taken}`);
});

test('who is held back in one process is held back in the others', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = fakeClock(new Date('2026-03-01T12:00:00Z'));
  const [one, two, stranger] = connectPeers(3).map((peers, at) =>
    createRateLimiter(clock, { name: at === 2 ? 'other' : 'calls', peers }),
  );
  assert(one !== undefined && two !== undefined && stranger !== undefined);
  for (let call = 0; call < limits.burst; call += 1) assert.equal(one.take('key', limits), 0);
  assert.equal(two.waitSeconds('key', limits), 0);
  t.mock.timers.tick(tellMs);
  assert(two.waitSeconds('key', limits) > 0);
  assert.equal(two.waitSeconds('another key', limits), 0);
  assert.equal(stranger.waitSeconds('key', limits), 0);
});
