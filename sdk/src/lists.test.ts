import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ScriptedReply, scriptedClient } from '../testing/scripted.ts';
import type { PanelClient } from './client.ts';
import { TransportError } from './transport.ts';

const completed = {
  charge: '0.27819',
  start_count: '3572',
  status: 'Completed',
  remains: '0',
  currency: 'USD',
};

/** What each answer says in a word: a status, an outcome, or a failure. */
function summary(answers: Map<string, object>): Record<string, unknown> {
  return Object.fromEntries([...answers].map(([id, answer]) => [id, wordFor(answer)]));
}

function wordFor(answer: object): unknown {
  const { ok, value, failure, outcome, reason, refusal } = Object(answer);
  if (ok === true) return value.word ?? value.status.word;
  if (ok === false) return failure.refusal?.code ?? failure.reason ?? failure.kind;
  return refusal?.code ?? reason ?? outcome;
}

const incorrect = { error: 'Incorrect order ID' };

type Case = {
  name: string;
  ask: (client: PanelClient) => Promise<{
    answers: Map<string, object>;
    missing: string[];
    foreign: string[];
  }>;
  reply: ScriptedReply;
  says: Record<string, unknown>;
  missing?: string[];
  foreign?: string[];
};

const statuses = (client: PanelClient) => client.statuses([1, '10', 100]);
const refills = (client: PanelClient) => client.refills([1, 2, 3]);
const cancel = (client: PanelClient) => client.cancel([9, 2]);
const refillStatuses = (client: PanelClient) => client.refillStatuses([1, 2, 3]);
const all = (word: string) => ({ 1: word, 2: word, 3: word });

