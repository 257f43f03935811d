import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ScriptedReply, scriptedClient } from '../testing/scripted.ts';
import type { OrderStatus } from './status.ts';
import { orderStatusWord, refillStatusWord } from './status.ts';

async function statusOf(json: unknown): Promise<Omit<OrderStatus, 'row'>> {
  const reading = await scriptedClient({ json }).client.status(5);
  assert(reading.ok, JSON.stringify(reading));
  const { row: _row, ...rest } = reading.value;
  return rest;
}

const absent = {
  charge: null,
  startCount: null,
  remains: null,
  currency: null,
  runs: null,
  posts: null,
  expiry: null,
  orders: null,
};

test('status words are known in every spelling', () => {
  const table: [string, string][] = [
    ['Pending', 'Pending'],
    ['awaiting', 'Pending'],
    ['In progress', 'In progress'],
    ['In Progress', 'In progress'],
    ['inprogress', 'In progress'],
    ['in_progress', 'In progress'],
    ['IN-PROGRESS', 'In progress'],
    ['tasks.status.in_progress', 'In progress'],
    ['Processing', 'Processing'],
    ['COMPLETED', 'Completed'],
    [' completed ', 'Completed'],
    ['Partial', 'Partial'],
    ['Canceled', 'Canceled'],
    ['Cancelled', 'Canceled'],
    ['tasks.status.cancelled', 'Canceled'],
    ['Refunded', 'Refunded'],
    ['Fail', 'Failed'],
    ['Failed', 'Failed'],
    ['Error', 'Failed'],
    ['Active', 'Active'],
    ['Paused', 'Paused'],
    ['Expired', 'Expired'],
  ];
  for (const [text, word] of table) {
    assert.deepEqual(orderStatusWord(text), { known: true, word }, text);
  }
  for (const text of ['', 'Teleported', 'Completed?', 'constructor', '__proto__', 'Завершён']) {
    assert.deepEqual(orderStatusWord(text), { known: false, word: text });
  }
  assert.equal(orderStatusWord('x'.repeat(1000)).word.length, 100);
});

test('refill status words are known in every spelling', () => {
  const table: [string, string | null][] = [
    ['Pending', 'Pending'],
    ['In progress', 'In progress'],
    ['inProgress', 'In progress'],
    ['Completed', 'Completed'],
    ['Rejected', 'Rejected'],
    ['Error', 'Error'],
    ['Canceled', null],
  ];
  for (const [text, word] of table) {
    const expected = word === null ? { known: false, word: text } : { known: true, word };
    assert.deepEqual(refillStatusWord(text), expected);
  }
});

test('an order’s status, as the documentation has it', async () => {
  assert.deepEqual(
    await statusOf({
      charge: '0.27819',
      start_count: '3572',
      status: 'Partial',
      remains: '157',
      currency: 'USD',
    }),
    {
      ...absent,
      status: { known: true, word: 'Partial' },
      charge: '0.27819',
      startCount: 3572,
      remains: 157,
      currency: 'USD',
    },
  );
});

test('an order’s status, with what panels make of it', async () => {
  const status = { known: true, word: 'In progress' } as const;
  const table: [object, object][] = [
    [{ charge: null, start_count: null, remains: -3 }, { remains: -3 }],
    [{ charge: 0.1 + 0.2, start_count: '' }, { charge: '0.30000000000000004' }],
    [{ start_counter: '12' }, { startCount: 12 }],
    [{ start_count: null, start_counter: 0 }, { startCount: 0 }],
    [{ remains: 'Unknown', currency: '' }, {}],
    [{ remains: '99999999' }, { remains: 99999999 }],
    [{ remains: '1.5', charge: '1,5' }, {}],
    [
      { runs: 2, orders: [23502, '23507'] },
      { runs: 2, orders: ['23502', '23507'] },
    ],
    [{ orders: [] }, { orders: [] }],
    [{ orders: [null, -1, 5, {}] }, { orders: ['5'] }],
    [
      { expiry: '31/12/2035', posts: '2', orders: [1] },
      { expiry: '31/12/2035', posts: 2, orders: ['1'] },
    ],
    [{ expiry: null, error: '' }, {}],
  ];
  for (const [row, expected] of table) {
    assert.deepEqual(await statusOf({ status: 'inprogress', ...row }), {
      ...absent,
      status,
      ...expected,
    });
  }
});

