import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KyselyPlugin } from 'kysely';
import { makeCustomer } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { createKeyring } from './keyring.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

/** A keyring of its own, and something that is done after each of its reads. */
function openKeyring(afterRead: () => Promise<void> = async () => {}) {
  let reads = 0;
  const watch: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      reads += 1;
      await afterRead();
      return result;
    },
  };
  const keyring = createKeyring({ ...panel.app, reads: panel.app.reads.withPlugin(watch) });
  keyring.setTrusted(true);
  return { keyring, reads: () => reads };
}

/** A key and its customer's own prices. */
const readsOfOne = 2;

test('calls of one key that come together read it once', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const { keyring, reads } = openKeyring();
  const holders = await Promise.all(Array.from({ length: 20 }, () => keyring.resolve(key)));
  assert(holders.every((holder) => holder?.customerId === customerId));
  assert.equal(reads(), readsOfOne);
});

test('without its listener a process reads the key for each call', async () => {
  const { key } = await makeCustomer(panel);
  const { keyring, reads } = openKeyring();
  keyring.setTrusted(false);
  await Promise.all([keyring.resolve(key), keyring.resolve(key)]);
  assert.equal(reads(), 2 * readsOfOne);
});

test('a call after a revocation was announced shares no read from before it', async () => {
  const { key, customerId } = await makeCustomer(panel);
  const change = { kind: 'customer', customerId } as const;
  let later: Promise<unknown> | undefined;
  let left = 3 * readsOfOne;
  const { keyring } = openKeyring(async () => {
    left -= 1;
    // With changes all the time, the third read of a key is the last.
    if (left > 0) keyring.onChange(change);
    if (left !== 0) return;
    await panel.owner.sql`
      update api_keys set revoked_at = now() where customer_id = ${customerId}`;
    keyring.onChange(change);
    later = keyring.resolve(key);
  });
  assert.notEqual(await keyring.resolve(key), undefined);
  assert.equal(await later, undefined);
});

test('a read that failed is none for the next call', async () => {
  const { key, customerId } = await makeCustomer(panel);
  let isBroken = true;
  const { keyring } = openKeyring(async () => {
    if (isBroken) throw new Error('the database is away');
  });
  await assert.rejects(keyring.resolve(key), /away/);
  isBroken = false;
  assert.equal((await keyring.resolve(key))?.customerId, customerId);
});
