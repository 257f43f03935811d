import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { minuteMs, type ServiceId, silentLog } from '../../src/base/index.ts';
import { connect, inTransaction } from '../../src/db/index.ts';
import { decideDelivery, readDispatchState } from '../../src/fulfilment/index.ts';
import { createReadiness } from '../../src/http/readiness.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { pauseProvider, setProviderState } from '../../src/providers/index.ts';
import { createRedStateWatch } from '../../src/worker/red-state.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openUpstream, place, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let service: ServiceId;
let key: string;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel, { name: 'Canary Wholesale' });
  service = await upstream.sell();
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
beforeEach(() => panel.clock.advance(minuteMs));
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

function order() {
  links += 1;
  return place(panel, { key, service, link: `https://example.com/r/${links}`, quantity: 100 });
}

type Verbose = { ready: boolean; state: string; checks: { name: string; detail: string }[] };

/** The verbose answer, and the names of the checks that fail. */
async function ask(): Promise<Verbose & { status: number; failing: string[]; text: string }> {
  panel.clock.advance(1_000);
  const response = await fetch(`${panel.url}/readyz?verbose`);
  const text = await response.text();
  const answer = JSON.parse(text);
  const failing = answer.checks.flatMap((check: { ok: boolean; name: string }) =>
    check.ok ? [] : check.name,
  );
  return { ...answer, status: response.status, failing, text };
}

test('a panel on which all goes well is green, and says how much waits', async () => {
  const answer = await ask();
  assert.deepEqual([answer.status, answer.ready, answer.state], [200, true, 'green']);
  assert.deepEqual(
    answer.checks.map(({ name }) => name),
    [
      'database',
      'serving',
      'restore',
      'books',
      'dispatch',
      'providers',
      'unknown',
      'waiting',
      'backup',
    ],
  );
  const plain = await fetch(`${panel.url}/readyz`);
  assert.equal(await plain.text(), '{"ok":true}');
});

test('orders that are due and not sent are the red state; sending them ends it', async () => {
  await order();
  assert.equal((await ask()).state, 'green');
  panel.clock.advance(2 * minuteMs);
  const red = await ask();
  assert.deepEqual([red.status, red.ready, red.state], [200, true, 'red']);
  assert.deepEqual(red.failing, ['dispatch']);
  assert.match(red.text, /due and not sent: 1, since 2026-03-01T/);
  await upstream.forward();
  assert.equal((await ask()).state, 'green');
});

test('a long queue that moves is green', async () => {
  await order();
  await order();
  panel.clock.advance(2 * minuteMs);
  await upstream.forward(1);
  assert.equal((await ask()).state, 'green');
  await upstream.forward();
});

test('what waits for a provider that staff drain or pause is not late', async () => {
  const { providerId } = upstream;
  await order();
  await setProviderState(panel.app, staff, { providerId, state: 'draining' });
  panel.clock.advance(5 * minuteMs);
  assert.equal((await ask()).state, 'green');
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  assert.deepEqual((await ask()).failing, ['dispatch']);
  await upstream.forward();
});

test('a provider without funds is the red state, and its name is for the log alone', async () => {
  const { providerId } = upstream;
  const told: [string, object, string][] = [];
  const log = {
    ...silentLog,
    info: (fields: object, message: string) => told.push(['info', fields, message]),
    error: (fields: object, message: string) => told.push(['error', fields, message]),
  };
  const watch = createRedStateWatch({ ...panel.app, log });
  await watch();
  assert.deepEqual(told, []);
  const at = panel.clock.now();
  await inTransaction(panel.app.db, (tx) =>
    pauseProvider(tx, { providerId, by: 'funds', at, actor: staff }),
  );
  const red = await ask();
  assert.deepEqual(red.failing, ['providers']);
  assert(red.text.includes('out of funds or key refused: 1'));
  assert(!red.text.includes('Canary'));
  for (let second = 0; second < 5; second += 1) await watch();
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  await watch();
  await watch();
  const checks = { providers: 'out of funds or key refused: 1' };
  assert.deepEqual(told, [
    ['error', { checks, providers: ['Canary Wholesale'] }, 'delivery is in the red state'],
    ['info', {}, 'delivery is out of the red state'],
  ]);
});

test('an unknown order is the red state after 15 minutes, until staff decide', async () => {
  const orderId = await order();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await ask()).state, 'green');
  panel.clock.advance(16 * minuteMs);
  const red = await ask();
  assert.deepEqual(red.failing, ['unknown']);
  assert.match(red.text, /unknown whether placed: 1, since/);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
  assert.equal((await ask()).state, 'green');
});

test('an order that waits for staff is counted until it is final, also by hand', async () => {
  const orderId = await order();
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward();
  const waiting = async () => (await readDispatchState(panel.app.db, panel.clock.now())).waiting;
  assert.equal(await waiting(), 1);
  const answer = await ask();
  assert.equal(answer.state, 'green');
  assert(answer.text.includes('waiting for staff: 1'));
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  assert.equal(await waiting(), 0);
});

test('what cannot be read is red, and no reason to send customers elsewhere', async () => {
  await panel.owner.sql`alter table providers rename to providers_away`;
  const half = await ask();
  await panel.owner.sql`alter table providers_away rename to providers`;
  assert.deepEqual([half.status, half.ready, half.failing], [200, true, ['dispatch']]);
});

test('a process that stops, or has no database, is not ready', async () => {
  const stopping = createReadiness({ ...panel.app, isStopping: () => true });
  assert.equal(await stopping.isReady(), false);
  const { ready, state } = await stopping.read();
  assert.deepEqual([ready, state], [false, 'red']);
  const away = connect({ url: panel.databaseUrl }, { connectionsMax: 1 });
  await away.close();
  const lost = createReadiness({ ...panel.app, db: away.db, isStopping: () => false });
  assert.equal(await lost.isReady(), false);
  const answer = await lost.read();
  assert.deepEqual([answer.ready, answer.state], [false, 'red']);
  assert.deepEqual(
    answer.checks.map(({ name, ok }) => [name, ok]),
    [
      ['database', false],
      ['serving', true],
    ],
  );
});

test('each provider is measured by its number', async () => {
  const orderId = await order();
  await panel.app.upstreams.flush();
  const { providerId } = upstream;
  const read = async () => (await fetch(`${panel.url}/metrics`)).text();
  const label = `provider="${providerId}"`;
  const text = await read();
  assert.match(text, new RegExp(`^panelwright_provider_orders{${label},delivery="due"} 1$`, 'm'));
  assert.match(text, new RegExp(`^panelwright_provider_state{${label},state="on"} 1$`, 'm'));
  assert.match(text, new RegExp(`^panelwright_provider_state{${label},state="paused"} 0$`, 'm'));
  assert.match(text, new RegExp(`^panelwright_provider_calls_total{${label}} [1-9]`, 'm'));
  assert.match(text, new RegExp(`^panelwright_provider_call_failures_total{${label}} 1$`, 'm'));
  assert.match(text, /^panelwright_api_calls_total/m);
  assert(!text.includes('Canary'));
  await upstream.forward();
  const after = await read();
  assert.match(after, new RegExp(`^panelwright_provider_orders{${label},delivery="due"} 0$`, 'm'));
  const following = new RegExp(`{${label},delivery="following"} ([0-9]+)$`, 'm').exec(after);
  assert(Number(following?.[1]) >= 1, String(orderId));
});
