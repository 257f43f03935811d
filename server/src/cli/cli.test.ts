import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { readDocument, runCommand, runPanelwright } from './fixture.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

/** Runs a command on the panel's database. */
function run(...args: string[]) {
  return runCommand(args, { DATABASE_URL: panel.databaseUrl, LOG_LEVEL: 'warn' });
}

/** Runs a command with `--json`: exit code 0 and one JSON document on stdout. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  return readDocument(run(...args, '--json'));
}

test('what an operator sets up is at once good for the running server', async () => {
  const terms = ['--rate', '0.90', '--min', '50', '--max', '10000', '--refill', '--cancel'];
  const type = ['--category', 'C', '--type', 'Default', ...terms];
  const [customer, service] = await Promise.all([
    json('customers', 'create', '--name', 'Reseller'),
    json('services', 'create', '--name', 'Followers', ...type, '--refill-days', '30'),
  ]);
  const key = String(customer.key);
  const to = ['--customer', `${customer.id}`, '--amount', '100.5', '--reference', 'R'];
  const deposit = ['deposits', 'add', ...to];
  assert.deepEqual(await json(...deposit), { added: true, balance: '100.50' });
  assert.deepEqual(await json(...deposit), { added: false, balance: '100.50' });
  await json('services', 'update', `${service.id}`, '--rate', '1');
  await waitFor(async () => (await panel.callText({ key, action: 'services' })).includes('1.00'));

  const link = 'https://example.com/a';
  const add = { key, action: 'add', service: Number(service.id), link, quantity: 1000 };
  const order = String(Reflect.get(Object(await panel.call(add)), 'order'));
  const settled = await json('orders', 'settle', order, '--status', 'Partial', '--remains', '157');
  assert.deepEqual(settled, {
    order: Number(order),
    outcome: 'changed',
    status: 'Partial',
    refund: '0.157',
  });
  const status = await panel.callText({ key, action: 'status', order });
  assert.match(status, /"charge":"0.843","start_count":null,"status":"Partial","remains":"157"/);

  const [shown, statement, listed, verified] = await Promise.all([
    json('orders', 'show', order),
    json('customers', 'statement', `${customer.id}`, '--limit', '2'),
    run('orders', 'list', '--status', 'Partial'),
    json('verify'),
  ]);
  assert.equal(shown.charge, '1.00');
  assert.equal(Reflect.get(Object(shown.timeline)[0], 'actor'), 'staff:cli');
  assert.equal(statement.next, 2);
  assert.match(listed.stdout, /^ID .*\n1 .* Partial .* https:\/\/example\.com\/a\n$/);
  assert.equal(verified.ok, true);
});

test('a key stops, moves and is bound to addresses at once', async () => {
  const { customerId, key } = await makeCustomer(panel);
  const [held] = await panel.app.db
    .selectFrom('api_keys')
    .select('id')
    .where('customer_id', '=', customerId)
    .execute();
  const works = async (tried: string) =>
    !(await panel.callText({ key: tried, action: 'balance' })).includes('error');
  assert(await works(key));
  const of = ['--customer', `${customerId}`];
  const rotated = await json('keys', 'rotate', `${held?.id}`, ...of);
  await waitFor(async () => !(await works(key)));
  const next = String(rotated.key);
  assert(await works(next));
  await json('keys', 'allow', `${rotated.id}`, '10.0.0.0/8', ...of);
  await waitFor(async () => !(await works(next)));
  await json('customers', 'update', `${customerId}`, '--discount', '12.5', '--credit-limit', '50');
  const listed = await json('keys', 'list', ...of);
  assert(!JSON.stringify(listed).includes(next));
});

test('staff stop and answer what runs over time', async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel, { type: 'Subscriptions' });
  const plain = await makeService(panel, { cancel: true });
  const fields = { username: 'someone', min: 50, max: 100, delay: 0 };
  const subscription = await panel.call({ key, action: 'add', service, ...fields });
  const id = String(Reflect.get(Object(subscription), 'order'));
  const link = 'https://example.com/post';
  const asked = await panel.call({ key, action: 'add', service: plain, link, quantity: 100 });
  const order = String(Reflect.get(Object(asked), 'order'));
  await panel.call({ key, action: 'cancel', orders: order });

  const announced = await json('orders', 'announce', id, '--link', link);
  assert.equal(announced.announced, true);
  assert.equal((await json('orders', 'announce', id, '--link', link)).announced, false);
  const [paused, queue] = await Promise.all([
    json('orders', 'pause', id, '--note', 'holiday'),
    json('cancels', 'list'),
  ]);
  assert.equal(paused.status, 'Paused');
  assert.equal(Reflect.get(Object(queue)[0], 'order'), Number(order));
  await Promise.all([json('orders', 'resume', id), json('cancels', 'accept', order)]);
  assert.equal((await json('orders', 'cancel', id)).status, 'Canceled');
  assert.match(await panel.callText({ key, action: 'status', order }), /"status":"Canceled"/);
  await panel.verify();
});

test('every list and setting prints one JSON document', async () => {
  const lists = ['customers', 'services', 'categories', 'links', 'orders', 'refills', 'cancels'];
  await Promise.all([
    ...lists.map((group) => json(group, 'list')),
    json('settings', 'show'),
    json('settings', 'set', '--show-description', 'on'),
    json('links', 'block', 'Casino'),
    json('migrate'),
  ]);
  assert.equal((await json('settings', 'show')).showDescription, true);
});

test('a panel is not distributed where Citus is not at work, and why is said', async () => {
  const { code, stderr } = await run('migrate', '--distribute');
  assert.equal(code, 1);
  assert.match(stderr, /no Citus extension|installed but not loaded|stop all its processes first/);
});

test('the looks of the panel are set from the command line', async () => {
  const changes = ['--name', 'Fine Growth', '--accent', '#AA3366', '--sign-up', 'off'];
  const more = ['--public-price-list', 'off', '--calls-per-second', '50', '--tagline', 'Fast.'];
  await json('settings', 'set', ...changes, ...more);
  await panel.app.catalog.refresh();
  const { panel: shown, settings } = panel.app.catalog.current();
  assert.equal(shown.name, 'Fine Growth');
  assert.deepEqual(
    [shown.accent, shown.tagline, shown.isSignUpOpen, shown.isPriceListPublic],
    ['#aa3366', 'Fast.', false, false],
  );
  assert.equal(settings.callsPerSecondDefault, 50);
  const reset = await json('settings', 'set', '--calls-per-second', 'default');
  assert.equal(reset.callsPerSecondDefault, null);
});

test('a refusal is one line on stderr and exit code 1', async () => {
  const bad = [
    ['deposits', 'add', '--customer', '99', '--amount', '1', '--reference', 'r'],
    ['deposits', 'add', '--customer', '1', '--amount', '-1', '--reference', 'r'],
    ['orders', 'show', '999999'],
    ['orders', 'settle', '1x', '--status', 'Completed'],
    ['customers', 'update', '1'],
    ['refills', 'decide', '5', '--status', 'Completed'],
    ['restore', '/nowhere/panel.backup'],
  ];
  for (const result of await Promise.all(bad.map((args) => run(...args, '--json')))) {
    assert.equal(result.code, 1);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^error: [^\n]+\n$/);
  }
});

test('a command line that is not right is exit code 2 and says how it would be', async () => {
  const [unknown, missing, word, help] = await Promise.all([
    run('customer'),
    run('services', 'create', '--name', 'x'),
    run('orders', 'settle', '1', '--status', 'Done'),
    run('orders', 'settle', '--help'),
  ]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Did you mean customers\?/);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /--category/);
  assert.equal(word.code, 2);
  assert.match(word.stderr, /Completed, Partial, Canceled/);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples:/);
});

test('verify finds planted damage and ends with exit code 1', async () => {
  const { customerId } = await makeCustomer(panel);
  const move = (units: number) => panel.owner.sql`
    update wallets set balance = balance + ${units} where customer_id = ${customerId}`;
  await move(1);
  // The real program: what a script sees is how its process ends.
  const env = { DATABASE_URL: panel.databaseUrl };
  const { code, stdout } = await runPanelwright(['verify', '--json'], env);
  await move(-1);
  assert.equal(code, 1);
  const report = JSON.parse(stdout);
  assert.equal(report.ok, false);
  assert.equal(report.broken[0].subject, `customer ${customerId}`);
});

test('.env.example lists every setting', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const names = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map((match) => match[1]).sort();
  const listed = names(read('../../../.env.example'), /^#?([A-Z_]+)=/gm);
  assert.deepEqual(listed, names(read('../config.ts'), /^ {2}([A-Z_]+): z/gm));
});

test('a database that cannot be had is one line', async () => {
  const env = { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' };
  const { code, stderr } = await runCommand(['verify'], env);
  assert.equal(code, 1);
  assert.match(stderr, /^error: cannot use the database: [^\n]+DATABASE_URL\n$/);
});

/** Notifications arrive within milliseconds; the bound is for a machine under load. */
async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!(await holds())) assert(performance.now() < deadlineMs, 'the change was never seen');
}

test('a word for "none" ends a limit, an own price and the days of a refill', async () => {
  const { customerId } = await makeCustomer(panel);
  const service = await makeService(panel, { refill: true, refillDays: 30 });
  const { db } = panel.app;
  const price = ['customers', 'price', `${customerId}`, '--service', `${service}`, '--rate'];
  await json(...price, '0.5');
  await json(...price, 'none');
  await json('customers', 'update', `${customerId}`, '--calls-per-second', '5');
  await json('customers', 'update', `${customerId}`, '--calls-per-second', 'default');
  await json('services', 'update', `${service}`, '--refill-days', 'none');
  const customer = await db
    .selectFrom('customers')
    .select('calls_per_second_max')
    .where('id', '=', customerId)
    .executeTakeFirst();
  assert.deepEqual(customer, { calls_per_second_max: null });
  const sold = await db
    .selectFrom('services')
    .select('refill_days')
    .where('id', '=', service)
    .executeTakeFirst();
  assert.deepEqual(sold, { refill_days: null });
  const prices = db.selectFrom('customer_prices').where('customer_id', '=', customerId);
  assert.deepEqual(await prices.selectAll().execute(), []);
});
