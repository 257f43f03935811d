import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ScriptedReply, scriptedClient, testKey } from '../testing/scripted.ts';
import type { AddOutcome } from './add.ts';

const order = { service: 1, link: 'https://example.com/post', quantity: 100 };

async function add(reply: ScriptedReply): Promise<AddOutcome> {
  return scriptedClient(reply).client.add(order);
}

const accepted: [ScriptedReply, string][] = [
  [{ json: { order: 23501 } }, '23501'],
  [{ json: { order: '23501' } }, '23501'],
  [{ json: { order: ' 23501 ' } }, '23501'],
  [{ json: { order: 23501 }, status: 201 }, '23501'],
  [{ json: { status: 'success', order: 5, charge: '0.1' } }, '5'],
  [{ json: { order: 5, error: null } }, '5'],
  [{ json: { order: 5, error: '' } }, '5'],
  [{ json: { order: 5, error: false, errors: [] } }, '5'],
  [{ json: { order: '9223372036854775807' } }, '9223372036854775807'],
  [{ body: '\ufeff{"order":5}' }, '5'],
  [{ body: ' \r\n{"order":5}\n' }, '5'],
  [{ body: '{"order":5,"__proto__":{"error":"Bad link"}}' }, '5'],
  [{ body: '{"order":5,"constructor":1,"toString":2}' }, '5'],
];

for (const [reply, id] of accepted) {
  test(`accepted: ${reply.status ?? ''} ${reply.body ?? JSON.stringify(reply.json)}`, async () => {
    const outcome = await add(reply);
    assert.equal(outcome.outcome, 'accepted');
    assert(outcome.outcome === 'accepted' && outcome.order === id);
  });
}

const rejected: [ScriptedReply, string][] = [
  [{ json: { error: 'Not enough funds on balance' } }, 'not_enough_funds'],
  [{ json: { error: 'neworder.error.link_duplicate' } }, 'duplicate_link'],
  [{ json: { error: 'Bad link', code: 7, status: 'fail' } }, 'bad_link'],
  [{ json: { error: { message: 'Bad link' } } }, 'bad_link'],
  [{ json: { error: ['Bad link'] } }, 'bad_link'],
  [{ json: { error: 'Bad link', order: null } }, 'bad_link'],
  [{ json: { error: 'Bad link', order: 0 } }, 'bad_link'],
  [{ json: { error: 'Bad link', order: '' } }, 'bad_link'],
  [{ json: { error: 'Invalid API key' }, status: 401 }, 'invalid_key'],
  [{ json: { error: 'Incorrect request' }, status: 404 }, 'incorrect_request'],
  [{ json: { error: 'The operator says no' }, status: 422 }, 'unknown_refusal'],
  [{ json: { error: 'Rate limit exceeded' } }, 'rate_limited'],
];

for (const [reply, code] of rejected) {
  test(`rejected as ${code}: ${reply.status ?? ''} ${JSON.stringify(reply.json)}`, async () => {
    const outcome = await add(reply);
    assert(outcome.outcome === 'rejected');
    assert.equal(outcome.refusal.code, code);
    assert.equal(outcome.raw, JSON.stringify(reply.json));
  });
}

