import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { TransportError } from '@panelwright/sdk';
import type { PrivateAddresses, Resolver } from '../../src/providers/address.ts';
import { createTransports } from '../../src/providers/transport.ts';

// A name whose owner answers something else each time it is asked: first an address that is let
// through, then one inside. The name server is a real one, on a socket of the loopback.

const recordTypes = { a: 1, aaaa: 28 };
const headerBytes = 12;

type Answers = readonly (readonly string[])[];

let server: dgram.Socket;
let port: number;
/** What is answered to the first question for an address, to the second, and so on. */
let answers: Answers = [];
let asked = 0;

/** Those who are inside: they note who comes. */
const insiders = new Map<string, { server: net.Server; visits: number }>();
let insidePort = 0;

before(async () => {
  server = dgram.createSocket('udp4');
  server.on('message', (question, { port: from, address }) =>
    server.send(answer(question), from, address),
  );
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  port = server.address().port;
  for (const address of ['127.0.0.1', '127.0.0.2']) await listenAt(address);
});
after(() => {
  server.close();
  for (const insider of insiders.values()) insider.server.close();
});

async function listenAt(address: string): Promise<void> {
  const insider = { server: net.createServer(), visits: 0 };
  insider.server.on('connection', (socket) => {
    insider.visits += 1;
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  });
  insider.server.listen(insidePort, address);
  await once(insider.server, 'listening');
  insidePort = (insider.server.address() as AddressInfo).port; // it listens on a TCP port
  insiders.set(address, insider);
}

/** A reply of DNS (RFC 1035) with the addresses whose turn it is; they may be kept for 0 s. */
function answer(question: Buffer): Buffer {
  const nameEnd = question.indexOf(0, headerBytes) + 1;
  const type = question.readUInt16BE(nameEnd);
  const isV4 = type === recordTypes.a;
  if (isV4) asked += 1;
  const turn = answers[Math.min(asked, answers.length) - 1] ?? [];
  const addresses = turn.filter((address) => (net.isIP(address) === 4) === isV4);
  const header = Buffer.alloc(headerBytes);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => record(type, bytesOf(address)));
  return Buffer.concat([header, question.subarray(headerBytes, nameEnd + 4), ...records]);
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt16BE(0xc00c, 0); // the name that was asked for
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOf(address: string): Buffer {
  if (net.isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [left = '', right = ''] = address
    .split('::')
    .map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const groups = [...left, ...zeros, ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Resolves by that server, as the system does by its own. */
const resolve: Resolver = async (hostname) => {
  const resolver = new dns.Resolver();
  resolver.setServers([`127.0.0.1:${port}`]);
  const [v4, v6] = await Promise.all([
    resolver.resolve4(hostname).catch(() => []),
    resolver.resolve6(hostname).catch(() => []),
  ]);
  return [
    ...v4.map((address) => ({ address, family: 4 })),
    ...v6.map((address) => ({ address, family: 6 })),
  ];
};

type Outcome = { result: number | string; visits: Record<string, number>; asked: number };

/** Asks a panel of that name for its balance, and tells who was visited on the way. */
async function ask(privateAddresses: PrivateAddresses, given: Answers): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const way of ['fresh', 'kept'] as const) {
    [answers, asked] = [given, 0];
    for (const insider of insiders.values()) insider.visits = 0;
    const patience = new AbortController();
    // A public address is nobody's here: it is waited for until the name was resolved.
    const resolveOnce: Resolver = async (hostname) => {
      const found = await resolve(hostname);
      if (privateAddresses === 'refuse') setImmediate(() => patience.abort());
      return found;
    };
    const transports = createTransports({ privateAddresses, resolve: resolveOnce });
    const result = await transports[way]({
      url: `http://rebinding.test:${insidePort}/api/v2`,
      method: 'POST',
      headers: {},
      body: 'key=k&action=balance',
      signal: patience.signal,
      replyBytesMax: 100,
    }).then(({ status }) => status, nameOf);
    transports.close();
    const visits = [...insiders].map(([address, insider]) => [address, insider.visits]);
    outcomes.push({ result, visits: Object.fromEntries(visits), asked });
  }
  return outcomes;
}

function nameOf(error: unknown): string {
  assert(error instanceof TransportError, String(error));
  const code: unknown = Reflect.get(Object(error.cause), 'code');
  return code === 'PRIVATE_ADDRESS' ? code : 'no answer';
}

const nobody = { '127.0.0.1': 0, '127.0.0.2': 0 };

test('a name that is public at first and private after leads nowhere inside', async () => {
  for (const outcome of await ask('refuse', [['8.8.8.8'], ['127.0.0.1'], ['127.0.0.2']])) {
    assert.deepEqual(outcome, { result: 'no answer', visits: nobody, asked: 1 });
  }
});

test('a name with one private address among public ones is refused as a whole', async () => {
  const mixed: Answers[] = [
    [['127.0.0.1']],
    [['8.8.8.8', '127.0.0.1']],
    [['8.8.8.8', '::1']],
    [['8.8.8.8', '::ffff:7f00:1']],
    [['8.8.8.8', '2002:7f00:1::']],
    [['8.8.8.8', '64:ff9b::7f00:1']],
    [['169.254.169.254']],
  ];
  for (const given of mixed) {
    for (const outcome of await ask('refuse', given)) {
      assert.deepEqual(outcome, { result: 'PRIVATE_ADDRESS', visits: nobody, asked: 1 });
    }
  }
});

test('the connection goes to the address that was checked, whatever is said later', async () => {
  for (const outcome of await ask('allow', [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.1']])) {
    const visits = { '127.0.0.1': 0, '127.0.0.2': 1 };
    assert.deepEqual(outcome, { result: 200, visits, asked: 1 });
  }
});
