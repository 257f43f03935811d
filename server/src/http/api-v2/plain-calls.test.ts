import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { fakeClock } from '../../base/index.ts';
import type { ApiAnswer, ApiCall } from './handler.ts';
import { answerPlainCalls, type PlainCalls, type PlainOptions } from './plain-calls.ts';

type Desk = {
  server: Server;
  plain: PlainCalls;
  /** What the handler was asked. */
  calls: ApiCall[];
  /** The server's ends of all connections, and of those that went over to its own HTTP. */
  sockets: Socket[];
  handedOver: Socket[];
  open: (options?: { allowHalfOpen: boolean }) => Socket;
  close: () => Promise<void>;
};

const answerOf = (body: ApiAnswer['body']): ApiAnswer => ({
  status: 200,
  headers: { 'X-By': 'plain' },
  body,
});
/** Answers with what was asked. */
const echo = async ({ body }: ApiCall): Promise<ApiAnswer> => answerOf(body.toString());

async function openDesk(
  answer: (call: ApiCall) => Promise<ApiAnswer> = echo,
  options: Partial<PlainOptions> & ServerOptions = {},
): Promise<Desk> {
  const calls: ApiCall[] = [];
  const server = createServer({ keepAliveTimeout: 65_000, ...options }, (request, response) => {
    request.resume().on('end', () => response.end(`by Node: ${request.method} ${request.url}`));
  });
  const sockets: Socket[] = [];
  const handedOver: Socket[] = [];
  server.on('connection', (socket) => void handedOver.push(socket));
  const plain = answerPlainCalls(server, {
    handler: {
      answer: (call) => {
        calls.push(call);
        return answer(call);
      },
      refuse: () => assert.fail('nothing is refused'),
      lose: () => assert.fail('nobody is lost'),
    },
    clock: fakeClock(new Date('2026-12-01T00:00:00Z')),
    addressOf: (remote = '', forwarded) => `${remote}/${forwarded}`,
    isStopping: () => false,
    ...options,
  });
  server.on('connection', (socket) => void sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return {
    server,
    plain,
    calls,
    sockets,
    handedOver,
    open: (more) => connect({ port, host: '127.0.0.1', ...more }).on('error', () => {}),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      plain.endAll();
      server.closeAllConnections();
      await closed;
    },
  };
}

