import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import type { KeyId, Log } from '../base/index.ts';
import { createRecentCalls, listRecentCalls } from './recent-calls.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const keyId = 7 as KeyId;
const atOnce = AbortSignal.abort();
const call = (action: string) => ({ action, address: '10.0.0.1', refusal: null });

/** Calls as they are noted and stored; what could not be stored fails the test. */
function openCalls() {
  const warn: Log['warn'] = (facts, message) => assert.fail(`${message} ${JSON.stringify(facts)}`);
  return createRecentCalls({ ...panel.app, log: { ...panel.app.log, warn } });
}

test('the last 50 calls of a customer are kept, newest first, over many turns', async () => {
  const { customerId } = await makeCustomer(panel);
  const calls = openCalls();
  const made: string[] = [];
  for (const count of [3, 120, 1, 50, 100, 7]) {
    for (let at = 0; at < count; at += 1) {
      panel.clock.advance(1);
      made.unshift(`a${made.length}`);
      calls.note({ customerId, keyId }, call(made[0] ?? ''));
    }
    await calls.store(atOnce);
    const kept = await listRecentCalls(panel.app.db, customerId);
    assert.deepEqual(
      kept.map(({ action }) => action),
      made.slice(0, 50),
    );
    assert.equal(kept[0]?.at, panel.clock.now().toISOString());
  }
});

test('a call is kept with its key, address and refusal, and only for its customer', async () => {
  const [one, other] = [await makeCustomer(panel), await makeCustomer(panel)];
  const calls = openCalls();
  const address = 'a'.repeat(100);
  calls.note({ ...one, keyId }, { action: 'add', address, refusal: 'Bad "link"\\' });
  await calls.store(atOnce);
  await calls.store(atOnce);
  const at = panel.clock.now().toISOString();
  assert.deepEqual(await listRecentCalls(panel.app.db, one.customerId), [
    { at, keyId, action: 'add', address: 'a'.repeat(64), refusal: 'Bad "link"\\' },
  ]);
  assert.deepEqual(await listRecentCalls(panel.app.db, other.customerId), []);
});

test('the calls of many customers are stored together', async () => {
  const customers = await Promise.all(Array.from({ length: 40 }, () => makeCustomer(panel)));
  const calls = openCalls();
  for (const { customerId } of customers) calls.note({ customerId, keyId }, call('balance'));
  await calls.store(atOnce);
  for (const { customerId } of customers) {
    const kept = await listRecentCalls(panel.app.db, customerId);
    assert.deepEqual(
      kept.map(({ action }) => action),
      ['balance'],
    );
  }
});

test('who calls all the time is stored every ten seconds, anybody else at once', async () => {
  const [busy, quiet] = [await makeCustomer(panel), await makeCustomer(panel)];
  const calls = openCalls();
  const { signal } = new AbortController();
  const storedOf = async ({ customerId }: typeof busy) =>
    (await listRecentCalls(panel.app.db, customerId)).map(({ action }) => action);
  for (let at = 0; at < 60; at += 1) calls.note({ ...busy, keyId }, call(`a${at}`));
  for (let at = 0; at < 49; at += 1) calls.note({ ...quiet, keyId }, call(`a${at}`));
  await calls.store(signal);
  assert.deepEqual([(await storedOf(busy)).length, (await storedOf(quiet)).length], [0, 49]);
  panel.clock.advance(9_999);
  calls.note({ ...busy, keyId }, call('last'));
  await calls.store(signal);
  assert.deepEqual(await storedOf(busy), []);
  panel.clock.advance(1);
  await calls.store(signal);
  assert.deepEqual((await storedOf(busy)).slice(0, 2), ['last', 'a59']);
});

test('calls that are noted while others are stored are stored after them', async () => {
  const { customerId } = await makeCustomer(panel);
  const calls = openCalls();
  const leaving = new AbortController();
  calls.note({ customerId, keyId }, call('first'));
  const storing = calls.store(leaving.signal);
  calls.note({ customerId, keyId }, call('second'));
  leaving.abort();
  await Promise.all([calls.store(leaving.signal), storing]);
  const kept = await listRecentCalls(panel.app.db, customerId);
  assert.deepEqual(
    kept.map(({ action }) => action),
    ['second', 'first'],
  );
});
