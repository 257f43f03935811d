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
    ...['scenario', 'value', 'unit', 'reference', 'ratio', 'target', 'met'],
    ...['p50Ms', 'p99Ms', 'rssMiB'],
  ]);
  assert.equal(row.scenario, 'balance');
  assert.equal(row.unit, 'calls/s');
  assert.equal(row.target, 0.7);
  assert.equal(typeof row.met, 'boolean');
  for (const name of ['value', 'reference', 'ratio', 'p50Ms', 'p99Ms', 'rssMiB']) {
    assert(row[name] > 0, name);
  }
});

test('an unknown scenario is refused with the names there are', async () => {
  await assert.rejects(run(process.execPath, [bench, 'nonsense']), /there are add, .*status/);
});
