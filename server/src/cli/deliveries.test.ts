import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deliveryOf, openUpstream, place, type Upstream } from '../../tests/delivery/upstream.ts';
import { makeCustomer } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel, testSecret } from '../../tests/harness.ts';
import type { OrderId, ServiceId } from '../base/index.ts';
import type { ScriptedFault } from '../sandbox/index.ts';
import { readDocument, runCommand } from './fixture.ts';

// The panel's clock stands at the present: commands of the program read the real one.
let panel: TestPanel;
let upstream: Upstream;
let service: ServiceId;
let key: string;
let links = 0;
before(async () => {
  panel = await openTestPanel({ start: new Date() });
  upstream = await openUpstream(panel, { name: 'Wholesale' });
  service = await upstream.sell();
  ({ key } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

function run(...args: string[]) {
  const settings = { DATABASE_URL: panel.databaseUrl, LOG_LEVEL: 'warn' };
  return runCommand(args, { ...settings, PANELWRIGHT_SECRET: testSecret });
}

async function json(...args: string[]) {
  return readDocument(run(...args, '--json'));
}

async function send(fault?: ScriptedFault): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/d/${links}`;
  const orderId = await place(panel, { key, service, link, quantity: 100 });
  if (fault !== undefined) upstream.sandbox.script({ ...fault, on: { action: 'add' } });
  await upstream.forward();
  return orderId;
}

const lost = (): Promise<OrderId> => send({ kind: 'accept_then_html', status: 502 });
const refused = (): Promise<OrderId> => send({ kind: 'refuse', error: 'Bad link\nor so' });

test('what waits is shown with its reason, its reply and the commands that decide it', async () => {
  const [rejected, unknown] = [await refused(), await lost()];
  await upstream.reconcile();
  const [listed, text, first] = await Promise.all([
    json('orders', 'waiting'),
    run('orders', 'waiting'),
    json('orders', 'waiting', '--limit', '1'),
  ]);
  assert.deepEqual(
    listed.map((row: { order: number; reason: string }) => [row.order, row.reason]),
    [
      [Number(rejected), 'rejected'],
      [Number(unknown), 'unknown'],
    ],
  );
  assert.deepEqual(first, listed.slice(0, 1));
  const [one, other] = listed;
  assert.deepEqual(one.provider, { id: upstream.providerId, name: 'Wholesale', service: '1' });
  assert.deepEqual([one.link, one.quantity], ['https://example.com/d/1', 100]);
  assert.equal(one.attempt.number, 1);
  assert.match(one.attempt.raw, /Bad link/);
  assert.equal(one.commands.length, 3);
  assert.equal(other.commands.at(-1), `orders decide ${unknown} --wait`);
  assert.equal(other.evidence.balance.verdict, 'unclear');
  assert.match(text.stdout, /why +every route refused it\n/);
  assert.match(text.stdout, /what +100 of Wholesale's service 1\nlink +https:/);
  assert.match(text.stdout, /reply +.*Bad link/);
  assert.match(text.stdout, /found out +balance: unclear/);
  assert(text.stdout.includes(`  npx panelwright orders decide ${unknown} --send-again\n`));
});

test('each of the four decisions is carried out, and what is decided waits no more', async () => {
  const [bound, again, refunded, longer] = [
    await lost(),
    await lost(),
    await refused(),
    await lost(),
  ];
  await Promise.all([
    json('orders', 'decide', `${bound}`, '--bind', '9001'),
    json('orders', 'decide', `${again}`, '--send-again'),
    json('orders', 'decide', `${refunded}`, '--refund'),
    json('orders', 'decide', `${longer}`, '--wait'),
  ]);
  const state = async (orderId: OrderId) => (await deliveryOf(panel, orderId)).state;
  assert.deepEqual(
    [await state(bound), await state(again), await state(refunded), await state(longer)],
    ['following', 'due', 'done', 'unknown'],
  );
  const status = { key, action: 'status', order: String(refunded) };
  assert.match(await panel.callText(status), /"status":"Canceled"/);
  const listed: { order: number }[] = await json('orders', 'waiting');
  const waiting = listed.map(({ order }) => order);
  assert(!waiting.includes(Number(bound)) && waiting.includes(Number(longer)));

  const [shown, text] = await Promise.all([
    json('orders', 'show', `${bound}`),
    run('orders', 'show', `${bound}`),
  ]);
  assert.deepEqual([shown.delivery.state, shown.delivery.externalId], ['following', '9001']);
  assert.deepEqual(
    shown.timeline.map((entry: { actor: string; kind: string }) => `${entry.actor} ${entry.kind}`),
    ['system:forwarder sent', 'system:forwarder unknown', 'staff:cli decided'],
  );
  assert.match(text.stdout, /\ndelivery +following at Wholesale, order 9001 there, next at /);
  assert.match(text.stdout, /staff:cli {2}decided, was unknown, decision bind, external id 9001\n/);
  assert.match(text.stdout, /system:forwarder {2}sent, .*attempt 1/);
});

test('an order that runs but reports what nobody understands is settled by hand', async () => {
  const orderId = await send();
  const fields = { status: 'Bewildered' };
  upstream.sandbox.script({ kind: 'rows_fields', fields, on: { action: 'status' } });
  panel.clock.advance(10_000);
  await upstream.poll();
  const listed: { order: number; commands: string[]; reason: string }[] = await json(
    'orders',
    'waiting',
  );
  const row = listed.find(({ order }) => order === Number(orderId));
  assert.equal(row?.reason, 'flagged: unknown status "Bewildered"');
  assert.match(row?.commands[0] ?? '', /^orders settle [0-9]+ --status/);
  await json('orders', 'settle', `${orderId}`, '--status', 'Completed');
  const after: { order: number }[] = await json('orders', 'waiting');
  assert(!after.some(({ order }) => order === Number(orderId)));
});

test('a provider is calibrated from the orders it has accepted', async () => {
  const before = await run('providers', 'calibrate', 'Nobody');
  assert.match(before.stderr, /^error: no provider Nobody\n$/);
  for (let at = 0; at < 5; at += 1) await send();
  const found = await json('providers', 'calibrate', 'Wholesale');
  assert.equal(found.id, upstream.providerId);
  assert.equal(found.idsIncrease, found.problem === null);
  assert.equal((await upstream.provider()).idsIncrease, found.idsIncrease);
  const { stdout } = await run('providers', 'calibrate', 'Wholesale');
  assert.match(stdout, /^provider "Wholesale": lost orders are /);
});

test('a decision that cannot be is one line on stderr and exit code 1', async () => {
  const unknown = await lost();
  const decide = ['orders', 'decide'];
  const cases: [string[], RegExp][] = [
    [[...decide, '999999', '--refund'], /order 999999 does not wait for a decision/],
    [[...decide, `${unknown}`], /give one of --bind, --send-again, --refund and --wait/],
    [[...decide, `${unknown}`, '--wait', '--refund'], /give one of/],
    [[...decide, `${unknown}`, '--bind', 'x1'], /an order id is digits/],
    [[...decide, 'x', '--refund'], /no order number/],
  ];
  const ended = await Promise.all(cases.map(([args]) => run(...args)));
  ended.forEach(({ code, stdout, stderr }, at) => {
    const [args, pattern] = cases[at] ?? [[], /^$/];
    assert.deepEqual([code, stdout], [1, ''], `${args}`);
    assert.match(stderr, /^error: [^\n]+\n$/);
    assert.match(stderr, pattern);
  });
  const help = await run('orders', 'decide', '--help');
  assert.match(help.stdout, /Examples:\n {2}panelwright orders decide 7 --bind 23501/);
});