const html = '<!DOCTYPE html><html><body>Checking your browser</body></html>';
const unknown: [ScriptedReply, string][] = [
  [{ json: { order: 5, error: 'Bad link' } }, 'result_and_error'],
  [{ json: { order: 5, error: true } }, 'result_and_error'],
  [{ json: { order: 'x', error: 'Bad link' } }, 'result_and_error'],
  [{ json: { order: 5, error: 'Bad link' }, status: 400 }, 'result_and_error'],
  [{ json: { order: 5, status: 'fail' } }, 'result_and_error'],
  [{ json: { order: 5, success: false } }, 'result_and_error'],
  [{ json: { order: -5 } }, 'unusable_id'],
  [{ json: { order: 1.5 } }, 'unusable_id'],
  [{ json: { order: 'abc' } }, 'unusable_id'],
  [{ json: { order: true } }, 'unusable_id'],
  [{ json: { order: [5] } }, 'unusable_id'],
  [{ json: { order: { id: 5 } } }, 'unusable_id'],
  [{ body: '{"order":9007199254740993}' }, 'unusable_id'],
  [{ body: '{"order":1e400}' }, 'unusable_id'],
  [{ json: { order: '12345678901234567890' } }, 'unusable_id'],
  [{ json: { order: 5 }, status: 202 }, 'unexpected_status'],
  [{ json: { order: 5 }, status: 400 }, 'unexpected_status'],
  [{ json: { order: 5 }, status: 429 }, 'unexpected_status'],
  [{ json: [{ order: 5 }], status: 429 }, 'unexpected_status'],
  [{ json: { order: 5 }, status: 500 }, 'server_error'],
  [{ json: { error: 'Bad link' }, status: 500 }, 'server_error'],
  [{ json: { error: 'overloaded' }, status: 503 }, 'server_error'],
  [{ json: { order: 5 }, status: 302 }, 'redirect'],
  [{ body: '', status: 301 }, 'redirect'],
  [{ body: html, status: 403 }, 'unexpected_status'],
  [{ body: html, status: 404 }, 'unexpected_status'],
  [{ json: { message: 'Unauthorized' }, status: 401 }, 'unexpected_status'],
  [{ json: { error: 'Request timeout' }, status: 408 }, 'unexpected_status'],
  [{ body: html, status: 522 }, 'server_error'],
  [{ body: html }, 'not_json'],
  [{ body: '{"order":235' }, 'not_json'],
  [{ body: '<br />Warning: mysqli{"order":5}' }, 'not_json'],
  [{ body: '' }, 'empty'],
  [{ body: ' \n' }, 'empty'],
  [{ body: '', status: 204 }, 'empty'],
  [{ body: Uint8Array.of(0x7b, 0xff, 0x7d) }, 'not_text'],
  [{ body: Buffer.from('{"order":5,"note":"\xff"}', 'latin1') }, 'not_text'],
  [{ json: {} }, 'unexpected_shape'],
  [{ json: [] }, 'unexpected_shape'],
  [{ json: [{ order: 5 }] }, 'unexpected_shape'],
  [{ json: 'Bad link' }, 'unexpected_shape'],
  [{ json: 23501 }, 'unexpected_shape'],
  [{ json: null }, 'unexpected_shape'],
  [{ json: { error: '' } }, 'unexpected_shape'],
  [{ json: { error: 5 } }, 'unexpected_shape'],
  [{ json: { order: 0 } }, 'unexpected_shape'],
  [{ json: { message: 'Bad link' } }, 'unexpected_shape'],
  [{ body: '{"__proto__":{"order":5}}' }, 'unexpected_shape'],
  [{ body: 'x'.repeat(2 ** 24 + 1) }, 'oversized'],
];

for (const [reply, reason] of unknown) {
  const shown = String(reply.body ?? JSON.stringify(reply.json)).slice(0, 60);
  test(`unknown as ${reason}: ${reply.status ?? ''} ${shown}`, async () => {
    const outcome = await add(reply);
    assert(outcome.outcome === 'unknown');
    assert.equal(outcome.reason, reason);
    assert.equal(outcome.status, reply.status ?? 200);
    if (typeof reply.body === 'string') assert(reply.body.startsWith(outcome.raw));
  });
}

test('a 429 is not sent, and says when to come back', async () => {
  const limited = { status: 429, json: { error: 'Rate limit exceeded' } };
  const inADay = new Date(Date.now() + 172_800_000).toUTCString();
  const table: [string | undefined, number | null][] = [
    ['3', 3000],
    ['999999', 86_400_000],
    [inADay, 86_400_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, retryAfterMs] of table) {
    const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
    const outcome = await add({ ...limited, headers });
    assert.deepEqual(outcome, { outcome: 'notSent', reason: 'rate_limited', retryAfterMs });
  }
  assert.equal((await add({ status: 429, body: html })).outcome, 'notSent');
});

test('what is kept of a reply is bounded and without the key', async () => {
  const outcome = await add({ body: `${testKey} `.repeat(1000) });
  assert(outcome.outcome === 'unknown');
  assert.equal(outcome.raw, '*** '.repeat(500));
  const long = await add({ body: 'x'.repeat(3000) });
  assert(long.outcome === 'unknown' && long.raw.length === 2000);
});

test('a panel that says the key back is quoted without it, however it is spelled', async () => {
  const escaped = `\\u00${testKey.charCodeAt(0).toString(16)}${testKey.slice(1)}`;
  for (const spelled of [testKey, escaped]) {
    const outcome = await add({ body: `{"error":"key ${spelled} is wrong"}` });
    assert(outcome.outcome === 'rejected');
    assert.equal(outcome.refusal.text, 'key *** is wrong');
  }
});

