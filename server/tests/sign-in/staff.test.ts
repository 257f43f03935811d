import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Actor,
  AppError,
  type ErrorCode,
  parseAmount,
  type StaffArea,
} from '../../src/base/index.ts';
import {
  createPasswordToken,
  inviteUser,
  passwordLink,
  type SignedIn,
  startActing,
  stopActing,
} from '../../src/sign-in/index.ts';
import { addStaff, updateStaff } from '../../src/staff/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openMember } from '../web/members.ts';
import {
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

let members = 0;

/** A member of staff who has set a password and is signed in. */
async function openStaff(areas: StaffArea[]) {
  members += 1;
  const name = `member${members}`;
  const email = `${name}@example.com`;
  const staffId = await addStaff(panel.app, staff, { name, areas, dailyLimit: null });
  const { token } = await inviteUser(panel.app, staff, { owner: { staffId }, email });
  const visitor = createVisitor(panel);
  const body = { token, newPassword: password };
  assert.equal((await visitor.post('/api/auth/reset-password', body)).status, 200);
  const signed = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  return { staffId, name, email, visitor, signedIn: await mustBeSignedIn(visitor) };
}

async function mustBeSignedIn(visitor: Visitor): Promise<SignedIn> {
  const signedIn = await visitor.signedIn();
  assert(signedIn !== null);
  return signedIn;
}

function refuses(code: ErrorCode) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

test('staff are told their daily limit, and others none', async () => {
  for (const [limit, told] of [
    [null, null],
    [parseAmount('50', 'limit'), '50.00'],
  ] as const) {
    const { visitor } = await openMember(panel, ['payments'], limit);
    const { body } = await visitor.get('/api/customer/session');
    const { staff: shown } = body.signedIn as { staff: { dailyLimit: string | null } };
    assert.equal(shown.dailyLimit, told);
  }
});

test('invited staff set a password by the link, once, and have their areas', async () => {
  const { signedIn, staffId, name } = await openStaff(['orders', 'customers']);
  assert.equal(signedIn.customerId, null);
  assert.deepEqual(signedIn.staff, {
    staffId,
    name,
    areas: new Set(['orders', 'customers']),
    missingFactor: null,
    dailyLimit: null,
  });
  assert.deepEqual(signedIn.actor, {
    kind: 'staff',
    name,
    access: { staffId, areas: new Set(['orders', 'customers']) },
  });
  assert.equal(
    passwordLink('https://panel.example', 'a/b'),
    'https://panel.example/reset-password?token=a%2Fb',
  );
});

test('an area that is taken away is gone at the next request', async () => {
  const { visitor, staffId } = await openStaff(['orders', 'customers']);
  await updateStaff(panel.app, staff, { staffId, changes: { areas: ['orders'] } });
  const { staff: access } = await mustBeSignedIn(visitor);
  assert.deepEqual(access?.areas, new Set(['orders']));
});

test('suspended staff are refused at once, and sign in no more', async () => {
  const { visitor, staffId, email } = await openStaff(['orders']);
  await updateStaff(panel.app, staff, { staffId, changes: { status: 'suspended' } });
  assert.equal(await visitor.signedIn(), null);
  const kept = await visitor.get('/api/auth/get-session');
  assert.equal(kept.body.session, undefined);
  const again = createVisitor(panel);
  const refused = await again.post('/api/auth/sign-in/email', { email, password });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.code, 'STAFF_SUSPENDED');
  assert.equal(await again.signedIn(), null);
});

test('who acts as a customer is the customer, under their own name, audited', async () => {
  const { visitor, signedIn, name } = await openStaff(['customers']);
  const { customerId } = await makeCustomer(panel);
  const { sessionId, actor } = signedIn;
  await startActing(panel.app, actor, { sessionId, customerId });
  const acting = await mustBeSignedIn(visitor);
  assert.equal(acting.customerId, customerId);
  assert.equal(acting.staff?.name, name);
  const customer: Actor = { kind: 'customer', customerId, keyId: null, actingStaff: name };
  assert.deepEqual(acting.actor, customer);
  await stopActing(panel.app, acting.actor, { sessionId });
  assert.deepEqual((await mustBeSignedIn(visitor)).actor, actor);
  const rows = await panel.app.db
    .selectFrom('audit')
    .select(['actor', 'action', 'subject', 'customer_id'])
    .where('action', 'like', 'customer.act_as%')
    .where('customer_id', '=', customerId)
    .orderBy('id')
    .execute();
  const subject = `customer:${customerId}`;
  assert.deepEqual(rows, [
    { actor: `staff:${name}`, action: 'customer.act_as', subject, customer_id: customerId },
    {
      actor: `${subject} by staff:${name}`,
      action: 'customer.act_as_end',
      subject,
      customer_id: customerId,
    },
  ]);
});

