import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId, KeyId } from '../../src/base/index.ts';
import {
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  setAllowedAddresses,
  updateCustomer,
} from '../../src/customers/index.ts';
import { generateKey } from '../../src/customers/key-format.ts';
import { startHttp } from '../../src/http/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openSecondServer, readWithinASecond, type SecondServer } from './second-server.ts';
import { form, refusal, send } from './wire.ts';

let panel: TestPanel;
let second: SecondServer;
before(async () => {
  panel = await openTestPanel();
  second = await openSecondServer(panel);
});
after(async () => {
  await second.close();
  await panel.close();
});

const balance = '{"balance":"100.00","currency":"USD"}';
const badKey = refusal('Invalid API key');

let calls = 0;

/** Asks for the balance, from an address of its own unless one is given. */
async function ask(key: string, at: { url: string } = panel, address?: string): Promise<string> {
  calls += 1;
  const from = address ?? `10.9.${calls >> 8}.${calls & 255}`;
  const body = form({ key, action: 'balance' });
  return (await send(at, { headers: { 'X-Forwarded-For': from }, body })).text;
}

async function newestKey(customerId: CustomerId): Promise<KeyId> {
  const [newest] = await listKeys(panel.app.db, customerId);
  assert(newest);
  return newest.id;
}

test('several keys of a customer work side by side, each revoked alone', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const other = await createKey(panel.app, staff, { customerId, name: 'other' });
  assert.equal(await ask(key), balance);
  assert.equal(await ask(other.key), balance);
  await revokeKey(panel.app, staff, { customerId, keyId: other.id });
  assert.equal(await ask(other.key), badKey);
  assert.equal(await ask(key), balance);
});

test('a revoked key is refused at the very next call', async () => {
  const { customerId } = await makeCustomer(panel);
  for (let round = 0; round < 20; round += 1) {
    const { id, key } = await createKey(panel.app, staff, { customerId, name: 'short' });
    assert.equal(await ask(key), balance);
    await revokeKey(panel.app, staff, { customerId, keyId: id });
    assert.equal(await ask(key), badKey);
  }
});

test('a revoked key is refused within a second in every other process', async () => {
  const { key, customerId } = await makeCustomer(panel);
  assert.equal(await ask(key, second), balance);
  await revokeKey(panel.app, staff, { customerId, keyId: await newestKey(customerId) });
  const read = () => ask(key, second);
  assert.equal(await readWithinASecond(read, (text) => text === badKey), badKey);
  assert.equal(await ask(key, second), badKey);
});

test('a suspension is seen within a second in every other process', async () => {
  const { key, customerId } = await makeCustomer(panel);
  assert.equal(await ask(key, second), balance);
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'suspended' } });
  const suspended = refusal('Your account has been suspended.');
  const read = () => ask(key, second);
  assert.equal(await readWithinASecond(read, (text) => text === suspended), suspended);
});

test('a rotated key is replaced by one with the same name and addresses', async () => {
  const { customerId } = await makeCustomer(panel);
  const allowedAddresses = ['192.0.2.7'];
  const old = await createKey(panel.app, staff, { customerId, name: 'shop', allowedAddresses });
  assert.equal(await ask(old.key, panel, '192.0.2.7'), balance);
  const renewed = await rotateKey(panel.app, staff, { customerId, keyId: old.id });
  assert.notEqual(renewed.key, old.key);
  assert.equal(await ask(old.key, panel, '192.0.2.7'), badKey);
  assert.equal(await ask(renewed.key, panel, '192.0.2.7'), balance);
  assert.equal(await ask(renewed.key, panel, '192.0.2.8'), badKey);
  const [newest] = await listKeys(panel.app.db, customerId);
  assert.deepEqual([newest?.name, newest?.allowedAddresses], ['shop', allowedAddresses]);
});

