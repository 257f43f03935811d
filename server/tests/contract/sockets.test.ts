import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { silentLog } from '../../src/base/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, countOrders } from './wire.ts';

let panel: TestPanel;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let service: number;
const errors: object[] = [];
before(async () => {
  const log = { ...silentLog, error: (details: object) => void errors.push(details) };
  panel = await openTestPanel({ log });
  customer = await makeCustomer(panel);
  service = await makeService(panel);
});
after(() => panel.close());

function open(): Promise<Socket> {
  const { hostname, port } = new URL(panel.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** All the socket receives until the server closes it. */
function received(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

async function exchange(bytes: string): Promise<string> {
  const socket = await open();
  const answer = received(socket);
  socket.write(bytes);
  return answer;
}

function addBody(path: string): string {
  const { key } = customer;
  return `key=${key}&action=add&service=${service}&quantity=100&link=https://example.com/${path}`;
}

/** Only ends a test that has already failed. */
const noticeMaxMs = 10_000;

const head = 'POST /api/v2 HTTP/1.1\r\nHost: panel\r\nConnection: close\r\n';

test('a body that arrives byte by byte is a call like others', async () => {
  const socket = await open();
  const answer = received(socket);
  const body = `key=${customer.key}&action=balance`;
  socket.setNoDelay(true);
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
  for (const letter of body) await new Promise((sent) => socket.write(letter, sent));
  assert.match(await answer, /\{"balance":"100.00","currency":"USD"\}$/);
});

test('a body in chunks is a call like others', async () => {
  const [first, second] = [`key=${customer.key}&act`, 'ion=balance'];
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const body = `${chunk(first)}${chunk(second)}0\r\n\r\n`;
  const answer = await exchange(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`);
  assert.match(answer, /\{"balance":"100.00","currency":"USD"\}$/);
});

test('a call whose body was cut off places no order', async () => {
  const body = addBody('cut');
  for (const sent of [0, 10, body.length - 1]) {
    const socket = await open();
    const closed = received(socket);
    const request = `${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, sent)}`;
    await new Promise((resolve) => socket.write(request, resolve));
    socket.destroy();
    await closed;
  }
  const half = await open();
  const answer = received(half);
  half.end(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
  assert.doesNotMatch(await answer, /"order"/);
  assert.equal(await countOrders(panel, customer.customerId), 0);
});

const brokenRequests: Record<string, string> = {
  'a header of 20,000 bytes': `${head}X-Filler: ${'x'.repeat(20_000)}\r\n\r\n`,
  'a URL of 20,000 bytes': `GET /api/v2?a=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: p\r\n\r\n`,
  '3,000 headers': `${head}${'A: b\r\n'.repeat(3_000)}\r\n`,
  'no HTTP at all': '\u0016\u0003\u0001 hello\r\n\r\n',
  'an unknown method': 'BREW /api/v2 HTTP/1.1\r\nHost: p\r\n\r\n',
  'two lengths': `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  'a length that is no number': `${head}Content-Length: many\r\n\r\n`,
  'a length and chunks': `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a chunk that is none': `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  CONNECT: 'CONNECT panel:80 HTTP/1.1\r\nHost: p\r\n\r\n',
  'an unknown expectation': `${head}Expect: magic\r\nContent-Length: 0\r\n\r\n`,
  'no host': 'POST /api/v2 HTTP/1.1\r\nConnection: close\r\n\r\n',
};

for (const [name, bytes] of Object.entries(brokenRequests)) {
  test(`${name}: the connection ends, the server goes on`, async () => {
    const answer = await exchange(bytes);
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/);
    assert.doesNotMatch(answer, /"(order|balance)"/);
    assert.equal(await balanceOf(panel, customer.key), '100.00');
  });
}

test('what is no readable request is told so in JSON', async () => {
  const told = (status: string, text: string) => {
    const body = `{"error":"${text}"}`;
    const type = 'Content-Type: application/json; charset=UTF-8';
    const length = `Content-Length: ${body.length}`;
    return `HTTP/1.1 ${status}\r\n${type}\r\n${length}\r\nConnection: close\r\n\r\n${body}`;
  };
  const overflow = await exchange(`GET /api/v2?a=${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`);
  const tooLarge = 'Request header fields are too large';
  assert.equal(overflow, told('431 Request Header Fields Too Large', tooLarge));
  assert.equal(await exchange('BREW\r\n\r\n'), told('400 Bad Request', 'Incorrect request'));
});

test('a body without end is refused before its sender is done, and nothing is logged', async () => {
  const socket = await open();
  const answer = received(socket);
  socket.write(`${head}Content-Length: 1000000000\r\n\r\n`);
  const filler = Buffer.alloc(1_048_576, 'x');
  while (!socket.destroyed && socket.bytesWritten < 100_000_000) {
    await new Promise((sent) => socket.write(filler, sent));
  }
  assert(socket.bytesWritten < 100_000_000, 'the server ends the connection');
  const text = await answer;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /\r\nConnection: close\r\n/);
  assert.match(text, /\{"error":"Maximum 1048576 bytes"\}$/);
  assert.deepEqual(errors, []);
});

test('a call whose client went away is no error of ours', async () => {
  const failedBefore = await countFailed();
  const socket = await open();
  const part = `${head}Content-Length: 5000000\r\n\r\n${'x'.repeat(2_000_000)}`;
  // More than the system buffers, so it is written only once the server reads it.
  await new Promise((written) => socket.write(part, written));
  socket.destroy();
  const deadlineMs = performance.now() + noticeMaxMs;
  while ((await countFailed()) === failedBefore) {
    assert(performance.now() < deadlineMs, 'the server noticed that its client went away');
  }
  assert.deepEqual(errors, []);
});

/** How many calls have failed so far, by the server's own count. */
async function countFailed(): Promise<number> {
  const text = await (await fetch(`${panel.url}/metrics`)).text();
  return Number(
    /^panelwright_api_calls_total\{action="none",outcome="failed"\} ([0-9]+)$/m.exec(text)?.[1] ??
      0,
  );
}

test('an asked-for upgrade is answered as a plain call', async () => {
  const body = `key=${customer.key}&action=balance`;
  const upgrade = 'Upgrade: websocket\r\n';
  const request = head.replace('Connection: close', 'Connection: upgrade');
  const socket = await open();
  const first = new Promise<string>((resolve) =>
    socket.once('data', (chunk) => resolve(chunk.toString())),
  );
  socket.write(`${request}${upgrade}Content-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(await first, /^HTTP\/1\.1 200 /);
  socket.destroy();
});

test('calls sent on one connection without waiting are answered in order', async () => {
  const ask = (action: string, rest: string) => {
    const body = `key=${customer.key}&action=${action}`;
    const start = `POST /api/v2 HTTP/1.1\r\nHost: p\r\n${rest}`;
    return `${start}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
  const answer = await exchange(
    ask('balance', '') + ask('status', '') + ask('balance', 'Connection: close\r\n'),
  );
  const bodies = [...answer.matchAll(/\r\n\r\n(\{[^}]*\})/g)].map((match) => match[1]);
  const balance = '{"balance":"100.00","currency":"USD"}';
  assert.deepEqual(bodies, [balance, '{"error":"Incorrect request"}', balance]);
});

test('a hundred slow callers keep nobody waiting', async () => {
  const slow = await Promise.all(Array.from({ length: 100 }, open));
  for (const socket of slow) {
    socket.on('error', () => {});
    socket.write(`${head}Content-Length: 1000\r\n\r\nkey=`);
  }
  await addOrder(panel, { key: customer.key, service, quantity: 100 });
  assert.equal(await balanceOf(panel, customer.key), '99.91');
  for (const socket of slow) socket.destroy();
  await panel.verify();
});

/** One answer of a connection that stays open, but for the moment in it. */
async function answerTo(socket: Socket, bytes: string): Promise<string> {
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const length = Number(/^Content-Length: ([0-9]+)\r$/im.exec(text)?.[1] ?? 0);
    if (end !== -1 && text.length >= end + 4 + length) break;
  }
  return text.replace(/^Date: .*\r\n/m, '');
}

test('a call is answered the same on its socket and by Node’s HTTP', async () => {
  const ask = (fields: string, headers = '') => {
    const length = `Content-Length: ${Buffer.byteLength(fields)}`;
    return `POST /api/v2?x=1 HTTP/1.1\r\nHost: p\r\n${headers}${length}\r\n\r\n${fields}`;
  };
  const key = `key=${customer.key}`;
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  const json = 'Content-Type: application/json\r\n';
  const list = await answerTo(await open(), ask(`${key}&action=services`));
  const tag = /^ETag: (.*)\r$/m.exec(list)?.[1];
  const id = await addOrder(panel, { key: customer.key, service, quantity: 100 });
  const calls = [
    ask(`${key}&action=balance`, form),
    ask(`{"key":"${customer.key}","action":"balance"}`, json),
    ask('action=balance', `${form}Authorization: Bearer ${customer.key}\r\n`),
    ask('', `X-Api-Key: ${customer.key}\r\n`),
    ask(`${key}&action=status&orders=${id},99999999,é`, form),
    ask(`${key}&action=services`, 'Accept-Encoding: gzip\r\n'),
    ask(`${key}&action=services`, `If-None-Match: ${tag}\r\n`),
    ask('key=wrong&action=balance', form),
    ask('{', json),
    ask('', ''),
  ];
  for (const bytes of calls) {
    const plain = await answerTo(await open(), bytes);
    // Nothing of the protocol; but a call that carries it is not answered on its socket.
    const byNode = await answerTo(await open(), bytes.replace('Host', 'TE: trailers\r\nHost'));
    assert.equal(plain, byNode);
    assert.match(plain, /^HTTP\/1\.1 (200|304) /);
  }
});
