import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startUpstream, type UpstreamOptions } from './upstream.ts';

test('the upstream of benchmarks changes one row in ten per poll, and counts calls', async (t) => {
  const options = { orders: 1_000_000, quantity: 1_000, pollsPerChange: 10 };
  const { upstream, ask } = await open(t, options);
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

test('orders at the upstream of benchmarks end in time, one in five with a refund', async (t) => {
  const options = { orders: 0, quantity: 1, pollsPerChange: 1, endsAfterMs: 300 };
  const { ask } = await open(t, options);
  for (let id = 1; id <= 10; id += 1) {
    assert.deepEqual(await ask({ action: 'add', quantity: String(50 + id) }), { order: id });
  }
  const orders = Array.from({ length: 10 }, (_, at) => at + 1).join(',');
  const under = await ask({ action: 'status', order: '10' });
  assert.equal(under.status, 'In progress');
  assert(Number(under.remains) > 0 && Number(under.remains) <= 60);
  let rows: Record<string, unknown> = {};
  do rows = await ask({ action: 'status', orders });
  while (JSON.stringify(rows).includes('In progress'));
  const is = (id: number, status: string, remains: string, charge = '0.90') =>
    assert.deepEqual(rows[id], {
      ...{ charge, start_count: String(id), status, remains, currency: 'USD' },
    });
  is(1, 'Partial', '26');
  for (let id = 2; id < 10; id += 1) is(id, 'Completed', '0');
  is(10, 'Canceled', '60', '0.00');
});

async function open(t: TestContext, options: UpstreamOptions) {
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
  return { upstream, ask };
}
