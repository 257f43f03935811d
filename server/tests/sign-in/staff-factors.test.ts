import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { StaffId } from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { resetFactors } from '../../src/sign-in/index.ts';
import { listAudit } from '../../src/system/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { refusalOf } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { createAuthenticator } from './authenticator.ts';
import { enableTotp } from './totp.ts';
import {
  type Answer,
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
  type Visitor,
} from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());
beforeEach(() => demand(false));

function demand(isSecondFactorRequired: boolean): Promise<void> {
  return updateSettings(panel.app, staff, { isSecondFactorRequired });
}

async function missingOf(visitor: Visitor): Promise<unknown> {
  return (await visitor.signedIn())?.staff?.missingFactor;
}

async function signInAgain(visitor: Visitor): Promise<Visitor> {
  const email = (await visitor.signedIn())?.user.email;
  const other = createVisitor(panel);
  const { status } = await other.post('/api/auth/sign-in/email', { email, password });
  assert.equal(status, 200);
  return other;
}

async function addPasskey(visitor: Visitor) {
  const key = createAuthenticator(panel.url);
  const { body } = await visitor.get('/api/auth/passkey/generate-register-options');
  const response = key.register(body as Parameters<typeof key.register>[0]);
  const path = '/api/auth/passkey/verify-registration';
  const answer = await visitor.post(path, { response, name: 'Phone' });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return {
    id: String(answer.body.id),
    signIn: async () => {
      const other = createVisitor(panel);
      const asked = await other.get('/api/auth/passkey/generate-authenticate-options');
      const given = key.authenticate(asked.body as Parameters<typeof key.authenticate>[0]);
      const verify = '/api/auth/passkey/verify-authentication';
      assert.equal((await other.post(verify, { response: given })).status, 200);
      return other;
    },
  };
}

function assertKept(answer: Answer): void {
  assert.deepEqual(refusalOf(answer), { status: 403, code: 'second_factor_required' });
}

test('where it is required, staff without a second factor reach their account only', async () => {
  const member = await openMember(panel);
  assert.equal((await member.get('/orders')).status, 200);
  await demand(true);
  assertKept(await member.get('/orders'));
  assertKept(await member.ask('PATCH', '/settings', { name: 'Mine' }));
  const signedIn = await member.visitor.signedIn();
  assert.deepEqual([signedIn?.staff?.missingFactor, signedIn?.staff?.areas.size], ['none', 0]);
  assert.equal((await member.visitor.get('/api/account/sessions')).status, 200);
  const { body } = await member.visitor.get('/api/customer/session');
  const { staff: shown } = body.signedIn as { staff: { areas: string[]; missingFactor: string } };
  assert.deepEqual([shown.areas, shown.missingFactor], [[], 'none']);
});

test('who acts as a customer stops acting once a second factor is required', async () => {
  const member = await openMember(panel);
  const { customerId } = await makeCustomer(panel);
  assert.equal((await member.ask('POST', `/customers/${customerId}/act-as`)).status, 204);
  assert.equal((await member.visitor.get('/api/customer/orders')).status, 200);
  await demand(true);
  assert.equal((await member.visitor.get('/api/customer/orders')).status, 403);
});

test('TOTP lets staff in, and turning it off keeps them out again', async () => {
  await demand(true);
  const member = await openMember(panel);
  await enableTotp(member.visitor);
  assert.equal((await member.get('/orders')).status, 200);
  const off = await member.visitor.post('/api/auth/two-factor/disable', { password });
  assert.equal(off.status, 200);
  assertKept(await member.get('/orders'));
});

test('a passkey lets in who signed in by it, and nobody by the password beside it', async () => {
  await demand(true);
  const member = await openMember(panel);
  const passkey = await addPasskey(member.visitor);
  assert.equal(await missingOf(member.visitor), 'passkey');
  const inside = await passkey.signIn();
  assert.equal((await inside.get('/api/admin/orders')).status, 200);
  const thief = await signInAgain(member.visitor);
  assertKept(await thief.get('/api/admin/orders'));
});

test('a stolen password makes no second factor for who has a passkey', async () => {
  await demand(true);
  const member = await openMember(panel);
  const passkey = await addPasskey(member.visitor);
  const thief = await signInAgain(member.visitor);
  const tries = [
    await thief.post('/api/auth/two-factor/enable', { password }),
    await thief.get('/api/auth/passkey/generate-register-options'),
    await thief.post('/api/auth/passkey/delete-passkey', { id: passkey.id }),
  ];
  for (const { status, body } of tries) {
    assert.deepEqual([status, body.code], [403, 'SIGN_IN_WITH_PASSKEY']);
  }
  await enableTotp(await passkey.signIn());
});

test('where it is not required, staff and customers are as free as ever', async () => {
  const member = await openMember(panel);
  await addPasskey(member.visitor);
  const again = await signInAgain(member.visitor);
  assert.equal((await again.get('/api/admin/orders')).status, 200);
  await enableTotp(again);
});

test('who lost the second factor gets it taken away, audited, and signs in anew', async () => {
  const member = await openMember(panel);
  await addPasskey(member.visitor);
  await enableTotp(member.visitor);
  const staffId = (await member.visitor.signedIn())?.staff?.staffId as StaffId;
  const email = (await member.visitor.signedIn())?.user.email;
  await resetFactors(panel.app, staff, { staffId });
  assert.equal(await member.visitor.signedIn(), null);
  const visitor = createVisitor(panel);
  const answer = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.deepEqual([answer.status, answer.body.twoFactorRedirect], [200, undefined]);
  await demand(true);
  assert.equal(await missingOf(visitor), 'none');
  const { rows } = await listAudit(panel.app.db, { action: 'staff.reset_factors' }, { limit: 1 });
  assert.deepEqual(rows[0]?.before, { totp: true, passkeys: 1 });
  const nobody = { staffId: 99_999 as StaffId };
  await assert.rejects(resetFactors(panel.app, staff, nobody), { code: 'not_found' });
});
