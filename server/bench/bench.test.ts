import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hasProgram } from './processes.ts';
import { findMisses } from './scenarios/delivering.ts';

const bench = fileURLToPath(new URL('run.ts', import.meta.url));
const run = promisify(execFile);
// For one that hangs: beside other tests, on two slow cores, a scenario took 145 seconds.
const timeoutMs = 300_000;
const skip = hasProgram('wrk') ? false : 'wrk is not installed';

test('scenarios print one JSON document of the promised shape', { skip }, async () => {
  const args = [bench, 'start-empty', 'memory', '--json', '--seconds', '1', '--rounds', '1'];
  const { stdout } = await run(process.execPath, args, { timeout: timeoutMs });
  const rows: unknown = JSON.parse(stdout);
  assert(Array.isArray(rows) && rows.length === 2);
  const [start, memory] = rows;
  assert.deepEqual(Object.keys(start), [
    ...['scenario', 'value', 'unit', 'reference', 'ratio', 'target', 'judgedBy', 'met'],
    ...['p50Ms', 'p99Ms', 'rssMiB', 'note'],
  ]);
  assert.equal(start.unit, 'ms');
  assert.equal(start.target, 4_000);
  assert.equal(start.judgedBy, 'most');
  assert.equal(typeof start.met, 'boolean');
  assert(start.value > 0 && start.rssMiB > 0, JSON.stringify(start));
  assert.match(memory.note, /calls\/s for 1 s; API [0-9]+ MiB .*; worker [0-9]+ MiB/);
  for (const name of ['value', 'p50Ms', 'p99Ms', 'rssMiB']) assert(memory[name] > 0, name);
});

test('orders of a benchmark are sent, followed and settled, and the books hold after it', {
  skip,
}, async () => {
  const options = ['--json', '--seconds', '1', '--size', '100'];
  const args = [bench, 'delivering', ...options];
  const { stdout } = await run(process.execPath, args, { timeout: timeoutMs });
  const [row] = JSON.parse(stdout);
  // Whether it kept up is the machine's: other tests run beside it.
  assert.match(row.note, /, 600 settled [0-9]+ s later, 120 with a refund/);
  assert(row.value > 0 && row.p50Ms > 0 && row.p99Ms >= row.p50Ms, stdout);
});

test('deliveries that do not keep up with orders are a miss', () => {
  const placed = { perSecond: 100, placed: 600 };
  const good = {
    ...{ waiting: 300, lateSeconds: 10, uncheckedSeconds: 120 },
    ...{ restSeconds: 7, done: 600, refunded: 1 },
  };
  assert.deepEqual(findMisses(good, placed), []);
  const missed: [Partial<typeof good>, says: string][] = [
    [{ waiting: 301 }, 'sent: 301 orders waited'],
    [{ lateSeconds: 10.1 }, 'followed: statuses came too late'],
    [{ uncheckedSeconds: 121 }, 'checked: what changed in time'],
    [{ done: 599 }, 'settled: 1 of 600 orders'],
    [{ refunded: 0 }, 'refunded: a single order'],
  ];
  for (const [seen, says] of missed) {
    assert.deepEqual(findMisses({ ...good, ...seen }, placed), [says]);
  }
});

test('help names every scenario and option; another is refused with those there are', async () => {
  const { stdout } = await run(process.execPath, [bench, '--help']);
  assert.match(stdout, /\n {2}add-one-customer .*\n[\s\S]*\n {2}poll .*--size 1000000.*\n/);
  assert.match(stdout, /\n {2}--seconds N .*\n/);
  const refused: [args: string[], says: RegExp][] = [
    [['nonsense'], /no scenario "nonsense"; there are add, .*status/],
    [['--nonsense'], /Unknown option '--nonsense'; there are --json, .*--seconds/],
    [['balance', '--size', '5'], /--size is for .*poll/],
    [['--rounds', '0'], /--rounds is a whole number from 1 to 99/],
  ];
  await Promise.all(
    refused.map(([args, says]) => assert.rejects(run(process.execPath, [bench, ...args]), says)),
  );
});
