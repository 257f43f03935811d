import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startUpstream } from './upstream.ts';

test('the upstream of benchmarks changes one row in ten per poll, and counts calls', async (t) => {
  const options = { orders: 1_000_000, quantity: 1_000, pollsPerChange: 10 };
  const stop = new AbortController();
  const upstream = await startUpstream({ signal: stop.signal }, options);
  t.after(() => upstream.process.stop());
  const ask = async (fields: Record<string, string>): Promise<Record<string, unknown>> => {
    const body = new URLSearchParams({ key: 'any', ...fields });
    return (await (await fetch(upstream.url, { method: 'POST', body })).json()) as Record<
      string,
      unknown
    >; // every reply asked for here is an object
  };
  const orders = Array.from({ length: 100 }, (_, index) => String(999_901 + index)).join(',');
  let before = await ask({ action: 'status', orders });
  assert.equal(Object.keys(before).length, 100);
  for (let poll = 0; poll < 10; poll += 1) {
    const rows = await ask({ action: 'status', orders });
    const earlier = before;
    const changed = Object.keys(rows).filter(
      (id) => JSON.stringify(rows[id]) !== JSON.stringify(earlier[id]),
    );
    assert.equal(changed.length, 10);
    before = rows;
  }
  assert.deepEqual(await ask({ action: 'add' }), { order: 1_000_001 });
  assert.equal((await ask({ action: 'status', order: '1000001' })).status, 'In progress');
  assert.deepEqual(await ask({ action: 'status', order: '1000002' }), {
    error: 'Incorrect order ID',
  });
  const counts = await upstream.counts();
  assert.deepEqual(counts, { adds: 1, statusCalls: 13, rows: 1_102, otherCalls: 0 });
});