const call = (body: string, more = '') =>
  `POST /api/v2 HTTP/1.1\r\nHost: p\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const answered = (body: string, end = 'Connection: keep-alive\r\nKeep-Alive: timeout=65') =>
  `HTTP/1.1 200 OK\r\nX-By: plain\r\nContent-Length: ${body.length}\r\n` +
  `Date: Tue, 01 Dec 2026 00:00:00 GMT\r\n${end}\r\n\r\n${body}`;

/** What a socket receives until it has so many bytes, or is closed. */
async function receive(socket: Socket, bytes = Number.POSITIVE_INFINITY): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk.toString('latin1');
    if (text.length >= bytes) break;
  }
  return text;
}

/** Sends a text and answers what comes back until there is as much as expected. */
async function ask(socket: Socket, text: string, expected: string): Promise<void> {
  socket.write(text);
  assert.equal(await receive(socket, expected.length), expected);
}

test('calls of one connection are answered in order, with what they carry', async () => {
  const desk = await openDesk();
  const socket = desk.open();
  await ask(socket, call('a=1'), answered('a=1'));
  await ask(socket, call('b=2', 'X-Forwarded-For: 10.0.0.1\r\n'), answered('b=2'));
  await ask(
    socket,
    ['c', 'dd', ''].map((body) => call(body)).join(''),
    ['c', 'dd', ''].map((body) => answered(body)).join(''),
  );
  assert.deepEqual(
    desk.calls.map(({ body, address }) => [body.toString(), address]),
    [
      ['a=1', '127.0.0.1/undefined'],
      ['b=2', '127.0.0.1/10.0.0.1'],
      ...['c', 'dd', ''].map((body) => [body, '127.0.0.1/undefined']),
    ],
  );
  await desk.close();
});

test('bytes, and nothing, are answered as they are', async () => {
  const answers = [answerOf(Buffer.from('é')), { ...answerOf(undefined), status: 304 }];
  const desk = await openDesk(async () => answers.shift() ?? assert.fail('one too many'));
  const socket = desk.open();
  await ask(socket, call(''), answered(Buffer.from('é').toString('latin1')));
  const nothing = answered('').replace('200 OK', '304 Not Modified');
  await ask(socket, call(''), nothing.replace('Content-Length: 0\r\n', ''));
  await desk.close();
});

const notPlain: Record<string, (socket: Socket, server: Server) => Promise<unknown>> = {
  'a page': async (socket) => socket.write('GET /page HTTP/1.1\r\nHost: p\r\n\r\n'),
  'a call in chunks': async (socket) =>
    socket.write(
      `${call('', 'Transfer-Encoding: chunked\r\n').replace('Content-Length: 0\r\n', '')}0\r\n\r\n`,
    ),
  'a call that comes in two parts': async (socket, server) => {
    socket.write(call('abc').slice(0, -2));
    await once(server, 'request');
    socket.write('bc');
  },
  'a call with a large head': async (socket) =>
    socket.write(call('', `X: ${'x'.repeat(4_096)}\r\n`)),
  'a call with a large body': async (socket) => socket.write(call('x'.repeat(20_000))),
};

for (const [name, send] of Object.entries(notPlain)) {
  test(`${name} goes over to Node's HTTP, and all that follows`, async () => {
    const desk = await openDesk();
    const socket = desk.open();
    await ask(socket, call('a'), answered('a'));
    await send(socket, desk.server);
    assert.match(await receive(socket, 1), /by Node: (POST \/api\/v2|GET \/page)/);
    socket.write(call('b'));
    assert.match(await receive(socket, 1), /by Node: POST \/api\/v2$/);
    assert.deepEqual(
      desk.calls.map(({ body }) => body.toString()),
      ['a'],
    );
    await desk.close();
  });
}

test('what follows calls in one read goes over once they are answered', async () => {
  const desk = await openDesk();
  const socket = desk.open();
  socket.end(`${call('a')}${call('b')}GET /page HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n`);
  const text = await receive(socket);
  assert(text.startsWith(answered('a') + answered('b')), text);
  assert.match(text, /by Node: GET \/page$/);
  await desk.close();
});

/** A handler whose answers come when the test says so. */
function openGate() {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const answer = async (one: ApiCall) => {
    asked.resolve();
    await gate.promise;
    return echo(one);
  };
  return { answer, asked: asked.promise, open: gate.resolve };
}

test('a client that has ended its side gets its answers', async () => {
  const gate = openGate();
  const desk = await openDesk(gate.answer);
  const socket = desk.open();
  socket.end(call('a') + call('b'));
  await gate.asked;
  gate.open();
  assert.equal(await receive(socket), answered('a') + answered('b'));
  const halfWay = desk.open();
  halfWay.end(call('a') + call('bcd').slice(0, -1));
  assert.match(await receive(halfWay), /\r\n\r\na/);
  await desk.close();
});

test('a client that sends and does not read is answered once it reads', async () => {
  const large = 'x'.repeat(100_000);
  const desk = await openDesk(async () => answerOf(large));
  const socket = desk.open();
  const count = 200;
  await new Promise((sent) => socket.write(call('a').repeat(count), sent));
  // More than what the system keeps for it is not even made.
  assert(desk.calls.length < count);
  const text = await receive(socket, answered(large).length * count);
  assert.equal(text, answered(large).repeat(count));
  await desk.close();
});

