import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { type Transport, TransportError } from '@panelwright/sdk';
import { closedPort, type RawServer, selfSigned, serveRaw, serveTls } from './fixture.ts';
import { createTransports, type TransportOptions } from './transport.ts';

const certificate = selfSigned('panel.test');
const opened: { stop?: () => Promise<void>; close?: () => void }[] = [];
after(async () => {
  for (const one of opened) {
    one.close?.();
    await one.stop?.();
  }
});

function transports(options: Partial<TransportOptions> = {}) {
  const made = createTransports({ privateAddresses: 'allow', ...options });
  opened.push(made);
  return made;
}

async function raw(onRequest: (socket: Socket) => void): Promise<RawServer> {
  const server = await serveRaw(onRequest);
  opened.push(server);
  return server;
}

/** Answers each request whole. */
function replying(body: string, head = ''): (socket: Socket) => void {
  const length = Buffer.byteLength(body);
  return (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n${head}\r\n${body}`);
}

type Sending = { port: number; scheme?: string; host?: string; max?: number; signal?: AbortSignal };

function send(transport: Transport, { port, scheme, host, max, signal }: Sending) {
  return transport({
    url: `${scheme ?? 'http'}://${host ?? '127.0.0.1'}:${port}/api/v2`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'key=k&action=add',
    signal: signal ?? new AbortController().signal,
    replyBytesMax: max ?? 100_000,
  });
}

/** The transport's own error of a request that must fail. */
async function failure(sending: Promise<unknown>): Promise<{ kind: string; sent: string }> {
  const error = await sending.then(
    () => assert.fail('it was answered'),
    (reason: unknown) => reason,
  );
  assert(error instanceof TransportError, String(error));
  return { kind: error.kind, sent: error.sent };
}

test('a whole reply is a reply, whatever its status', async () => {
  const server = await raw((socket) =>
    socket.end('HTTP/1.1 503 No\r\nretry-after: 7\r\nconnection: close\r\n\r\n{"error":"x"}'),
  );
  const reply = await send(transports().fresh, server);
  assert.equal(reply.status, 503);
  assert.equal(reply.headers['retry-after'], '7');
  assert.equal(Buffer.from(reply.body).toString(), '{"error":"x"}');
  assert.match(server.received[0] ?? '', /^POST \/api\/v2 HTTP\/1\.1\r\n/);
  assert.match(server.received[0] ?? '', /accept-encoding: identity\r\n/i);
});

test('nothing was sent: nobody listens, no such name, no answer of the resolver', async () => {
  const { fresh } = transports();
  assert.deepEqual(await failure(send(fresh, { port: await closedPort() })), {
    kind: 'unreachable',
    sent: 'no',
  });
  const noName = transports({
    resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  });
  const named = { host: 'panel.test', port: 80 };
  const unreachable = { kind: 'unreachable', sent: 'no' };
  assert.deepEqual(await failure(send(noName.fresh, named)), unreachable);
  const empty = transports({ resolve: async () => [] });
  assert.deepEqual(await failure(send(empty.fresh, named)), unreachable);
  const controller = new AbortController();
  const silent = transports({
    resolve: () => {
      controller.abort();
      return new Promise(() => {});
    },
  });
  const cut = await failure(send(silent.fresh, { ...named, signal: controller.signal }));
  assert.deepEqual(cut, { kind: 'timeout', sent: 'no' });
});

const panelTest = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
const https = { scheme: 'https', host: 'panel.test' };

test('nothing was sent: TLS with somebody who does not speak it', async () => {
  const server = await serveRaw(() => {}, 'HTTP/1.1 400 Bad Request\r\n\r\n');
  opened.push(server);
  const { fresh } = transports(panelTest);
  const failed = await failure(send(fresh, { ...https, port: server.port }));
  assert.deepEqual(failed, { kind: 'unreachable', sent: 'no' });
});

test('nothing was sent: a certificate of nobody we know, or for another host', async () => {
  const server = await serveTls(certificate, () => {});
  opened.push(server);
  const unreachable = { kind: 'unreachable', sent: 'no' };
  const untrusting = transports(panelTest);
  const unknown = send(untrusting.fresh, { ...https, port: server.port });
  assert.deepEqual(await failure(unknown), unreachable);
  const trusting = transports({ ...panelTest, trusted: certificate.cert });
  const other = { ...https, host: 'other.test', port: server.port };
  assert.deepEqual(await failure(send(trusting.fresh, other)), unreachable);
  assert.equal(server.received.join(''), '', 'not one byte of a request arrived');
});

test('a trusted certificate is good for fresh and kept connections', async () => {
  const server = await serveTls(certificate, replying('{}'));
  opened.push(server);
  const { fresh, kept } = transports({ ...panelTest, trusted: certificate.cert });
  for (const transport of [fresh, kept]) {
    const reply = await send(transport, { ...https, port: server.port });
    assert.equal(Buffer.from(reply.body).toString(), '{}');
  }
  assert.match(server.received[0] ?? '', /\r\nhost: panel\.test:\d+\r\n/i);
});

