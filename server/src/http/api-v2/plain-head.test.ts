import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { createRandom, type Random } from '../../../tests/random.ts';
import { type PlainHead, readPlainHead } from './plain-head.ts';

const usual = 'POST /api/v2 HTTP/1.1\r\nHost: panel\r\nContent-Length: 12';

test('a usual head is read', () => {
  assert.deepEqual(readPlainHead(`${usual}\r\nX-Api-Key:  a b \t\r\nAccept:`), {
    query: '',
    headers: new Map([
      ['host', 'panel'],
      ['content-length', '12'],
      ['x-api-key', 'a b'],
      ['accept', ''],
    ]),
    bodyBytes: 12,
  });
  const asked = readPlainHead(usual.replace('v2 ', 'v2/?key=a%20b '));
  assert.equal(asked?.query, 'key=a%20b');
  for (const line of ['Connection: keep-alive', 'connection: Keep-Alive']) {
    assert(readPlainHead(`${usual}\r\n${line}`));
  }
});

const unusual: Record<string, string> = {
  'another path': usual.replace('v2', 'v3'),
  'another method': usual.replace('POST', 'GET'),
  'an older HTTP': usual.replace('1.1', '1.0'),
  'no host': usual.replace('Host: panel\r\n', ''),
  'no length': usual.replace('\r\nContent-Length: 12', ''),
  chunks: `${usual}\r\nTransfer-Encoding: chunked`,
  'a connection that ends': `${usual}\r\nConnection: close`,
  'a connection with options': `${usual}\r\nConnection: keep-alive, x-api-key`,
  'a question first': `${usual}\r\nExpect: 100-continue`,
  'an upgrade': `${usual}\r\nUpgrade: websocket`,
  'two lengths': `${usual}\r\nContent-Length: 12`,
  'two lengths in one': usual.replace('12', '12, 12'),
  'a length with a sign': usual.replace('12', '+12'),
  'a length that is hexadecimal': usual.replace('12', '0x12'),
  'a length with zeros in front': usual.replace('12', '012'),
  'a length beyond counting': usual.replace('12', '1200000000000'),
  'a header twice': `${usual}\r\nhost: other`,
  'a space before the colon': `${usual}\r\nX-Api-Key : a`,
  'a line that goes on': `${usual}\r\nX-Api-Key: a\r\n b`,
  'a line without a colon': `${usual}\r\nX-Api-Key`,
  'a line that ends early': `${usual}\r\nA: b\nTransfer-Encoding: chunked`,
  'a return within a line': `${usual}\r\nA: b\rC: d`,
  'letters that are not ASCII': `${usual}\r\nX-Api-Key: é`,
  'a zero byte': `${usual}\r\nX-Api-Key: \0`,
  'a large head': `${usual}\r\nX-Api-Key: ${'a'.repeat(4_096)}`,
  'many headers': Array.from({ length: 50 }, (_, at) => `\r\n${at}:`).reduce(
    (head, line) => head + line,
    usual,
  ),
  'a line before the first': `\r\n${usual}`,
};

for (const [name, head] of Object.entries(unusual)) {
  test(`${name}: it is left to a parser of all of HTTP`, () => {
    assert.equal(readPlainHead(head), undefined);
  });
}

/** What Node's HTTP reads of the same bytes. */
type NodesHead = { url: string | undefined; headers: object };

const seen: NodesHead[] = [];
const server = createServer((request, response) => {
  seen.push({ url: request.url, headers: request.headers });
  response.end();
});
server.on('clientError', (_, socket) => socket.destroy());
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => new Promise((resolve) => server.close(resolve)));

/** Has Node's HTTP read a head, its body and the end of the connection. */
async function askNode(head: string, { bodyBytes }: PlainHead): Promise<NodesHead[]> {
  seen.length = 0;
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const socket = connect(port, '127.0.0.1');
  socket.end(Buffer.from(`${head}\r\n\r\n${'x'.repeat(bodyBytes)}`, 'latin1'));
  await new Promise((resolve) =>
    socket
      .on('error', () => {})
      .resume()
      .on('close', resolve),
  );
  return [...seen];
}

const firstLines = [
  'POST /api/v2 HTTP/1.1',
  'POST /api/v2?a=%zz#b HTTP/1.1',
  'POST /api/v2/?{"} HTTP/1.1',
];
const names = ['Host', 'Content-Length', 'X-Api-Key', 'connection', 'Keep-Alive', 'A|~', 'Range'];
const more = [
  'Cookie',
  'Content-Type',
  'Content-Encoding',
  'Proxy-Connection',
  'Upgrade',
  'A b',
  '',
];
const values = [
  'a',
  '',
  '5',
  '0',
  ' 7',
  '5\t',
  'keep-alive',
  'close',
  '"; ,',
  'é',
  'a\nb',
  'a\0',
  '-1',
];
const breaks = ['\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n ', '\r\n\t', ''];
const colons = [':', ': ', ':', ':\t', ' :', '::', '='];

function randomHead(random: Random): string {
  const one = (of: readonly string[]) => of[random(of.length)] ?? '';
  const lines = [one(firstLines), ...['Host: p', 'Content-Length: 3'].slice(random(3))];
  for (let count = random(6); count > 0; count -= 1) {
    lines.push(`${one([...names, ...more])}${one(colons)}${one(values)}`);
  }
  return lines.reduce((head, line) => `${head}${one(breaks)}${line}`);
}

test('what is read of a plain head, Node reads of it, too', async () => {
  const random = createRandom(20_261_201);
  let plain = 0;
  for (let tries = 0; tries < 30_000; tries += 1) {
    const head = randomHead(random);
    const read = readPlainHead(head);
    if (read === undefined) continue;
    plain += 1;
    const query = read.query === '' ? '' : `?${read.query}`;
    const [first, ...others] = await askNode(head, read);
    assert.deepEqual(first?.headers, Object.fromEntries(read.headers), JSON.stringify(head));
    assert.equal(first?.url?.replace('/?', '?'), `/api/v2${query}`);
    assert.deepEqual(others, [], 'the body is as long as it says');
  }
  assert(plain > 100, `${plain} heads were plain`);
});
