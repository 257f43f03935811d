import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ScriptedReply, scriptedClient } from '../testing/scripted.ts';
import { serviceTypes } from './order.ts';
import type { ServiceList } from './services.ts';
import { serviceTypeOf } from './services.ts';

const row = {
  service: 1,
  name: 'Followers',
  type: 'Default',
  category: 'First Category',
  rate: '0.90',
  min: '50',
  max: '10000',
  dripfeed: true,
  refill: false,
  cancel: true,
};

const read = {
  service: '1',
  name: 'Followers',
  category: 'First Category',
  type: 'Default',
  typeKnown: true,
  typeText: 'Default',
  rate: '0.9',
  min: 50,
  max: 10000,
  dripfeed: true,
  refill: false,
  cancel: true,
  description: null,
  averageTime: null,
  separator: false,
};

async function listOf(reply: ScriptedReply): Promise<ServiceList> {
  const reading = await scriptedClient(reply).client.services();
  assert(reading.ok, JSON.stringify(reading));
  return reading.value;
}

test('a list as the documentation has it', async () => {
  const { services, warnings } = await listOf({ json: [row, { ...row, service: '2' }] });
  assert.deepEqual(services, [read, { ...read, service: '2' }]);
  assert.deepEqual(warnings, []);
});

const variations: [string, object, object, string[]][] = [
  ['ids and bounds of the other kind', { service: '1', min: 50, max: 10000 }, {}, []],
  ['a rate with binary noise', { rate: 0.1 + 0.2 }, { rate: '0.30000000000000004' }, []],
  [
    'a rate of 20 decimals',
    { rate: '0.00000000000000000001' },
    { rate: `0.${'0'.repeat(19)}1` },
    [],
  ],
  ['a rate with an exponent', { rate: 1e-7 }, { rate: '0.0000001' }, []],
  ['flags as texts', { dripfeed: 'true', refill: 'false', cancel: '1' }, {}, []],
  ['flags as numbers', { dripfeed: 1, refill: 0, cancel: 1 }, {}, []],
  [
    'no flags',
    { dripfeed: undefined, refill: null, cancel: '' },
    { dripfeed: null, refill: null, cancel: null },
    [],
  ],
  ['HTML in the name', { name: '<b>Followers</b> &nbsp;' }, {}, []],
  ['HTML in the category', { category: '<i class="x"></i>First Category' }, {}, []],
  ['a description', { desc: 'Fast<br>and good' }, { description: 'Fast and good' }, []],
  ['an average time', { average_time: '2 hours' }, { averageTime: '2 hours' }, []],
  ['a type spelled freely', { type: ' default' }, { typeText: 'default' }, []],
  ['a type spelled its own way', { type: 'custom_comments' }, own('Custom Comments'), []],
  [
    'an unknown type',
    { type: 'special' },
    { typeKnown: false, typeText: 'special' },
    ['unknown_type'],
  ],
  ['an empty type', { type: '' }, { typeKnown: false, typeText: '' }, ['unknown_type']],
  ['no type', { type: undefined }, { typeKnown: false, typeText: '' }, ['unknown_type']],
  ['an unreadable rate', { rate: 'free' }, { rate: null }, ['unreadable_rate']],
  ['an ambiguous rate', { rate: '1,5' }, { rate: null }, ['unreadable_rate']],
  ['a negative rate', { rate: '-1' }, { rate: '-1' }, ['unreadable_rate']],
  ['no minimum', { min: undefined }, { min: null }, ['unreadable_bounds']],
  ['a maximum that is a word', { max: 'unlimited' }, { max: null }, ['unreadable_bounds']],
  ['bounds the wrong way round', { min: 5, max: 1 }, { min: 5, max: 1 }, ['unreadable_bounds']],
  [
    'a separator by its rate',
    { type: 'Package', rate: '999999999999.00' },
    { type: 'Package', typeText: 'Package', rate: '999999999999', separator: true },
    [],
  ],
  [
    'a separator by its name',
    { type: 'Package', name: '━━━ ★ ━━━' },
    { type: 'Package', typeText: 'Package', name: '━━━ ★ ━━━', separator: true },
    [],
  ],
  ['a name of signs that is sold', { name: '🔥🔥' }, { name: '🔥🔥' }, []],
];

function own(type: string) {
  return { type, typeText: 'custom_comments' };
}

