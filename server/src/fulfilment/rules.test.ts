import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AddOutcome,
  orderStatusWord,
  type RefusalCode,
  type OrderStatus as UpstreamStatus,
} from '@panelwright/sdk';
import fc from 'fast-check';
import { troubleOf } from '../providers/index.ts';
import {
  decideNext,
  pollSecondsAfterChange,
  readStatus,
  saysOutOfFunds,
  statusKey,
} from './rules.ts';

const rejected = (code: RefusalCode): AddOutcome => ({
  outcome: 'rejected',
  refusal: { code, text: code },
  raw: '',
});
const notSent = (retryAfterMs: number | null = null): AddOutcome => ({
  outcome: 'notSent',
  reason: 'unreachable',
  retryAfterMs,
});

const statusOf = (word: string, fields: Partial<UpstreamStatus> = {}): UpstreamStatus => ({
  status: orderStatusWord(word),
  charge: null,
  startCount: null,
  remains: null,
  currency: null,
  runs: null,
  posts: null,
  expiry: null,
  orders: null,
  row: {},
  ...fields,
});

const plain = { quantity: 100n, isDelegated: false };

test('what may have arrived is never sent again, whatever came before', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.string(), (failures, raw) => {
      const outcome: AddOutcome = { outcome: 'unknown', reason: 'server_error', status: 500, raw };
      assert.equal(decideNext(outcome, failures).step, 'unknown');
    }),
  );
  assert.equal(decideNext(rejected('request_id_conflict'), 0).step, 'unknown');
});

test('a refused order goes to the next route at once', () => {
  for (const code of ['bad_link', 'incorrect_service', 'unknown_refusal'] as const) {
    const next = decideNext(rejected(code), 0);
    assert(next.step === 'next_route' && next.reason === 'rejected');
  }
});

test('an order waits where the reason passes by itself', () => {
  for (const code of ['not_enough_funds', 'invalid_key', 'suspended', 'duplicate_link'] as const) {
    assert.equal(decideNext(rejected(code), 0).step, 'retry');
  }
  assert.equal(saysOutOfFunds(rejected('not_enough_funds')), true);
  assert.equal(troubleOf(rejected('suspended'))?.kind, 'key_refused');
  assert.equal(saysOutOfFunds(rejected('bad_link')), false);
  assert.equal(troubleOf(rejected('bad_link')), null);
});

test('a provider out of reach is tried five times, later each time, then the next route', () => {
  let waited = 0;
  let failures = 0;
  for (let attempt = 1; attempt < 5; attempt += 1) {
    const next = decideNext(notSent(), failures);
    assert(next.step === 'retry' && next.afterMs > waited && next.failures === attempt);
    waited = next.afterMs;
    failures = next.failures;
  }
  const last = decideNext(notSent(), failures);
  assert(last.step === 'next_route' && last.reason === 'not_sent');
});

test('a provider that names a time is not asked before', () => {
  const next = decideNext(notSent(90_000), 0);
  assert(next.step === 'retry' && next.afterMs === 90_000);
});

test('a worker that stops gives its orders back without a mark against the provider', () => {
  const aborted: AddOutcome = { outcome: 'notSent', reason: 'aborted', retryAfterMs: null };
  assert.deepEqual(decideNext(aborted, 3), { step: 'retry', afterMs: 0, failures: 3 });
});

for (const [word, fields, report] of [
  ['Pending', {}, { status: 'Pending' }],
  [
    'inprogress',
    { startCount: 5, remains: 40 },
    { status: 'In progress', startCount: 5n, remains: 40n },
  ],
  ['Processing', { remains: -3 }, { status: 'Processing', remains: 0n }],
  ['tasks.status.completed', { remains: -20 }, { status: 'Completed' }],
  ['Partial', { remains: 30 }, { status: 'Partial', remains: 30n }],
  ['Partial', { remains: -5 }, { status: 'Partial', remains: 0n }],
  ['Cancelled', {}, { status: 'Canceled' }],
  ['Cancelled', { charge: '0.00' }, { status: 'Canceled' }],
  ['Canceled', { remains: 100 }, { status: 'Canceled' }],
  ['Canceled', { remains: 30, charge: '0.00' }, { status: 'Canceled' }],
  ['Canceled', { remains: 0 }, { status: 'Canceled' }],
  ['Refunded', {}, { status: 'Canceled' }],
] as const) {
  test(`${word} with ${JSON.stringify(fields)} is applied`, () => {
    assert.deepEqual(readStatus(statusOf(word, fields), plain), { kind: 'report', report });
  });
}