test('acting needs the permission, a customer and a session of their own', async () => {
  const { customerId } = await makeCustomer(panel);
  const other = await openStaff(['customers']);
  const without = await openStaff(['orders']);
  const { sessionId } = without.signedIn;
  const act = (actor: Actor, input: { sessionId: string; customerId: typeof customerId }) =>
    startActing(panel.app, actor, input);
  await assert.rejects(
    act(without.signedIn.actor, { sessionId, customerId }),
    refuses('not_allowed'),
  );
  await assert.rejects(act(other.signedIn.actor, { sessionId, customerId }), refuses('not_found'));
  await assert.rejects(act(staff, { sessionId, customerId }), refuses('not_allowed'));
  const customer: Actor = { kind: 'customer', customerId, keyId: null };
  await assert.rejects(act(customer, { sessionId, customerId }), refuses('not_allowed'));
  await assert.rejects(stopActing(panel.app, customer, { sessionId }), refuses('not_allowed'));
  const own = { sessionId: other.signedIn.sessionId, customerId: 999_999 as typeof customerId };
  await assert.rejects(act(other.signedIn.actor, own), refuses('not_found'));
  assert.equal((await mustBeSignedIn(without.visitor)).customerId, null);
});

test('who loses the permission while acting is themselves again', async () => {
  const { visitor, signedIn, staffId } = await openStaff(['customers']);
  const { customerId } = await makeCustomer(panel);
  const { sessionId, actor } = signedIn;
  await startActing(panel.app, actor, { sessionId, customerId });
  await updateStaff(panel.app, staff, { staffId, changes: { areas: ['orders'] } });
  const after = await mustBeSignedIn(visitor);
  assert.equal(after.actor.kind, 'staff');
  assert.equal(after.customerId, null);
});

test('nobody hands out a login to more than they may do themselves', async () => {
  const { signedIn, email } = await openStaff(['staff', 'orders']);
  const { actor } = signedIn;
  const strong = await openStaff(['staff', 'settings']);
  const target = await addStaff(panel.app, staff, {
    name: 'strong',
    areas: ['settings'],
    dailyLimit: null,
  });
  const owner = { staffId: target };
  await assert.rejects(
    inviteUser(panel.app, actor, { owner, email: 'strong@example.com' }),
    refuses('not_allowed'),
  );
  await assert.rejects(
    createPasswordToken(panel.app, actor, { email: strong.email }),
    refuses('not_allowed'),
  );
  await updateStaff(panel.app, staff, { staffId: target, changes: { areas: ['orders'] } });
  await inviteUser(panel.app, actor, { owner, email: 'Strong@Example.com ' });
  await assert.rejects(
    inviteUser(panel.app, actor, { owner, email: 'second@example.com' }),
    refuses('conflict'),
  );
  const { customerId } = await makeCustomer(panel);
  await assert.rejects(
    inviteUser(panel.app, staff, { owner: { customerId }, email }),
    refuses('conflict'),
  );
  await assert.rejects(
    inviteUser(panel.app, actor, { owner: { customerId }, email: 'c@example.com' }),
    refuses('not_allowed'),
  );
  await assert.rejects(
    inviteUser(panel.app, staff, { owner: { customerId }, email: 'no address' }),
    refuses('invalid_input'),
  );
});

test('an invited customer signs in as that customer', async () => {
  const { customerId } = await makeCustomer(panel);
  const email = 'invited@example.com';
  await inviteUser(panel.app, staff, { owner: { customerId }, email });
  const { token } = await createPasswordToken(panel.app, staff, { email });
  const visitor = createVisitor(panel);
  await visitor.post('/api/auth/reset-password', { token, newPassword: password });
  await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal((await mustBeSignedIn(visitor)).customerId, customerId);
});

test('a user is a customer or a member of staff: the database takes nothing else', async () => {
  const { customerId } = await makeCustomer(panel);
  const row = {
    id: 'nobody',
    name: 'Nobody',
    email: 'nobody-at-all@example.com',
    created_at: new Date(),
    updated_at: new Date(),
  };
  const staffId = await addStaff(panel.app, staff, { name: 'both', areas: [], dailyLimit: null });
  for (const owner of [{}, { customer_id: customerId, staff_id: staffId }]) {
    await assert.rejects(
      panel.app.db
        .insertInto('users')
        .values({ ...row, ...owner })
        .execute(),
      /users_customer_or_staff/,
    );
  }
});