for (const [name, change, expected, codes] of variations) {
  test(name, async () => {
    const { services, warnings } = await listOf({ json: [{ ...row, ...change }] });
    assert.deepEqual(services, [{ ...read, ...expected }]);
    assert.deepEqual(
      warnings.map((warning) => warning.code),
      codes,
    );
    assert(warnings.every((warning) => warning.service === '1' && warning.text.length <= 200));
  });
}

test('types are known by their letters, in singular and plural', () => {
  const spellings: [string, string][] = [
    ['custom_comments', 'Custom Comments'],
    ['Custom Comment', 'Custom Comments'],
    ['CUSTOM-COMMENTS-PACKAGE', 'Custom Comments Package'],
    ['mentions_with_hashtags', 'Mentions with Hashtags'],
    ['Mentions Users Followers', 'Mentions User Followers'],
    ['Invites From Groups', 'Invites from Groups'],
    ['default', 'Default'],
    ['seo', 'SEO'],
    ['webtraffic', 'Web Traffic'],
    ['Subscription', 'Subscriptions'],
  ];
  for (const [text, type] of spellings) assert.equal(serviceTypeOf(text), type);
  for (const type of serviceTypes) {
    assert.equal(serviceTypeOf(type), type);
    assert.equal(serviceTypeOf(type.toUpperCase().replaceAll(' ', '_')), type);
  }
  for (const text of ['special', '', '  ', 's', 'constructor', 'Custom', 'x'.repeat(100_000)]) {
    assert.equal(serviceTypeOf(text), null);
  }
});

test('a row without an id and a repeated one are left out and told', async () => {
  const rows = [null, 'x', {}, { ...row, service: 'abc' }, row, { ...row, rate: '5' }];
  const { services, warnings } = await listOf({ json: rows });
  assert.deepEqual(services, [read]);
  assert.deepEqual(
    warnings.map(({ code, service }) => [code, service]),
    [...Array(4).fill(['unreadable_row', null]), ['repeated_id', '1']],
  );
});

test('what is not a plausible list is never an empty one', async () => {
  const table: [ScriptedReply, string, string?][] = [
    [{ json: [] }, 'implausible', 'empty_list'],
    [{ json: {} }, 'implausible', 'not_a_list'],
    [{ json: { services: [row] } }, 'implausible', 'not_a_list'],
    [{ json: { 0: row } }, 'implausible', 'not_a_list'],
    [{ json: [null, { error: 'x' }] }, 'implausible', 'no_readable_row'],
    [{ json: { error: 'Invalid API key' } }, 'refused'],
    [{ json: null }, 'implausible', 'not_a_list'],
    [{ json: 'x' }, 'implausible', 'not_a_list'],
    [{ body: '' }, 'unreadable', 'empty'],
    [{ body: '<html>' }, 'unreadable', 'not_json'],
    [{ body: JSON.stringify([row, row]).slice(0, -1) }, 'unreadable', 'not_json'],
    [{ json: [row], status: 500 }, 'unreadable', 'server_error'],
    [{ json: [row], status: 403 }, 'unreadable', 'unexpected_status'],
    [{ json: [row], status: 302 }, 'unreadable', 'redirect'],
  ];
  for (const [reply, kind, reason] of table) {
    const reading = await scriptedClient(reply).client.services();
    assert(!reading.ok, JSON.stringify(reply));
    assert.deepEqual(
      [reading.failure.kind, 'reason' in reading.failure ? reading.failure.reason : undefined],
      [kind, reason],
    );
  }
});

test('ten thousand services of four megabytes keep their order', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    ...row,
    service: index + 1,
    name: `<b>${index}</b> ${'&amp; <i'.repeat(40)}`,
  }));
  const { services, warnings } = await listOf({ json: rows });
  assert.deepEqual(
    services.map(({ service }) => service),
    rows.map(({ service }) => String(service)),
  );
  assert.deepEqual(warnings, []);
});

test('whatever the rows are, reading them does not throw', async () => {
  const cell = fc.oneof(fc.constantFrom('1', 'Package', 5, null), fc.jsonValue({ maxDepth: 1 }));
  const anyRow = fc.dictionary(fc.constantFrom(...Object.keys(row), '__proto__'), cell);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(anyRow, fc.jsonValue()), { maxLength: 5 }), async (rows) => {
      const reading = await scriptedClient({ json: rows }).client.services();
      if (!reading.ok) return;
      const ids = reading.value.services.map(({ service }) => service);
      assert.equal(new Set(ids).size, ids.length);
    }),
    { numRuns: 200 },
  );
});