for (const [word, fields] of [
  ['Teleported', {}],
  ['Partial', {}],
  ['Partial', { remains: 101 }],
  ['In progress', { remains: 101 }],
  ['Canceled', { charge: '0.5' }],
  ['Refunded', { charge: '0.5', remains: null }],
  ['Canceled', { remains: 30, charge: '0.5' }],
  ['Canceled', { remains: 30 }],
  ['Canceled', { remains: 0, charge: '0.5' }],
  ['Failed', {}],
  ['Error', { remains: 100 }],
  ['Active', {}],
  ['Expired', {}],
] as const) {
  test(`${word} with ${JSON.stringify(fields)} is for staff, and moves no money`, () => {
    assert.equal(readStatus(statusOf(word, fields), plain).kind, 'flag');
  });
}

test('a drip-feed run by the provider is in progress while it is active', () => {
  const delegated = { quantity: 100n, isDelegated: true };
  const active = readStatus(statusOf('Active', { runs: 2 }), delegated);
  assert.deepEqual(active, { kind: 'report', report: { status: 'In progress' } });
  assert.equal(readStatus(statusOf('Canceled', { runs: 2 }), delegated).kind, 'flag');
});

test('whatever a provider says, a report is within the order', () => {
  const numbers = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });
  const words = fc.constantFrom('Pending', 'Partial', 'Canceled', 'Completed', 'In progress', 'x');
  fc.assert(
    fc.property(words, numbers, numbers, (word, remains, startCount) => {
      const reading = readStatus(statusOf(word, { remains, startCount }), plain);
      if (reading.kind === 'flag') return;
      const { report } = reading;
      assert((report.remains ?? 0n) >= 0n && (report.remains ?? 0n) <= 100n);
      assert((report.startCount ?? 0n) >= 0n);
    }),
  );
});

test('the same status has the same key, another one another', () => {
  const status = statusOf('In progress', { remains: 5 });
  assert.equal(statusKey(status), statusKey(statusOf('inprogress', { remains: 5 })));
  assert.notEqual(statusKey(status), statusKey(statusOf('In progress', { remains: 4 })));
});

test('of a parent with very many orders one more is another status', () => {
  const orders = Array.from({ length: 1_000 }, (_, index) => String(1_000_000 + index));
  const key = statusKey(statusOf('Active', { remains: 7, orders }));
  assert.equal(key, statusKey(statusOf('Active', { remains: 7, orders: [...orders] })));
  const more = statusOf('Active', { remains: 7, orders: [...orders, '2000000'] });
  assert.notEqual(key, statusKey(more));
  // What it says is still read of it.
  assert.match(key, /^Active[|][|]7[|]/);
  assert(key.length < 300);
});

test('a poll comes sooner the nearer the end is, between 5 seconds and an hour', () => {
  const order = { quantity: 100n, ageSeconds: 1_000, before: 600 };
  const early = pollSecondsAfterChange({ ...order, remains: 90n });
  const late = pollSecondsAfterChange({ ...order, remains: 5n });
  assert(early > late, `${early} and ${late}`);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 0n }), 5);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 99n, ageSeconds: 1e6 }), 3_600);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 100n }), 600);
});

test('the first of an order that has just begun does not tell its pace', () => {
  const order = { quantity: 10_000n, before: 5 };
  assert.equal(pollSecondsAfterChange({ ...order, remains: 9_999n, ageSeconds: 6 }), 24);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 9_900n, ageSeconds: 6 }), 24);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 9_000n, ageSeconds: 6 }), 14);
  assert.equal(pollSecondsAfterChange({ ...order, remains: 9_999n, ageSeconds: 1 }), 5);
});