test('a key is rotated under one lock of its customer', async () => {
  const { customerId } = await makeCustomer(panel);
  const { id: keyId } = await createKey(panel.app, staff, { customerId, name: 'shop' });
  let locks = 0;
  const db = panel.app.db.withPlugin({
    transformQuery: ({ node }) => {
      if (node.kind === 'SelectQueryNode' && node.endModifiers !== undefined) locks += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await rotateKey({ ...panel.app, db }, staff, { customerId, keyId });
  assert.equal(locks, 1);
});

test('a key works from its addresses only, and the last hop counts', async () => {
  const { customerId } = await makeCustomer(panel);
  const allowedAddresses = ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32'];
  const { key } = await createKey(panel.app, staff, { customerId, name: 'a', allowedAddresses });
  const allowed = [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '198.51.100.255',
    '2001:db8:1::5',
    '203.0.113.9, 192.0.2.1',
  ];
  const refused = [
    '192.0.2.2',
    '198.51.101.0',
    '2001:db9::1',
    '::1',
    '192.0.2.1, 203.0.113.9',
    'nonsense',
    '192.0.2.1:80',
    '[2001:db8::1]',
    '192.0.2.1.',
    'x'.repeat(200),
  ];
  for (const address of allowed) assert.equal(await ask(key, panel, address), balance, address);
  for (const address of refused) assert.equal(await ask(key, panel, address), badKey, address);
});

test('without a trusted proxy the socket’s address counts, whatever a header says', async () => {
  const options = { host: '127.0.0.1', port: 0, publicUrl: undefined, isProxyTrusted: false };
  const direct = await startHttp(panel.app, options);
  try {
    const { customerId } = await makeCustomer(panel);
    const make = async (address: string) => {
      const terms = { customerId, name: address, allowedAddresses: [address] };
      return (await createKey(panel.app, staff, terms)).key;
    };
    const [near, far] = [await make('127.0.0.1'), await make('192.0.2.1')];
    assert.equal(await ask(near, direct, '192.0.2.1'), balance);
    assert.equal(await ask(far, direct, '192.0.2.1'), badKey);
  } finally {
    await direct.stop();
  }
});

test('a changed allow-list holds at the next call; an empty one allows any address', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const keyId = await newestKey(customerId);
  assert.equal(await ask(key), balance);
  const limit = (allowedAddresses: string[]) =>
    setAllowedAddresses(panel.app, staff, { customerId, keyId, allowedAddresses });
  await limit(['192.0.2.1']);
  assert.equal(await ask(key), badKey);
  assert.equal(await ask(key, panel, '192.0.2.1'), balance);
  await limit([]);
  assert.equal(await ask(key), balance);
});

test('missing, malformed, unknown and revoked keys get one answer', async () => {
  const { key, customerId } = await makeCustomer(panel);
  await revokeKey(panel.app, staff, { customerId, keyId: await newestKey(customerId) });
  const wrong = [
    '',
    'x',
    key,
    key.slice(0, -1),
    `${key}0`,
    key.toLowerCase(),
    '名',
    `pw_${'0'.repeat(49)}`,
  ];
  for (const text of wrong) assert.equal(await ask(text), badKey);
});

test('a mistyped key, and any from a limited address, is refused without a query', async () => {
  const { key } = generateKey();
  const mistyped = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
  await panel.owner.sql`alter table api_keys rename to api_keys_away`;
  try {
    for (const wrong of ['x', mistyped, key.slice(1)]) assert.equal(await ask(wrong), badKey);
    assert.equal(await ask(key), refusal('Internal error'));
    for (let attempt = 0; attempt < 20; attempt += 1) await ask('x', panel, '192.0.2.99');
    assert.equal(await ask(key, panel, '192.0.2.99'), refusal('Rate limit exceeded'));
  } finally {
    await panel.owner.sql`alter table api_keys_away rename to api_keys`;
  }
  assert.equal(await ask(key), badKey);
});

test('a process that only answers stores when keys were used', async () => {
  const answering = await openTestPanel();
  const { key, customerId } = await makeCustomer(answering);
  await ask(key, answering);
  await answering.stopServing();
  const [used] = await listKeys(answering.app.db, customerId);
  assert.deepEqual(used?.lastUsedAt, answering.clock.now());
  await answering.close();
});

test('when a key was last used is recorded', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const lastUse = async () => (await listKeys(panel.app.db, customerId))[0]?.lastUsedAt ?? null;
  assert.equal(await lastUse(), null);
  await ask(key);
  await panel.app.keyring.flushLastUse();
  assert.deepEqual(await lastUse(), panel.clock.now());
  panel.clock.advance(60_000);
  await ask(key);
  await panel.app.keyring.flushLastUse();
  assert.deepEqual(await lastUse(), panel.clock.now());
});
