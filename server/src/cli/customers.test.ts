import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { stopMoney } from '../customers/index.ts';
import { inTransaction } from '../db/index.ts';
import { readDocument, runCommand } from './fixture.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel?.close());

function run(...args: string[]) {
  return runCommand(args, { DATABASE_URL: panel.databaseUrl, LOG_LEVEL: 'warn' });
}

const bare = {
  email: null,
  status: 'active',
  suspendedBy: null,
  suspensionNote: '',
  creditLimit: '0.00',
  currency: 'USD',
  discount: '0',
  callsPerSecondMax: null,
  keys: 1,
  running: 0,
  openRefills: 0,
  openCancels: 0,
  lastOrderAt: null,
  prices: [],
  moneyStop: null,
};

test('a customer is shown with balance, terms, own prices and what is under way', async () => {
  const { customerId, key } = await makeCustomer(panel, { funds: '500' });
  const id = `${customerId}`;
  const service = await makeService(panel, { name: 'Followers', rate: '0.9' });
  const show = () => readDocument(run('customers', 'show', id, '--json'));
  const { name, createdAt } = await show();
  const started = { ...bare, id: customerId, name, createdAt, balance: '500.00', transfers: 1 };
  assert.deepEqual(await show(), started);

  const terms = ['--discount', '12.5', '--credit-limit', '50', '--calls-per-second', '7'];
  await run('customers', 'update', id, ...terms);
  await run('customers', 'price', id, '--service', `${service}`, '--rate', '0.75');
  const link = 'https://example.com/shown';
  await panel.call({ key, action: 'add', service, link, quantity: 100 });
  const shown = await show();
  const { balance, transfers, running, lastOrderAt } = shown;
  assert.deepEqual([transfers, running], [2, 1]);
  assert(lastOrderAt !== null);
  const prices = [{ service, name: 'Followers', rate: '0.75', listRate: '0.90' }];
  assert.deepEqual(shown, {
    ...{ ...started, balance, transfers, running, lastOrderAt, prices },
    ...{ creditLimit: '50.00', discount: '12.5', callsPerSecondMax: 7 },
  });
  const { code, stdout } = await run('customers', 'show', id);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^balance +${String(balance).replace('.', '\\.')} USD$`, 'm'));
  assert.match(stdout, /^credit limit +50\.00 USD$/m);
  assert.match(stdout, /^discount +12\.5%$/m);
  assert.match(stdout, /^running orders +1$/m);
  assert.match(stdout, /^money +moves$/m);
  assert.match(stdout, /^1 +0\.75 +0\.90 +Followers$/m);
});

test('what stopped the money, and who suspended, is shown with the customer', async () => {
  const { customerId } = await makeCustomer(panel);
  const id = `${customerId}`;
  await run('customers', 'update', id, '--status', 'suspended');
  const finding = {
    invariant: 'I2',
    check: 'a_check',
    subject: 'order 7',
    detail: 'one\ntoo many',
  };
  const at = panel.clock.now();
  await inTransaction(panel.app.db, (tx) =>
    stopMoney(tx, {
      customerId,
      findings: [finding],
      actor: { kind: 'system', name: 'verify' },
      at,
    }),
  );
  const shown = await readDocument(run('customers', 'show', id, '--json'));
  const { check, subject, detail } = finding;
  assert.deepEqual(shown.moneyStop, {
    stoppedAt: at.toISOString(),
    findings: [{ check, subject, detail }],
  });
  assert.deepEqual([shown.status, shown.suspendedBy], ['suspended', 'staff']);
  const { stdout } = await run('customers', 'show', id);
  assert.match(stdout, /^money +stopped since 2026-03-01 12:00:00Z$/m);
  assert.match(stdout, /^status +suspended by staff$/m);
  assert.match(stdout, /^ {2}a_check {2}order 7 {2}one too many$/m);
});

test('a customer who is not there, or not named, is not shown', async () => {
  const gone = await run('customers', 'show', '999', '--json');
  assert.deepEqual([gone.code, gone.stdout], [1, '']);
  assert.equal(gone.stderr, 'error: no customer 999\n');
  const unnamed = await run('customers', 'show');
  assert.equal(unnamed.code, 2);
  assert.match(unnamed.stderr, /missing required argument 'customer'/);
});