const cases: Case[] = [
  {
    name: 'statuses keyed by id, one refused by an object and one by a bare text',
    ask: statuses,
    reply: { json: { 1: completed, 10: incorrect, 100: 'Incorrect order ID' } },
    says: { 1: 'Completed', 10: 'incorrect_order', 100: 'incorrect_order' },
  },
  {
    name: 'statuses in a list, ids as numbers and texts, in another order',
    ask: statuses,
    reply: {
      json: [
        { ...completed, order: '100' },
        { ...completed, id: 1, status: 'Partial' },
        { order: 10, ...incorrect },
      ],
    },
    says: { 1: 'Partial', 10: 'incorrect_order', 100: 'Completed' },
  },
  {
    name: 'statuses that leave out one id and tell of others',
    ask: statuses,
    reply: { json: { 1: completed, 10: completed, 7: completed, 8: null } },
    says: { 1: 'Completed', 10: 'Completed', 100: 'missing' },
    missing: ['100'],
    foreign: ['7', '8'],
  },
  {
    name: 'statuses without ids are never matched by their place',
    ask: statuses,
    reply: { json: [completed, completed, completed] },
    says: { 1: 'row_without_id', 10: 'row_without_id', 100: 'row_without_id' },
  },
  {
    name: 'a list of which one row has no id',
    ask: statuses,
    reply: { json: [{ ...completed, order: 1 }, 'Incorrect order ID', null] },
    says: { 1: 'Completed', 10: 'row_without_id', 100: 'row_without_id' },
  },
  {
    name: 'two rows of an id that agree, and two that do not',
    ask: statuses,
    reply: {
      json: [
        { ...completed, order: 1 },
        { ...completed, order: 1 },
        { ...completed, order: 10 },
        { ...completed, order: 10, remains: '5' },
        { ...completed, order: 100 },
      ],
    },
    says: { 1: 'Completed', 10: 'contradiction', 100: 'Completed' },
  },
  {
    name: 'a list that became an object by its places',
    ask: statuses,
    reply: { json: { 0: { ...completed, order: 10 }, 1: { ...completed, order: 100 } } },
    says: { 1: 'missing', 10: 'Completed', 100: 'Completed' },
    missing: ['1'],
  },
  {
    name: 'keys with a meaning in JavaScript',
    ask: statuses,
    reply: { body: `{"__proto__":{"1":5},"constructor":1,"1":${JSON.stringify(completed)}}` },
    says: { 1: 'Completed', 10: 'missing', 100: 'missing' },
    missing: ['10', '100'],
  },
  {
    name: 'a single status where three were asked is nobody’s',
    ask: statuses,
    reply: { json: completed },
    says: { 1: 'unexpected_shape', 10: 'unexpected_shape', 100: 'unexpected_shape' },
  },
  {
    name: 'a refusal of the whole list',
    ask: statuses,
    reply: { json: { error: 'Incorrect request' } },
    says: { 1: 'incorrect_request', 10: 'incorrect_request', 100: 'incorrect_request' },
  },
  {
    name: 'an empty list',
    ask: statuses,
    reply: { json: [] },
    says: { 1: 'missing', 10: 'missing', 100: 'missing' },
    missing: ['1', '10', '100'],
  },
  {
    name: 'a firewall',
    ask: statuses,
    reply: { body: '<html>', status: 403 },
    says: { 1: 'unexpected_status', 10: 'unexpected_status', 100: 'unexpected_status' },
  },
  {
    name: 'refills, the id a number or a text, one refused',
    ask: refills,
    reply: {
      json: [
        { order: 1, refill: 1 },
        { order: '2', refill: '2' },
        { order: 3, refill: incorrect },
      ],
    },
    says: { 1: 'accepted', 2: 'accepted', 3: 'incorrect_order' },
  },
  {
    name: 'refills refused by a text, beside the order, and by nothing readable',
    ask: refills,
    reply: {
      json: [
        { order: 1, refill: 'Refill is disabled for this service' },
        { order: 2, error: 'Any words' },
        { order: 3, refill: 'ok' },
      ],
    },
    says: { 1: 'refill_disabled', 2: 'unknown_refusal', 3: 'unexpected_shape' },
  },
  {
    name: 'refills that are and are not, that are nothing, and that are missing',
    ask: refills,
    reply: {
      json: [
        { order: 1, refill: 7, error: 'Bad link' },
        { order: 2, refill: 0 },
      ],
    },
    says: { 1: 'result_and_error', 2: 'unexpected_shape', 3: 'missing' },
    missing: ['3'],
  },
  {
    name: 'refills keyed by order',
    ask: refills,
    reply: { json: { 1: { refill: 5 }, 2: 6, 3: 'Refill days are over' } },
    says: { 1: 'accepted', 2: 'accepted', 3: 'refill_window_over' },
  },
  {
    name: 'a panel without refills',
    ask: refills,
    reply: { json: { error: 'Incorrect request' } },
    says: all('incorrect_request'),
  },
  {
    name: 'one refill where three were asked',
    ask: refills,
    reply: { json: { refill: '1' } },
    says: all('unexpected_shape'),
  },
  {
    name: 'a crash while refilling',
    ask: refills,
    reply: { status: 500, json: { error: 'Internal error' } },
    says: all('server_error'),
  },
  {
    name: 'cancellations, taken and refused',
    ask: cancel,
    reply: {
      json: [
        { order: 9, cancel: incorrect },
        { order: 2, cancel: 1 },
      ],
    },
    says: { 9: 'incorrect_order', 2: 'accepted' },
  },
  {
    name: 'cancellations as a text and as true',
    ask: cancel,
    reply: {
      json: [
        { order: '9', cancel: '1' },
        { order: 2, cancel: true },
      ],
    },
    says: { 9: 'accepted', 2: 'accepted' },
  },
  {
    name: 'cancellations that say no without a word',
    ask: cancel,
    reply: {
      json: [
        { order: 9, cancel: 0 },
        { order: 2, cancel: {} },
      ],
    },
    says: { 9: 'unexpected_shape', 2: 'unexpected_shape' },
  },
  {
    name: 'refill statuses, a refusal nested, ids as text',
    ask: refillStatuses,
    reply: {
      json: [
        { refill: 1, status: 'Completed' },
        { refill: '2', status: 'in_progress' },
        { refill: 3, status: { error: 'Refill not found' } },
      ],
    },
    says: { 1: 'Completed', 2: 'In progress', 3: 'refill_not_found' },
  },
];

