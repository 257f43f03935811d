import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { type Actor, AppError, amount, createLog, type ProviderId } from '../base/index.ts';
import { inTransaction } from '../db/index.ts';
import { type FakePanel, servePanel } from './fixture.ts';
import {
  addProvider,
  createUpstreams,
  findProvider,
  type ProviderChanges,
  type ProviderInput,
  pauseProvider,
  readProviders,
  setProviderState,
  testProvider,
  updateProvider,
} from './index.ts';

const logged: string[] = [];
let panel: TestPanel;
let upstream: FakePanel;
before(async () => {
  panel = await openTestPanel({ log: createLog('debug', { write: (line) => logged.push(line) }) });
  upstream = await servePanel(() => ({ balance: '1.5', currency: 'USD' }));
});
after(async () => {
  await upstream.stop();
  await panel.close();
});

const key = 'canary-8e21aa-upstream-key';
let counter = 0;

function add(input: Partial<ProviderInput> = {}): Promise<ProviderId> {
  counter += 1;
  const name = `Provider ${counter}`;
  return addProvider(panel.app, staff, { name, url: upstream.url, key, ...input });
}

function change(providerId: ProviderId, changes: ProviderChanges) {
  return updateProvider(panel.app, staff, { providerId, changes });
}

function find(providerId: ProviderId) {
  return findProvider(panel.app.db, providerId);
}

function pause(providerId: ProviderId, by: 'funds' | 'key') {
  const at = panel.clock.now();
  return inTransaction(panel.app.db, (tx) =>
    pauseProvider(tx, { providerId, by, at, actor: staff }),
  );
}

async function isRefused(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert(!error.message.includes(key));
    return true;
  });
}