test('what is kept of a reply is without the key, however the panel escapes it', async () => {
  const key = 'ab/cd+Ef~"gh\\é-0123';
  const code = (letter: string) => letter.charCodeAt(0).toString(16).padStart(4, '0');
  const spellings = [
    key,
    key.replaceAll('/', '\\/'),
    JSON.stringify(key).slice(1, -1),
    // As PHP does, which escapes slashes and what is not ASCII.
    JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/').replaceAll('é', '\\u00e9'),
    Array.from(key, (letter) => `\\u${code(letter)}`).join(''),
    encodeURIComponent(key),
    encodeURIComponent(key).toLowerCase(),
    new URLSearchParams({ key }).toString().slice('key='.length),
  ];
  const before = 'could not read key=';
  for (const spelled of spellings) {
    const { client } = scriptedClient({ body: `${before}${spelled}&action=add` }, { key });
    const outcome = await client.add(order);
    assert(outcome.outcome === 'unknown');
    assert.equal(outcome.raw, `${before}***&action=add`, spelled);
  }
});

test('an error of "0" is no error, so without an order nothing is certain', async () => {
  for (const error of ['0', 0, ' ', []]) {
    const outcome = await add({ json: { error } });
    assert(outcome.outcome === 'unknown', JSON.stringify(error));
    assert.equal(outcome.reason, 'unexpected_shape');
  }
});

const conflicts = [
  ['client_ref', 'client_ref was used with other parameters'],
  ['client_ref', 'Duplicate client_ref'],
  ['client_ref', 'The client ref has already been taken.'],
  ['client_ref', 'request_id was used with other parameters'],
  ['clientRef', 'clientRef already used'],
  ['link_id', 'Duplicate link_id'],
  [undefined, 'request_id was used with other parameters'],
] as const;

for (const [requestIdField, error] of conflicts) {
  test(`the field ${requestIdField} makes a conflict of "${error}"`, async () => {
    const options = requestIdField === undefined ? {} : { requestIdField };
    const outcome = await scriptedClient({ json: { error } }, options).client.add(order);
    assert(outcome.outcome === 'rejected');
    assert.equal(outcome.refusal.code, 'request_id_conflict');
  });
}

test('another field’s name is none of request ids', async () => {
  const asked: [field: string | undefined, error: string, code: string][] = [
    [undefined, 'client_ref was used with other parameters', 'unknown_refusal'],
    ['client_ref', 'Incorrect client_ref', 'incorrect_field'],
    ['client_ref', 'other_ref was used with other parameters', 'unknown_refusal'],
    ['id', 'Incorrect service ID', 'incorrect_service'],
    ['id', 'Order ID not found', 'incorrect_order'],
  ];
  for (const [requestIdField, error, code] of asked) {
    const options = requestIdField === undefined ? {} : { requestIdField };
    const outcome = await scriptedClient({ json: { error } }, options).client.add(order);
    assert(outcome.outcome === 'rejected');
    assert.equal(outcome.refusal.code, code, error);
  }
});

/** Replies that come near a real one, so that random ones reach every branch. */
const value = fc.oneof(
  fc.constantFrom(null, true, false, 0, '', [], {}, 'Bad link', 'fail', -1, 1.5, '5', 5, [5]),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
);
const nearReply = fc.record(
  { order: value, error: value, status: value, success: value },
  { requiredKeys: [] },
);
const status = fc.constantFrom(200, 201, 202, 204, 301, 400, 403, 408, 422, 429, 500, 503, 0, 999);

test('whatever comes back, an order is accepted only with a sane id and no error', async () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
    nearReply.map((reply) => Buffer.from(JSON.stringify(reply))),
    nearReply.map((reply) => Buffer.from(JSON.stringify(reply).slice(0, -1))),
  );
  await fc.assert(
    fc.asyncProperty(body, status, async (bytes, code) => {
      const outcome = await add({ body: bytes, status: code });
      if (outcome.outcome === 'accepted') {
        assert.match(outcome.order, /^(?!0+$)\d{1,19}$/);
        assert(code === 200 || code === 201);
        const { error } = JSON.parse(Buffer.from(bytes).toString());
        assert(typeof error !== 'string' || error.trim() === '' || error === '0');
      }
      if (outcome.outcome === 'rejected') {
        assert(outcome.refusal.text !== '' && code < 500 && code !== 429);
      }
      if (outcome.outcome === 'notSent') assert.equal(code, 429);
    }),
    { numRuns: 500 },
  );
});