for (const { name, ask, reply, says, missing = [], foreign = [] } of cases) {
  test(name, async () => {
    const result = await ask(scriptedClient(reply).client);
    assert.deepEqual(summary(result.answers), says);
    assert.deepEqual(result.missing, missing);
    assert.deepEqual(result.foreign, foreign);
  });
}

test('a list goes out in hundreds, each id once, and comes back whole', async () => {
  const { client, forms } = scriptedClient(({ orders = '' }) => ({
    json: Object.fromEntries(orders.split(',').map((id) => [id, completed])),
  }));
  const ids = Array.from({ length: 250 }, (_, index) => index + 1);
  const { answers, missing } = await client.statuses([...ids, 1, '2']);
  assert.deepEqual([...answers.keys()], ids.map(String));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    forms.map(({ orders = '' }) => orders.split(',').length),
    [100, 100, 50],
  );
});

test('no ids, no request', async () => {
  const { client, requests } = scriptedClient({ json: {} });
  assert.equal((await client.cancel([])).answers.size, 0);
  assert.equal(requests.length, 0);
});

test('what is not an id is a TypeError before anything is sent', async () => {
  const { client, requests } = scriptedClient({ json: {} });
  for (const id of ['1,2', '', 'abc', 0, -1, 1.5, 2 ** 53]) {
    await assert.rejects(client.statuses([1, id]), TypeError);
    await assert.rejects(client.status(id), TypeError);
  }
  assert.equal(requests.length, 0);
});

test('a panel that limits is not asked for the rest of the list', async () => {
  const { client, requests } = scriptedClient({ status: 429, headers: { 'retry-after': '2' } });
  const ids = Array.from({ length: 201 }, (_, index) => index + 1);
  const { answers } = await client.cancel(ids);
  assert.equal(requests.length, 1);
  const limited = { outcome: 'notSent', reason: 'rate_limited', retryAfterMs: 2000 };
  assert.deepEqual(answers.get('1'), limited);
  assert.deepEqual(answers.get('201'), { ...limited, reason: 'not_attempted' });
  assert.deepEqual((await client.statuses(ids)).answers.get('201'), {
    ok: false,
    failure: { kind: 'rate_limited', retryAfterMs: 2000 },
  });
});

test('a lost connection leaves its own part unknown and the rest not sent', async () => {
  const { client } = scriptedClient(() => {
    throw new TransportError('unreachable', { sent: 'maybe' });
  });
  const { answers } = await client.refills(Array.from({ length: 101 }, (_, index) => index + 1));
  assert.equal(answers.get('100')?.outcome, 'unknown');
  assert.equal(answers.get('101')?.outcome, 'notSent');
});

test('ids of another part of a list are not foreign, and strangers are named once', async () => {
  const { client } = scriptedClient({ json: { 1: completed, 150: completed, 999: completed } });
  const { foreign } = await client.statuses(Array.from({ length: 150 }, (_, index) => index + 1));
  assert.deepEqual(foreign, ['999']);
});

test('whatever comes back, each asked id has one answer and no other has any', async () => {
  const row = fc.oneof(
    fc.constantFrom<unknown>(completed, incorrect, 'Bad link', null, 1, { order: 2, cancel: 1 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const json = fc.oneof(
    fc.array(row, { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('0', '1', '2', '3', 'error', '__proto__', 'x'), row),
  );
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const { client } = scriptedClient({ json: value });
      const asked = [1, 2];
      const results = [
        await client.statuses(asked),
        await client.refills(asked),
        await client.refillStatuses(asked),
        await client.cancel(asked),
      ];
      for (const { answers, foreign } of results) {
        assert.deepEqual([...answers.keys()], ['1', '2']);
        assert(!foreign.includes('1') && !foreign.includes('2'));
      }
    }),
    { numRuns: 200 },
  );
});
