import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBusyPoll } from './busy-poll.ts';

/** A machine whose loop turns when it is told to; a turn takes 0.01 ms unless it is said. */
function openMachine({ cores = 2 } = {}) {
  let nowMs = 0;
  let next: (() => void) | undefined;
  const turn = (turnMs = 0.01) => {
    nowMs += turnMs;
    const run = next;
    next = undefined;
    run?.();
  };
  return {
    poll: createBusyPoll({ cores, nowMs: () => nowMs, nextTurn: (run) => (next = run) }),
    isPolling: () => next !== undefined,
    turn,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('polls until the work is over, and answers what it answers', async () => {
  const machine = openMachine();
  const work = Promise.withResolvers<string>();
  const answer = machine.poll(work.promise);
  for (let turns = 0; turns < 100; turns += 1) {
    assert.ok(machine.isPolling());
    machine.turn();
  }
  work.resolve('stored');
  assert.equal(await answer, 'stored');
  machine.turn();
  assert.ok(!machine.isPolling());
});

test('work that fails ends it too, with its own error', async () => {
  const machine = openMachine();
  const work = Promise.withResolvers<string>();
  const answer = machine.poll(work.promise);
  work.reject(new Error('no room'));
  await assert.rejects(answer, /no room/);
  machine.turn();
  assert.ok(!machine.isPolling());
});

test('what comes before the first turn is no other work: that turn began before', () => {
  const machine = openMachine();
  void machine.poll(new Promise(() => {}));
  machine.turn(0.5);
  assert.ok(machine.isPolling());
});

test('ends at the first sign that somebody else has something to do', () => {
  const machine = openMachine();
  void machine.poll(new Promise(() => {}));
  machine.turn();
  machine.turn(0.25);
  assert.ok(!machine.isPolling());
});

test('ends after two milliseconds, and begins again only once work is quick', async () => {
  const machine = openMachine();
  const work = Promise.withResolvers<string>();
  const slow = machine.poll(work.promise);
  for (let turns = 0; turns < 250; turns += 1) machine.turn();
  assert.ok(!machine.isPolling());
  work.resolve('late');
  await slow;
  const quick = machine.poll(Promise.resolve('soon'));
  assert.ok(!machine.isPolling());
  await quick;
  void machine.poll(new Promise(() => {}));
  assert.ok(machine.isPolling());
});

test('never polls on the only core: there it would take what it waits for', () => {
  const machine = openMachine({ cores: 1 });
  void machine.poll(new Promise(() => {}));
  assert.ok(!machine.isPolling());
});
