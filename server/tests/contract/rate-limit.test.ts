import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { updateCustomer } from '../../src/customers/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { form, refusal, send, type WireReply } from './wire.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const badKeysAtOnce = 20;

function call(key: string, address: string): Promise<WireReply> {
  const headers = { 'X-Forwarded-For': address };
  return send(panel, { headers, body: form({ key, action: 'balance' }) });
}

function assertLimited(reply: WireReply, retryAfter: string): void {
  assert.deepEqual(reply, {
    status: 429,
    contentType: 'application/json; charset=UTF-8',
    retryAfter,
    text: refusal('Rate limit exceeded'),
  });
}

test('wrong keys are limited per address, and pass again after the time we name', async () => {
  for (let attempt = 0; attempt < badKeysAtOnce; attempt += 1) {
    const reply = await call(`wrong ${attempt}`, '192.0.2.1');
    assert.deepEqual([reply.status, reply.text], [200, refusal('Invalid API key')]);
  }
  assertLimited(await call('wrong', '192.0.2.1'), '1');
  assertLimited(await call('', '192.0.2.1'), '1');
  assert.equal((await call('wrong', '192.0.2.2')).status, 200);
  panel.clock.advance(1_000);
  assert.equal((await call('wrong', '192.0.2.1')).status, 200);
  assertLimited(await call('wrong', '192.0.2.1'), '1');
});

test('a body that can’t be read is no wrong key, unless the key was sent beside it', async () => {
  const address = '192.0.2.9';
  const post = (body: string, headers: Record<string, string> = {}) =>
    send(panel, { body, headers: { 'X-Forwarded-For': address, ...headers } });
  const json = { 'Content-Type': 'application/json' };
  const { key } = await makeCustomer(panel);
  const crowded = `key=${key}&action=balance${'&a=1'.repeat(1_000)}`;
  for (let attempt = 0; attempt < badKeysAtOnce; attempt += 1) {
    for (const reply of [await post(`{"key":"${key}"`, json), await post(crowded)]) {
      assert.deepEqual([reply.status, reply.text], [200, refusal('Invalid API key')]);
    }
  }
  for (let attempt = 0; attempt < badKeysAtOnce; attempt += 1) {
    assert.equal((await post('{', { ...json, 'X-Api-Key': 'wrong' })).status, 200);
  }
  assertLimited(await post('{', { ...json, 'X-Api-Key': 'wrong' }), '1');
});

test('a key in use works on from an address that tried many wrong ones', async () => {
  const { key } = await makeCustomer(panel);
  const address = '192.0.2.3';
  assert.equal((await call(key, address)).status, 200);
  for (let attempt = 0; attempt <= badKeysAtOnce; attempt += 1) await call('wrong', address);
  assertLimited(await call('wrong', address), '1');
  assert.match((await call(key, address)).text, /"balance":"100.00"/);
});

test('a thousand calls at once with one good key all pass', async () => {
  const { key } = await makeCustomer(panel);
  const replies = await Promise.all(Array.from({ length: 1_000 }, () => call(key, '192.0.2.4')));
  const expected = '{"balance":"100.00","currency":"USD"}';
  assert.deepEqual(new Set(replies.map((reply) => reply.text)), new Set([expected]));
  assert.deepEqual(new Set(replies.map((reply) => reply.status)), new Set([200]));
});

test('a customer’s own limit holds for each key, and can be lifted again', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const limitTo = (callsPerSecondMax: number | null) =>
    updateCustomer(panel.app, staff, { customerId, changes: { callsPerSecondMax } });
  await limitTo(2);
  for (let taken = 0; taken < 4; taken += 1) {
    assert.equal((await call(key, '192.0.2.5')).status, 200);
  }
  assertLimited(await call(key, '192.0.2.5'), '1');
  assertLimited(await call(key, '192.0.2.6'), '1');
  panel.clock.advance(500);
  assert.equal((await call(key, '192.0.2.5')).status, 200);
  assertLimited(await call(key, '192.0.2.5'), '1');
  await limitTo(null);
  panel.clock.advance(1);
  assert.equal((await call(key, '192.0.2.5')).status, 200);
});

test('a clock that is set back locks no key and no address out', async () => {
  const { key } = await makeCustomer(panel);
  assert.equal((await call(key, '192.0.2.8')).status, 200);
  assert.equal((await call('wrong', '192.0.2.8')).status, 200);
  panel.clock.advance(-3_600_000);
  assert.equal((await call(key, '192.0.2.8')).status, 200);
  assert.equal((await call('wrong', '192.0.2.8')).status, 200);
  panel.clock.advance(3_600_000);
});

test('a suspended customer is limited like others', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const changes = { callsPerSecondMax: 1, status: 'suspended' } as const;
  await updateCustomer(panel.app, staff, { customerId, changes });
  for (let taken = 0; taken < 2; taken += 1) {
    const reply = await call(key, '192.0.2.7');
    assert.equal(reply.text, refusal('Your account has been suspended.'));
  }
  assertLimited(await call(key, '192.0.2.7'), '1');
});

test('a refused call counts against the limit of its key', async () => {
  const { key, customerId } = await makeCustomer(panel);
  await updateCustomer(panel.app, staff, { customerId, changes: { callsPerSecondMax: 1 } });
  const ask = () => send(panel, { body: form({ key, action: 'status', order: 99 }) });
  assert.equal((await ask()).text, refusal('Incorrect order ID'));
  assert.equal((await ask()).text, refusal('Incorrect order ID'));
  assertLimited(await ask(), '1');
});
