import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import {
  type Amount,
  amount,
  createLog,
  minuteMs,
  type ProviderId,
  parseAmount,
} from '../base/index.ts';
import { inTransaction } from '../db/index.ts';
import { decideBalance } from './balances.ts';
import { parseBalance } from './fields.ts';
import { type FakePanel, servePanel } from './fixture.ts';
import {
  addProvider,
  findProvider,
  type ProviderInput,
  pauseProvider,
  setProviderState,
  takeCallSlots,
  watchBalances,
} from './index.ts';

const logged: string[] = [];
let panel: TestPanel;
let upstream: FakePanel;
let reply: unknown;
before(async () => {
  panel = await openTestPanel({ log: createLog('debug', { write: (line) => logged.push(line) }) });
  upstream = await servePanel(() => reply);
});
after(async () => {
  await upstream.stop();
  await panel.close();
});

let counter = 0;

/** The only provider that is not paused. */
async function makeProvider(input: Partial<ProviderInput> = {}): Promise<ProviderId> {
  await panel.app.db
    .updateTable('providers')
    .set({ state: 'paused', paused_by: 'staff' })
    .execute();
  counter += 1;
  const key = 'k-0123456789';
  return addProvider(panel.app, staff, { name: `P${counter}`, url: upstream.url, key, ...input });
}

const find = (id: ProviderId) => findProvider(panel.app.db, id);
const watch = () => watchBalances(panel.app);

function pause(providerId: ProviderId) {
  const at = panel.clock.now();
  return inTransaction(panel.app.db, (tx) =>
    pauseProvider(tx, { providerId, by: 'funds', at, actor: staff }),
  );
}

/** One look at a balance a while later. */
async function see(balance: string, afterMs = 5 * minuteMs): Promise<number> {
  reply = { balance, currency: 'USD' };
  panel.clock.advance(afterMs);
  return watch();
}

test('a balance is read at once, then every five minutes, to 8 decimals rounded down', async () => {
  const id = await makeProvider();
  assert.equal(await see('100.123456789', 0), 1);
  const provider = await find(id);
  assert.equal(provider.balance, 10_012_345_678n);
  assert.deepEqual(provider.balanceAt, panel.clock.now());
  assert.equal(await see('7', 5 * minuteMs - 1), 0);
  assert.equal(await see('7', 1), 1);
  assert.equal((await find(id)).balance, 700_000_000n);
  await setProviderState(panel.app, staff, { providerId: id, state: 'paused' });
  assert.equal(await see('8'), 0, 'a provider that staff paused is not called');
  await setProviderState(panel.app, staff, { providerId: id, state: 'draining' });
  assert.equal(await see('8'), 1);
});

test('of two workers one asks, also after a failure', async () => {
  await makeProvider();
  const before = upstream.calls.length;
  reply = '<html>';
  const asked = await Promise.all([watch(), watch(), watch()]);
  assert.equal(
    asked.reduce((sum, one) => sum + one),
    1,
  );
  assert.equal(upstream.calls.length, before + 1);
  assert.equal(await watch(), 0, 'a failed question is not repeated at once');
  assert.equal(await see('1'), 1);
});

test('a provider without funds goes on when its balance has risen, not before', async () => {
  const id = await makeProvider();
  await see('5', 0);
  await pause(id);
  assert.equal(await see('0.10', minuteMs), 1, 'it is asked every minute now');
  assert.equal((await find(id)).pausedBy, 'funds');
  await see('0.10', minuteMs);
  assert.equal((await find(id)).pausedBy, 'funds');
  await see('3', minuteMs);
  const provider = await find(id);
  assert.deepEqual([provider.state, provider.pausedBy], ['on', null]);
  const audit = await panel.app.db
    .selectFrom('audit')
    .select(['actor', 'after'])
    .where('subject', '=', `provider:${id}`)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  assert.deepEqual(audit, { actor: 'system:balances', after: { state: 'on', pausedBy: null } });
});