/** Every row of every table as text; what is binary as text, too. */
async function dumpTables(): Promise<string> {
  const { sql } = panel.owner;
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const rows = await Promise.all(
    tables.map(({ name }) => sql.unsafe(`select t::text as row from ${name} t`)),
  );
  const text = rows.flatMap((list) => list.map((row) => String(row.row))).join('\n');
  const binary = [...text.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
  return [text, ...binary].join('\n');
}

test('a provider is found by name and number, with its settings, and its key works', async () => {
  const settings = { currency: 'eur', exchangeRate: 108_000_000n, alias: ' Fast ' };
  const id = await add({ name: 'Found', ...settings, balanceLowMark: amount(10n) });
  const provider = await find(id);
  assert.deepEqual(await findProvider(panel.app.db, 'Found'), provider);
  assert.deepEqual(await findProvider(panel.app.db, String(id)), provider);
  assert.equal(provider.state, 'on');
  assert.equal(provider.currency, 'EUR');
  assert.equal(provider.alias, 'Fast');
  assert.equal(provider.exchangeRate, 108_000_000n);
  assert.equal(provider.callsPerMinuteMax, 120);
  assert((await readProviders(panel.app.db)).some((one) => one.id === id));
  const { balance, currency } = await testProvider(panel.app, staff, id);
  assert.deepEqual([balance, currency], ['1.5', 'USD']);
  assert.equal(upstream.calls.at(-1)?.get('key'), key);
});

test('what no provider can have is refused, and nothing is stored', async () => {
  const count = (await readProviders(panel.app.db)).length;
  const bad: Partial<ProviderInput>[] = [
    { name: ' ' },
    { name: 'x'.repeat(101) },
    { url: 'panel.example' },
    { url: 'ftp://panel.example/' },
    { url: `http://user:${key}@panel.example/` },
    { url: `http://panel.example/${'x'.repeat(500)}` },
    { key: ' ' },
    { key: `${key} x` },
    { key: `${key}\u0000` },
    { currency: 'EURO' },
    { exchangeRate: 0n },
    { callsPerMinuteMax: 0 },
    { callsPerMinuteMax: 1.5 },
    { addTimeoutMs: 999 },
    { requestIdField: 'key' },
    { requestIdField: '' },
    { priceJumpPercentMax: 0 },
  ];
  for (const input of bad) await isRefused(add(input), 'invalid_input');
  await add({ name: 'Taken' });
  await isRefused(add({ name: 'Taken' }), 'conflict');
  await isRefused(change(await add(), { name: 'Taken' }), 'conflict');
  await isRefused(findProvider(panel.app.db, 'Nobody'), 'not_found');
  await isRefused(change(999_999 as ProviderId, { alias: 'x' }), 'not_found');
  assert.equal((await readProviders(panel.app.db)).length, count + 2);
});

test('a customer may do none of it', async () => {
  const { customerId } = await makeCustomer(panel);
  const customer: Actor = { kind: 'customer', customerId, keyId: null };
  const providerId = await add();
  const input = { name: 'Mine', url: upstream.url, key };
  await isRefused(addProvider(panel.app, customer, input), 'not_allowed');
  const changes = { alias: 'x' };
  await isRefused(updateProvider(panel.app, customer, { providerId, changes }), 'not_allowed');
  const state = { providerId, state: 'paused' } as const;
  await isRefused(setProviderState(panel.app, customer, state), 'not_allowed');
  await isRefused(testProvider(panel.app, customer, providerId), 'not_allowed');
});

test('another host blanks the key and the balance; a new key comes with or after it', async () => {
  const id = await add();
  await panel.app.db
    .updateTable('providers')
    .set({ balance: amount(5n), balance_at: panel.clock.now() })
    .where('id', '=', id)
    .execute();
  assert.deepEqual(await change(id, { url: `${upstream.url}?a=1` }), { state: 'on', hasKey: true });
  assert.equal((await find(id)).balance, 5n, 'another path is the same panel');
  const moved = upstream.url.replace('127.0.0.1', '127.0.0.2');
  assert.deepEqual(await change(id, { url: moved }), { state: 'on', hasKey: false });
  const blanked = await find(id);
  assert.equal(blanked.keySealed, null);
  assert.equal(blanked.balance, null);
  await isRefused(testProvider(panel.app, staff, id), 'conflict');
  await change(id, { url: upstream.url });
  assert.equal((await find(id)).keySealed, null, 'the way back does not bring the key back');
  assert.deepEqual(await change(id, { key }), { state: 'on', hasKey: true });
  await testProvider(panel.app, staff, id);
  assert.equal((await change(id, { url: moved, key })).hasKey, true);
});

test('a key that was copied to another row does not open there', async () => {
  const [one, other] = [await add(), await add()];
  const { keySealed } = await find(one);
  await panel.app.db
    .updateTable('providers')
    .set({ key_sealed: keySealed })
    .where('id', '=', other)
    .execute();
  await isRefused(testProvider(panel.app, staff, other), 'conflict');
});

test('a pause is a change once, and never replaces an earlier reason', async () => {
  const id = await add();
  assert.equal(await pause(id, 'funds'), true);
  assert.equal(await pause(id, 'funds'), false);
  assert.equal(await pause(id, 'key'), false);
  assert.equal((await find(id)).pausedBy, 'funds');
  const setTo = (state: 'on' | 'draining' | 'paused') =>
    setProviderState(panel.app, staff, { providerId: id, state });
  assert.equal(await setTo('paused'), true);
  assert.equal((await find(id)).pausedBy, 'staff');
  assert.equal(await setTo('draining'), true);
  assert.equal(await pause(id, 'funds'), false, 'it is sent nothing that costs');
  assert.equal(await pause(id, 'key'), true);
  assert.deepEqual(await change(id, { key }), { state: 'on', hasKey: true });
  assert.equal(await setTo('on'), false);
});

test('every change has an audit row, and the key is in none', async () => {
  const id = await add({ name: 'Audited' });
  await change(id, { alias: 'New', exchangeRate: 150_000_000n, key });
  await change(id, { url: 'http://127.0.0.2/api/v2' });
  await setProviderState(panel.app, staff, { providerId: id, state: 'draining' });
  const rows = await panel.app.db
    .selectFrom('audit')
    .select(['action', 'actor', 'before', 'after'])
    .where('subject', '=', `provider:${id}`)
    .orderBy('id')
    .execute();
  assert.deepEqual(
    rows.map((row) => [row.action, row.actor]),
    [
      ['provider.add', 'staff:test'],
      ['provider.update', 'staff:test'],
      ['provider.update', 'staff:test'],
      ['provider.state', 'staff:test'],
    ],
  );
  assert.equal(rows[0]?.after?.key, 'new');
  assert.deepEqual(rows[1]?.before, { alias: '', exchangeRate: '1.00', state: 'on' });
  assert.equal(rows[1]?.after?.exchangeRate, '1.50');
  assert.equal(rows[2]?.after?.key, 'blanked');
});

test('without a secret no key is stored or used, and the refusal says what to set', async () => {
  const { db, clock } = panel.app;
  const upstreams = createUpstreams({ db, clock, secret: undefined, privateAddresses: 'allow' });
  const ctx = { ...panel.app, upstreams };
  const input = { name: 'No secret', url: upstream.url, key };
  await assert.rejects(addProvider(ctx, staff, input), /set PANELWRIGHT_SECRET/);
  await isRefused(findProvider(db, 'No secret'), 'not_found');
  const provider = await find(await add());
  assert.throws(() => upstreams.open(provider), /set PANELWRIGHT_SECRET/);
  await upstreams.close();
});

test('where private addresses are refused, one that says so is not even stored', async () => {
  const { db, clock } = panel.app;
  const secret = 'another-secret-of-32-letters-or-more';
  const upstreams = createUpstreams({ db, clock, secret, privateAddresses: 'refuse' });
  const ctx = { ...panel.app, upstreams };
  const input = { name: 'Inside', url: 'http://0x7f.1/api/v2', key };
  await isRefused(addProvider(ctx, staff, input), 'invalid_input');
  const named = { name: 'Inside by name', url: 'http://localhost/api/v2', key };
  const id = await addProvider(ctx, staff, named);
  await assert.rejects(testProvider(ctx, staff, id), /not a public one, which the settings refuse/);
  await upstreams.close();
});

test('the key is in no table, log or health text, also when a panel says it back', async () => {
  const echo = await servePanel((fields) => ({ error: `no such key: ${fields.get('key')}` }));
  try {
    const id = await add({ name: 'Echo', url: echo.url });
    await assert.rejects(testProvider(panel.app, staff, id), /refused: no such key: \*\*\*/);
    await add({ name: 'Gone', url: 'http://127.0.0.1:1/api/v2' });
    const gone = (await findProvider(panel.app.db, 'Gone')).id;
    await assert.rejects(testProvider(panel.app, staff, gone), /nothing answers at this address/);
  } finally {
    await echo.stop();
  }
  await panel.app.upstreams.flush();
  const dump = await dumpTables();
  assert(dump.includes('no such key: ***'));
  assert(!dump.includes(key));
  assert(!logged.join('').includes(key));
});