test('a single status may come wrapped, but never from another order', async () => {
  const row = { status: 'Completed', remains: 0 };
  for (const json of [row, { 5: row }, [row], [{ order: 5, ...row }], { order: '5', ...row }]) {
    assert.equal((await statusOf(json)).remains, 0);
  }
  for (const json of [{ 6: row }, [{ order: 6, ...row }], { order: 6, ...row }]) {
    const reading = await scriptedClient({ json }).client.status(5);
    assert(!reading.ok);
    assert.equal(reading.failure.kind, 'missing');
  }
});

test('a panel’s failure is not an order’s', async () => {
  const bare = [{ status: 'error' }, { status: 'fail', message: 'Database' }, { remains: 5 }, 'x'];
  for (const json of bare) {
    const reading = await scriptedClient({ json }).client.status(5);
    assert(!reading.ok);
    assert.equal(reading.failure.kind, 'unreadable');
  }
  assert.equal((await statusOf({ status: 'Error', charge: '0' })).status.word, 'Failed');
});

test('why a read has no value', async () => {
  const table: [ScriptedReply, object][] = [
    [{ json: { error: 'Invalid API key' } }, { kind: 'refused' }],
    [{ json: { error: 'Invalid API key' }, status: 401 }, { kind: 'refused' }],
    [{ json: { error: 'Rate limit exceeded' } }, { kind: 'rate_limited' }],
    [{ json: { error: 'x' }, status: 429 }, { kind: 'rate_limited' }],
    [{ body: '<html>', status: 429 }, { kind: 'rate_limited' }],
    [
      { json: { error: 'x' }, status: 500 },
      { kind: 'unreadable', reason: 'server_error' },
    ],
    [{ body: '<html>' }, { kind: 'unreadable', reason: 'not_json' }],
    [{ body: '' }, { kind: 'unreadable', reason: 'empty' }],
    [{ body: Uint8Array.of(0xff) }, { kind: 'unreadable', reason: 'not_text' }],
    [
      { json: {}, status: 302 },
      { kind: 'unreadable', reason: 'redirect' },
    ],
    [{ json: [] }, { kind: 'unreadable', reason: 'unexpected_shape' }],
    [{ json: 'OK' }, { kind: 'unreadable', reason: 'unexpected_shape' }],
    [{ json: { balance: 'lots' } }, { kind: 'unreadable', reason: 'unexpected_shape' }],
    [{ body: ' '.repeat(2 ** 24 + 1) }, { kind: 'oversized' }],
  ];
  for (const [reply, failure] of table) {
    const reading = await scriptedClient(reply).client.balance();
    assert(!reading.ok, JSON.stringify(reply));
    assert.partialDeepStrictEqual(reading.failure, failure);
  }
});

test('a balance is exact, whatever it is written as', async () => {
  const table: [object, object][] = [
    [
      { balance: '100.84292', currency: 'USD' },
      { balance: '100.84292', currency: 'USD' },
    ],
    [{ balance: 100.84292 }, { balance: '100.84292', currency: null }],
    [
      { balance: '-5.00', currency: '' },
      { balance: '-5', currency: null },
    ],
    [
      { balance: '1,234.50', currency: 'USD' },
      { balance: '1234.5', currency: 'USD' },
    ],
  ];
  for (const [json, expected] of table) {
    const reading = await scriptedClient({ json }).client.balance();
    assert(reading.ok);
    assert.deepEqual(reading.value, expected);
  }
});

test('single refills and refill statuses', async () => {
  const refilled = await scriptedClient({ json: { refill: '1' } }).client.refill(5);
  assert(refilled.outcome === 'accepted' && refilled.refill === '1');
  const byNumber = await scriptedClient({ json: [{ order: 5, refill: 77 }] }).client.refill(5);
  assert(byNumber.outcome === 'accepted' && byNumber.refill === '77');
  const refused = { error: 'Refill is disabled for this service' };
  for (const json of [refused, { refill: refused }, [{ order: 5, refill: refused }]]) {
    const outcome = await scriptedClient({ json }).client.refill(5);
    assert(outcome.outcome === 'rejected' && outcome.refusal.code === 'refill_disabled');
  }
  const { client, forms } = scriptedClient({ json: { status: 'Completed' } });
  const reading = await client.refillStatus(7);
  assert(reading.ok && reading.value.word === 'Completed');
  assert.equal(forms[0]?.refill, '7');
});