test('what a balance means, case by case', () => {
  const of = (text: string): Amount => parseAmount(text, 'test');
  type Case = [
    last: string | null,
    mark: string | null,
    now: string,
    resumes: boolean,
    low: boolean,
  ];
  const cases: Case[] = [
    [null, null, '5', false, false],
    ['5', null, '5', false, false],
    ['5', null, '4', false, false],
    ['5', null, '5.00000001', true, false],
    ['5', '10', '9', false, false],
    ['5', '10', '10', true, false],
    ['10', '10', '9', false, true],
    [null, '10', '9', false, true],
    ['9', '10', '8', false, false],
  ];
  for (const [last, mark, now, resumes, isLow] of cases) {
    const before = {
      pausedBy: 'funds' as const,
      balance: last === null ? null : of(last),
      balanceLowMark: mark === null ? null : of(mark),
    };
    const label = JSON.stringify([last, mark, now]);
    assert.deepEqual(decideBalance(before, of(now)), { resumes, isLow }, label);
    const others = [null, 'staff', 'key'] as const;
    for (const pausedBy of others) {
      assert.deepEqual(decideBalance({ ...before, pausedBy }, of(now)), { resumes: false, isLow });
    }
  }
});

test('a low balance is told once, another currency each time', async () => {
  await makeProvider({ balanceLowMark: parseAmount('10', 'mark') });
  logged.length = 0;
  await see('11', 0);
  assert.equal(logged.length, 0);
  await see('9');
  await see('8');
  assert.equal(logged.filter((line) => line.includes('a balance is low')).length, 1);
  reply = { balance: '7', currency: 'eur' };
  panel.clock.advance(5 * minuteMs);
  await watch();
  assert.match(logged.at(-1) ?? '', /"currency":"EUR","stored":"USD"/);
});

test('a refused key pauses, a 429 holds back', async () => {
  const id = await makeProvider();
  reply = { error: 'Invalid API key' };
  await watch();
  assert.equal((await find(id)).pausedBy, 'key');
  const limited = await makeProvider();
  reply = { error: 'Rate limit exceeded' };
  await watch();
  const { nextCallAt } = await find(limited);
  assert.equal(nextCallAt?.getTime(), panel.clock.now().getTime() + 5_000);
});

test('a clock that jumps back a year does not stop the watch', async () => {
  const id = await makeProvider();
  await see('5', 0);
  panel.clock.advance(-365 * 24 * 60 * minuteMs);
  assert.equal(await see('6', 0), 1);
  assert.equal((await find(id)).balance, 600_000_000n);
});

test('a worker that stops waits for no provider', async () => {
  const id = await makeProvider({ callsPerMinuteMax: 1 });
  const now = panel.clock.now();
  await takeCallSlots(panel.app.db, { providerId: id, count: 1, now });
  const asked = upstream.calls.length;
  await watchBalances(panel.app, AbortSignal.abort());
  assert.equal(upstream.calls.length, asked);
  assert.equal((await find(id)).balance, null);
});

test('a provider whose key does not open holds up no other', async () => {
  const broken = await makeProvider();
  const fine = await addProvider(panel.app, staff, {
    name: 'Fine',
    url: upstream.url,
    key: 'k-0123456789',
  });
  await panel.app.db
    .updateTable('providers')
    .set({ key_sealed: Uint8Array.of(1, 2, 3) })
    .where('id', '=', broken)
    .execute();
  await see('5', 0);
  assert.equal((await find(fine)).balance, 500_000_000n);
});

test('decimals are read exactly and rounded down, or not at all', () => {
  const table: [string, bigint | null][] = [
    ['100.84292', 10_084_292_000n],
    ['0', 0n],
    ['-1.5', -150_000_000n],
    ['0.000000019', 1n],
    ['-0.000000011', -2n],
    ['-0.000000010', -1n],
    ['0.30000000000000004', 30_000_000n],
    ['89999999999.99999999', 8_999_999_999_999_999_999n],
    ['90000000000', null],
    ['999999999999', null],
    ['1e3', null],
    ['', null],
  ];
  for (const [text, units] of table) {
    assert.equal(parseBalance(text), units === null ? null : amount(units), text);
  }
});
