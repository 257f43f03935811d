import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock, minuteMs, silentLog } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { createTaskLog } from './task-log.ts';

test('a task that fails rests for longer the longer it took, a minute at most', async (t) => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  // It is asked for nothing before what is remembered is written.
  const db = {} as Db;
  const tasks = createTaskLog({ db, clock: fakeClock(new Date(0)), log: silentLog });
  const rest = async (tookMs: number, fails: boolean) => {
    const task = async () => {
      nowMs += tookMs;
      if (fails) throw new Error('no');
    };
    return (await tasks.run('figures', task)).restMs;
  };
  assert.equal(await rest(14_000, false), 0);
  assert.equal(await rest(0, true), 0);
  assert.equal(await rest(14_000, true), 42_000);
  assert.equal(await rest(600_000, true), minuteMs);
  assert.equal(await rest(600_000, false), 0);
});
