import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedClient } from '../testing/scripted.ts';
import { createPanelClient, type PanelClientOptions } from './client.ts';
import { type Transport, TransportError } from './transport.ts';

const order = { service: 1, link: 'https://example.com/post', quantity: 100 };
const options: PanelClientOptions = { url: 'http://panel.example/api/v2', key: 'key-of-the-tests' };

/** Never answers, and gives up as it is told to. */
function hanging(sent: 'no' | 'maybe', onStart = () => {}): Transport {
  return ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new TransportError('timeout', { sent })));
      onStart();
    });
}

test('options that make no client are TypeErrors', () => {
  const wrong: Partial<PanelClientOptions>[] = [
    { url: 'panel.example' },
    { url: 'ftp://panel.example/' },
    { url: 'https://user:secret@panel.example/' },
    { key: '' },
    { timeoutMs: 0 },
    { timeoutMs: 2 ** 31 },
    { timeoutMs: 1.5 },
    { replyBytesMax: -1 },
    { replyBytesMax: Number.POSITIVE_INFINITY },
  ];
  for (const change of wrong) {
    assert.throws(() => createPanelClient({ ...options, ...change }), TypeError);
  }
});

test('the key is in the body only', async () => {
  const { client, requests } = scriptedClient({ json: { balance: '1' } });
  await client.balance();
  const [request] = requests;
  assert.equal(request?.body, 'key=key-of-the-tests&action=balance');
  assert(!JSON.stringify([request?.url, request?.headers]).includes('key-of'));
});

test('at the deadline an order is unknown, unless it is certain that nothing left', async () => {
  for (const [sent, outcome] of [['maybe', 'unknown'] as const, ['no', 'notSent'] as const]) {
    const client = createPanelClient({ ...options, timeoutMs: 1, transport: hanging(sent) });
    const result = await client.add(order);
    assert(result.outcome === outcome);
    assert.equal(result.reason, 'timeout');
    assert.deepEqual(await client.balance(), { ok: false, failure: { kind: 'timeout' } });
  }
});

test('a transport deaf to its signal is left behind', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const client = createPanelClient({ ...options, transport: () => new Promise(() => {}) });
  const adding = client.add(order);
  context.mock.timers.tick(30_000);
  context.mock.timers.tick(1000);
  const outcome = await adding;
  assert(outcome.outcome === 'unknown' && outcome.reason === 'timeout');
});

test('a caller gives up: before sending for sure, while sending maybe', async () => {
  const early = scriptedClient({ json: { order: 5 } });
  const signal = AbortSignal.abort();
  assert.deepEqual(await early.client.add(order, { signal }), {
    outcome: 'notSent',
    reason: 'aborted',
    retryAfterMs: null,
  });
  assert.equal(early.requests.length, 0);

  const controller = new AbortController();
  const transport = hanging('maybe', () => controller.abort());
  const client = createPanelClient({ ...options, transport });
  const outcome = await client.add(order, { signal: controller.signal });
  assert(outcome.outcome === 'unknown' && outcome.reason === 'aborted');
  assert.deepEqual(await client.services({ signal }), { ok: false, failure: { kind: 'aborted' } });
});

test('a transport that breaks its promise leaves an order unknown', async () => {
  const broken: Transport[] = [
    async () => {
      throw new Error('bug');
    },
    () => {
      throw new Error('bug at once');
    },
    async () => JSON.parse('{}'),
    async () => JSON.parse('null'),
  ];
  for (const transport of broken) {
    const client = createPanelClient({ ...options, transport });
    const outcome = await client.add(order);
    assert(outcome.outcome === 'unknown' && outcome.reason === 'transport_fault');
    assert.deepEqual(await client.balance(), { ok: false, failure: { kind: 'unreachable' } });
  }
});

test('what a transport says of itself is what the outcome says', async () => {
  for (const kind of ['unreachable', 'oversized', 'timeout'] as const) {
    for (const sent of ['no', 'maybe'] as const) {
      const client = createPanelClient({
        ...options,
        transport: () => Promise.reject(new TransportError(kind, { sent })),
      });
      const outcome = await client.add(order);
      assert(outcome.outcome === (sent === 'no' ? 'notSent' : 'unknown'));
      assert.equal(outcome.reason, kind);
    }
  }
});
