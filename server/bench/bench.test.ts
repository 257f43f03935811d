import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hasProgram } from './processes.ts';

const bench = fileURLToPath(new URL('run.ts', import.meta.url));
const run = promisify(execFile);
const timeoutMs = 60_000;
const skip = hasProgram('wrk') ? false : 'wrk is not installed';

test('a scenario prints one JSON document of the promised shape', { skip }, async () => {
  const args = [bench, 'balance', '--json', '--seconds', '1', '--rounds', '1'];
  const { stdout } = await run(process.execPath, args, { timeout: timeoutMs });
  const rows: unknown = JSON.parse(stdout);
  assert(Array.isArray(rows) && rows.length === 1);
  const [row] = rows;
  assert.deepEqual(Object.keys(row), [
    ...['scenario', 'value', 'unit', 'reference', 'ratio', 'target', 'judgedBy', 'met'],
    ...['p50Ms', 'p99Ms', 'rssMiB', 'note'],
  ]);
  assert.equal(row.scenario, 'balance');
  assert.equal(row.unit, 'calls/s');
  assert.equal(row.target, 0.7);
  assert.equal(typeof row.met, 'boolean');
  for (const name of ['value', 'reference', 'ratio', 'p50Ms', 'p99Ms', 'rssMiB']) {
    assert(row[name] > 0, name);
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
