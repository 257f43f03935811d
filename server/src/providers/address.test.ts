import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TransportError } from '@panelwright/sdk';
import { type Address, isPublicAddress, type PrivateAddresses } from './address.ts';
import { serveRaw } from './fixture.ts';
import { createTransports } from './transport.ts';

const server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{}'));
after(() => server.stop());

/** Sends a request and answers the status, or the code of what stopped it before it left. */
async function ask(
  origin: string,
  options: { privateAddresses?: PrivateAddresses; resolve?: () => Promise<Address[]> } = {},
): Promise<number | string> {
  const transports = createTransports({ privateAddresses: 'refuse', ...options });
  try {
    const outcomes = await Promise.allSettled(
      [transports.fresh, transports.kept].map((transport) =>
        transport({
          url: `${origin}:${server.port}/api/v2`,
          method: 'POST',
          headers: {},
          body: 'key=k&action=balance',
          signal: new AbortController().signal,
          replyBytesMax: 100,
        }),
      ),
    );
    const [one, other] = outcomes.map((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value.status;
      assert(outcome.reason instanceof TransportError);
      return String(Reflect.get(Object(outcome.reason.cause), 'code'));
    });
    assert.equal(one, other, 'both ways of connecting are guarded');
    return one ?? '';
  } finally {
    transports.close();
  }
}

const notPublic = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.9.9.9'],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1'],
  ...['198.18.0.1', '198.51.100.7', '203.0.113.7', '224.0.0.1', '239.1.1.1', '240.0.0.1'],
  ...['255.255.255.255', '192.88.99.1'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1'],
  ...['64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', 'fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%lo'],
  ...['fec0::1', 'ff02::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '5f00::1'],
  ...['', 'localhost', '1.2.3', '1.2.3.4.5', 'g::1'],
];
const isPublic = [
  ...['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '126.255.255.255', '128.0.0.1'],
  ...['172.15.255.255', '172.32.0.1', '192.0.1.1', '198.17.255.255', '198.20.0.1', '223.255.255.1'],
  ...['2606:4700::1111', '2a00:1450::1', '2001:4860:4860::8888', '2001:200::1'],
];

test('only hosts of the internet are public', () => {
  for (const address of notPublic) assert.equal(isPublicAddress(address), false, address);
  for (const address of isPublic) assert.equal(isPublicAddress(address), true, address);
});

test('a private address is refused in every spelling, and nobody is connected to', async () => {
  const spellings = [
    ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '017700000001'],
    ...[
      '0177.0.0.01',
      '0',
      '0.0.0.0',
      '１２７.0.0.1',
      '127。0。0。1',
      '%31%32%37.0.0.1',
      '127.0.0.1.',
    ],
    ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ...['[::ffff:0:7f00:1]', '[64:ff9b::127.0.0.1]', '[fe80::1]', '[fc00::1]'],
  ];
  for (const host of spellings) {
    assert.equal(await ask(`http://${host}`), 'PRIVATE_ADDRESS', host);
  }
  assert.equal(server.received.length, 0);
});

test('a name is refused when any of its addresses is private', async () => {
  const loopback = { address: '127.0.0.1', family: 4 };
  const far = { address: '8.8.8.8', family: 4 };
  const lists = [[loopback], [far, loopback], [loopback, far], [{ address: '::1', family: 6 }]];
  for (const list of lists) {
    const resolve = async () => list;
    assert.equal(await ask('http://panel.test', { resolve }), 'PRIVATE_ADDRESS');
  }
  for (const name of ['localhost', 'LOCALHOST']) {
    assert.equal(await ask(`http://${name}`), 'PRIVATE_ADDRESS');
  }
  assert.equal(server.received.length, 0);
});

test('the connection goes to the address that was resolved, which is asked for once', async () => {
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return [{ address: '127.0.0.1', family: 4 }];
  };
  assert.equal(await ask('http://panel.test', { privateAddresses: 'allow', resolve }), 200);
  assert.equal(asked, 2, 'once by each of the two ways');
  assert.match(server.received[0] ?? '', /\r\nhost: panel\.test:\d+\r\n/i);
});
