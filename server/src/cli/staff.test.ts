import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { staff as cli, makeCustomer } from '../../tests/factories.ts';
import { testSecret } from '../../tests/harness.ts';
import {
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
} from '../../tests/sign-in/visitor.ts';
import { staffAreas } from '../base/index.ts';
import type { SignedIn } from '../sign-in/index.ts';
import { addStaff } from '../staff/index.ts';
import { readDocument, runCommand } from './fixture.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

/** Runs a command on the panel's database. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const DATABASE_URL = panel.databaseUrl;
  const PUBLIC_URL = 'https://panel.example';
  return runCommand(args, { DATABASE_URL, PUBLIC_URL, PANELWRIGHT_SECRET: testSecret, ...env });
}

/** Runs a command, and follows the link that it prints. */
async function follow(args: readonly string[], email: string): Promise<SignedIn> {
  const { link } = await readDocument(run([...args, '--json']));
  const url = new URL(String(link));
  assert.equal(`${url.origin}${url.pathname}`, 'https://panel.example/reset-password');
  const visitor = createVisitor(panel);
  const token = url.searchParams.get('token');
  const set = await visitor.post('/api/auth/reset-password', { token, newPassword: password });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  await visitor.post('/api/auth/sign-in/email', { email, password });
  const signedIn = await visitor.signedIn();
  assert(signedIn !== null);
  return signedIn;
}

test('the first operator is added by a command, and comes in by its link', async () => {
  const email = 'ann@example.com';
  const { staff } = await follow(['staff', 'add', 'ann', '--email', email], email);
  assert.equal(staff?.name, 'ann');
  assert.deepEqual(staff.areas, new Set(staffAreas));
});

test('staff are added with some areas and a limit, and listed', async () => {
  const email = 'bo@example.com';
  const limits = ['--areas', 'orders, customers', '--daily-limit', '20'];
  const { staff } = await follow(['staff', 'add', 'bo', '--email', email, ...limits], email);
  assert.deepEqual(staff?.areas, new Set(['orders', 'customers']));
  const listed = await readDocument(run(['staff', 'list', '--json']));
  const areas = ['orders', 'customers'];
  assert.deepEqual(listed.at(-1), {
    id: staff.staffId,
    name: 'bo',
    status: 'active',
    areas,
    dailyLimit: '20.00',
  });
  const bad = await run(['staff', 'add', 'cy', '--email', 'cy@example.com', '--areas', 'all']);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /none of orders, services/);
});

test('whoever lost the password gets a new link, and a taken address is refused', async () => {
  const email = 'dee@example.com';
  const { user } = await follow(['staff', 'add', 'dee', '--email', email], email);
  const again = await follow(['staff', 'link', email], email);
  assert.equal(again.user.id, user.id);
  const taken = await run(['staff', 'add', 'eve', '--email', email]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /has a login already/);
  const other = 'eve@example.com';
  // Nothing of the refused one was left: the name is free.
  const { staff } = await follow(['staff', 'add', 'eve', '--email', other], other);
  assert.equal(staff?.name, 'eve');
});

test('a member of staff without a login is invited', async () => {
  const email = 'gil@example.com';
  await addStaff(panel.app, cli, { name: 'gil', areas: ['orders'], dailyLimit: null });
  const { staff } = await follow(['staff', 'invite', 'gil', '--email', email], email);
  assert.equal(staff?.name, 'gil');
});

test('a customer of the API is let into the web app', async () => {
  const { customerId } = await makeCustomer(panel);
  const email = 'customer@example.com';
  const signedIn = await follow(['customers', 'invite', `${customerId}`, '--email', email], email);
  assert.equal(signedIn.customerId, customerId);
});

test('without a secret nobody is invited, since nobody could come in', async () => {
  const args = ['staff', 'add', 'flo', '--email', 'flo@example.com'];
  const { code, stderr } = await run(args, { PANELWRIGHT_SECRET: '' });
  assert.equal(code, 1);
  assert.match(stderr, /PANELWRIGHT_SECRET/);
});

test('mail is not set up without a sender and an address for its links', async () => {
  const { code, stderr } = await run(['staff', 'list'], {
    SMTP_URL: 'smtp://localhost',
    PUBLIC_URL: '',
  });
  assert.equal(code, 1);
  assert.match(stderr, /SMTP_URL needs MAIL_FROM and PUBLIC_URL/);
});