const maybe = { kind: 'unreachable', sent: 'maybe' };
const broken: [string, (socket: Socket) => void][] = [
  ['is reset before the reply', (socket) => socket.resetAndDestroy()],
  ['is closed before the reply', (socket) => socket.end()],
  ['is closed inside the head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
  [
    'ends before the length it promised',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"order":1}'),
  ],
  [
    'ends inside a chunked body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ord\r\n'),
  ],
  [
    'is reset inside the body',
    (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"order":1}', () =>
        socket.resetAndDestroy(),
      ),
  ],
  [
    'is reset inside a body without a length',
    (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n{"order":1}', () => socket.resetAndDestroy()),
  ],
  ['speaks no HTTP', (socket) => socket.end('hello\r\n')],
  ['switches protocols', (socket) => socket.write(switching)],
  ['has an endless head', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1e6)}`)],
  [
    'ends inside a compressed body',
    (socket) =>
      socket.end(
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n'),
          zlib.gzipSync('{"order":1}').subarray(0, 12),
        ]),
      ),
  ],
];
const switching = 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';

for (const [what, onRequest] of broken) {
  test(`maybe sent: a reply that ${what}`, async () => {
    const server = await raw(onRequest);
    const { fresh, kept } = transports();
    assert.deepEqual(await failure(send(fresh, server)), maybe);
    assert.deepEqual(await failure(send(kept, server)), maybe);
    assert.equal(server.received.length, 2, 'nothing is tried again');
  });
}

test('maybe sent: the deadline ends a hang, also in the middle of a body', async () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const starts = ['', `${head}content-length: 99\r\n\r\n{`, `${head}\r\n{"order":1}`];
  for (const start of starts) {
    const controller = new AbortController();
    const server = await raw((socket) => {
      socket.write(start, () => controller.abort());
      if (start === '') controller.abort();
    });
    const cut = send(transports().fresh, { port: server.port, signal: controller.signal });
    assert.deepEqual(await failure(cut), { kind: 'timeout', sent: 'maybe' });
  }
});

test('a slow drip of bytes ends at the deadline, not at the last byte', async () => {
  const controller = new AbortController();
  let bytes = 0;
  const server = await raw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const drip = () => {
      bytes += 1;
      if (bytes === 100) controller.abort();
      if (!socket.destroyed) socket.write(' ', () => setImmediate(drip));
    };
    drip();
  });
  const dripping = send(transports().fresh, { port: server.port, signal: controller.signal });
  assert.deepEqual(await failure(dripping), { kind: 'timeout', sent: 'maybe' });
});

test('an endless body is abandoned at the limit', async () => {
  const server = await raw((socket) => {
    const chunk = 'x'.repeat(10_000);
    const pour = () => {
      if (!socket.destroyed) socket.write(chunk, () => setImmediate(pour));
    };
    socket.write('HTTP/1.1 200 OK\r\n\r\n', pour);
  });
  const { fresh, kept } = transports();
  const oversized = { kind: 'oversized', sent: 'maybe' };
  assert.deepEqual(await failure(send(fresh, { ...server, max: 50_000 })), oversized);
  assert.deepEqual(await failure(send(kept, { ...server, max: 50_000 })), oversized);
});

test('a body that only inflating makes large is abandoned at the limit', async () => {
  const packers = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync };
  for (const [encoding, pack] of Object.entries(packers)) {
    const packed = pack(Buffer.alloc(5_000_000));
    assert(packed.length < 20_000);
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\n`;
    const length = `content-length: ${packed.length}\r\n\r\n`;
    const server = await raw((socket) =>
      socket.write(Buffer.concat([Buffer.from(head + length), packed])),
    );
    const sending = { ...server, max: 1_000_000 };
    const { fresh } = transports();
    assert.deepEqual(await failure(send(fresh, sending)), { kind: 'oversized', sent: 'maybe' });
    const reply = await send(fresh, { ...server, max: 5_000_000 });
    assert.equal(reply.body.byteLength, 5_000_000, 'within the limit it is read');
  }
});

test('a redirect is answered, not followed', async () => {
  const elsewhere = await raw(() => {});
  const server = await raw((socket) =>
    socket.end(
      `HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:${elsewhere.port}/\r\n` +
        'content-length: 0\r\n\r\n',
    ),
  );
  assert.equal((await send(transports().fresh, server)).status, 307);
  assert.equal(server.received.length, 1);
  assert.equal(elsewhere.received.length, 0);
});

test('a fresh request has a connection of its own, kept ones share', async () => {
  const server = await raw(replying('{}'));
  const { fresh, kept } = transports();
  await send(fresh, server);
  await send(fresh, server);
  assert.equal(server.received.length, 2);
  assert.match(server.received[0] ?? '', /\r\nconnection: close\r\n/i);
  await send(kept, server);
  await send(kept, server);
  assert.equal(server.received.length, 3);
});