test('a connection that says nothing ends, one that waits for its answer does not', async () => {
  const gate = openGate();
  const desk = await openDesk(gate.answer, { headersTimeout: 1, keepAliveTimeout: 1 });
  await once(desk.open(), 'close');
  const socket = desk.open();
  socket.write(call('a'));
  await gate.asked;
  await once(desk.open(), 'close');
  gate.open();
  assert.match(await receive(socket), /\r\n\r\na$/);
  await desk.close();
});

/** Only ends a test that has already failed. */
const endsLate = { timeout: 10_000 };

test('a server that stops ends what is idle, and the rest with its answer', endsLate, async () => {
  let isStopping = false;
  const gate = openGate();
  const desk = await openDesk(gate.answer, { isStopping: () => isStopping });
  // The client doesn't end its side by itself.
  const [idle, busy] = [desk.open(), desk.open({ allowHalfOpen: true })];
  await once(idle, 'connect');
  busy.write(call('a') + call('b'));
  await gate.asked;
  isStopping = true;
  const closed = once(desk.server, 'close');
  desk.server.close();
  desk.plain.endIdle();
  await once(idle, 'close');
  gate.open();
  assert.equal(await receive(busy), answered('a', 'Connection: close'));
  await closed;
});

test('a connection may say nothing for as long as Node’s HTTP lets it', async () => {
  const desk = await openDesk(async () => answerOf(String(desk.sockets[0]?.timeout)));
  const socket = desk.open();
  // From its first call on, so that a slow reader of the answer has as long.
  await ask(socket, call('a'), answered('66000'));
  assert.equal(desk.sockets[0]?.timeout, 66_000);
  socket.write('GET /page HTTP/1.1\r\nHost: p\r\n\r\n');
  await receive(socket, 1);
  assert.equal(desk.sockets[0]?.timeout, 66_000);
  await desk.close();
});

/** More than what the system keeps for a client that does not read. */
const endless = 'x'.repeat(20_000_000);

/** Sends calls to the first of which the answer is endless, until that waits for its client. */
async function sendWithoutReading(desk: Desk, text: string): Promise<[Socket, Socket]> {
  const client = desk.open();
  client.write(text);
  const [socket] = await once(desk.server, 'connection');
  while (!socket.writableNeedDrain) await new Promise((turn) => setImmediate(turn));
  return [client, socket];
}

test('a server that stops ends a connection whose client reads only then', endsLate, async () => {
  let isStopping = false;
  const desk = await openDesk(async () => answerOf(endless), { isStopping: () => isStopping });
  const [client] = await sendWithoutReading(desk, call('a'));
  isStopping = true;
  const closed = once(desk.server, 'close');
  desk.server.close();
  desk.plain.endIdle();
  assert.equal(await receive(client), answered(endless));
  await closed;
});

test('after a client went that did not read, nothing is made or handed over', async () => {
  const desk = await openDesk(async () => answerOf(endless));
  for (const next of [call('b'), 'GET /page HTTP/1.1\r\nHost: p\r\n\r\n']) {
    const [client, socket] = await sendWithoutReading(desk, call('a') + next);
    client.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
    await new Promise((turn) => setImmediate(turn));
  }
  assert.deepEqual(
    desk.calls.map(({ body }) => body.toString()),
    ['a', 'a'],
  );
  assert.deepEqual(desk.handedOver, []);
  await desk.close();
});

test('a client that goes away while it waits is told nothing and asked for no more', async () => {
  const gate = openGate();
  const desk = await openDesk(gate.answer);
  const socket = desk.open();
  const [served] = await once(desk.server, 'connection');
  socket.write(call('a') + call('never'));
  await gate.asked;
  const closed = new Promise((resolve) => served.once('close', resolve));
  socket.resetAndDestroy();
  await closed;
  gate.open();
  await ask(desk.open(), call('b'), answered('b'));
  assert.deepEqual(
    desk.calls.map(({ body }) => body.toString()),
    ['a', 'b'],
  );
  await desk.close();
});
