import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openLoopback } from '../testing/loopback.ts';
import { createPanelClient, type PanelClientOptions } from './client.ts';
import { createFetchTransport } from './fetch-transport.ts';

const order = { service: 1, link: 'https://example.com/post', quantity: 100 };
const key = 'key-of-the-tests';

async function addTo(listener: RequestListener, options: Partial<PanelClientOptions> = {}) {
  let requests = 0;
  await using server = await openLoopback((request, response) => {
    requests += 1;
    request.resume();
    request.on('end', () => listener(request, response));
  });
  const outcome = await createPanelClient({ url: server.url, key, ...options }).add(order);
  return { outcome, requests };
}

const answer = (response: ServerResponse) => response.end('{"order":23501}');

test('an order goes out as a form and its id comes back', async () => {
  const seen: unknown[] = [];
  const { outcome, requests } = await addTo(
    (request, response) => {
      seen.push(request.method, request.url, request.headers['content-type']);
      seen.push(request.headers['user-agent']);
      answer(response);
    },
    { headers: { 'User-Agent': 'tests/1', 'Content-Type': 'text/plain' } },
  );
  assert.deepEqual(outcome, { outcome: 'accepted', order: '23501', raw: '{"order":23501}' });
  assert.equal(requests, 1);
  assert.deepEqual(seen, ['POST', '/api/v2', 'application/x-www-form-urlencoded', 'tests/1']);
});

test('a refused connection is not sent', async () => {
  const server = await openLoopback(() => {});
  await server[Symbol.asyncDispose]();
  const client = createPanelClient({ url: server.url, key });
  assert.deepEqual(await client.add(order), {
    outcome: 'notSent',
    reason: 'unreachable',
    retryAfterMs: null,
  });
  assert.deepEqual(await client.balance(), { ok: false, failure: { kind: 'unreachable' } });
});

const unknown: [string, string, RequestListener][] = [
  ['a redirect', 'redirect', (_request, response) => redirect(response, 302)],
  ['a redirect that keeps the method', 'redirect', (_request, response) => redirect(response, 307)],
  ['a connection closed before the reply', 'unreachable', (request) => request.socket.destroy()],
  ['a reply cut by the connection', 'unreachable', (_request, response) => cutShort(response)],
  ['JSON that was cut', 'not_json', (_request, response) => response.end('{"order":23')],
  ['an empty reply', 'empty', (_request, response) => response.end()],
  ['a reply without end', 'oversized', (_request, response) => flood(response)],
  ['no reply', 'timeout', () => {}],
  ['a reply that stops', 'timeout', (_request, response) => response.write('{"order":')],
];

for (const [name, reason, listener] of unknown) {
  test(`${name} is unknown, and nothing is sent again`, async () => {
    const timeoutMs = reason === 'timeout' ? 100 : 30_000;
    const { outcome, requests } = await addTo(listener, { timeoutMs, replyBytesMax: 100_000 });
    assert(outcome.outcome === 'unknown', JSON.stringify(outcome));
    assert.equal(outcome.reason, reason);
    assert.equal(requests, 1);
  });
}

test('a redirect hidden by a browser is one too', async () => {
  const opaque = new Response(null);
  Object.defineProperties(opaque, { type: { value: 'opaqueredirect' }, status: { value: 0 } });
  const { outcome } = await addTo(() => {}, { fetch: async () => opaque });
  assert(outcome.outcome === 'unknown' && outcome.reason === 'redirect');
});

test('which failures of fetch are certain not to have sent anything', async () => {
  const withCause = (cause: unknown) => new TypeError('fetch failed', { cause });
  const coded = (code: string, syscall?: string) =>
    Object.assign(new Error(code), { code, syscall });
  const table: [unknown, 'no' | 'maybe'][] = [
    [withCause(coded('ECONNREFUSED')), 'no'],
    [withCause(coded('ENOTFOUND', 'getaddrinfo')), 'no'],
    [withCause(coded('EAI_AGAIN')), 'no'],
    [withCause(coded('UND_ERR_CONNECT_TIMEOUT')), 'no'],
    [withCause(coded('CERT_HAS_EXPIRED')), 'no'],
    [withCause(coded('ERR_TLS_CERT_ALTNAME_INVALID')), 'no'],
    [withCause(coded('ETIMEDOUT', 'connect')), 'no'],
    [withCause(coded('EHOSTUNREACH', 'connect')), 'no'],
    [withCause(new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT', 'connect')])), 'no'],
    [withCause(new AggregateError([coded('ECONNREFUSED'), coded('ECONNRESET')])), 'maybe'],
    [withCause(coded('ETIMEDOUT', 'read')), 'maybe'],
    [withCause(coded('ECONNRESET', 'read')), 'maybe'],
    [withCause(coded('EPIPE', 'write')), 'maybe'],
    [withCause(coded('UND_ERR_SOCKET')), 'maybe'],
    [withCause(coded('UND_ERR_HEADERS_TIMEOUT')), 'maybe'],
    [withCause(undefined), 'maybe'],
    [new TypeError('Failed to fetch'), 'maybe'],
    [Object.create({ code: 'ECONNREFUSED' }), 'maybe'],
    ['ECONNREFUSED', 'maybe'],
    [null, 'maybe'],
  ];
  const request = {
    url: 'http://panel.example/',
    method: 'POST' as const,
    headers: {},
    body: '',
    signal: new AbortController().signal,
    replyBytesMax: 1000,
  };
  for (const [error, sent] of table) {
    const transport = createFetchTransport(() => Promise.reject(error));
    await assert.rejects(transport(request), { name: 'TransportError', kind: 'unreachable', sent });
  }
});

function redirect(response: ServerResponse, status: number) {
  response.writeHead(status, { location: '/elsewhere' }).end('{"order":23501}');
}

function cutShort(response: ServerResponse) {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('{"order":23501}', () => response.destroy());
}

function flood(response: ServerResponse) {
  response.on('drain', () => response.write(' '.repeat(50_000)));
  response.on('error', () => {});
  response.write(' '.repeat(150_000));
}
