import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs } from '../../src/base/index.ts';
import { requireProven } from '../../src/sign-in/index.ts';
import { refusalOf } from '../web/customers.ts';
import { codeOf, enableTotp, wrongCode } from './totp.ts';
import { openSignInPanel, password, type SignInPanel, signUp, type Visitor } from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

/** Makes every sign-in and confirmation so far as old as this. */
async function age(ms: number): Promise<void> {
  // One after the other: a cluster adds no interval to a time in an update.
  const sessions = await panel.owner.sql<{ id: string; created: Date; confirmed: Date | null }[]>`
    select id, created_at as created, confirmed_at as confirmed from user_sessions`;
  for (const { id, created, confirmed } of sessions) {
    const [createdAt, confirmedAt] = [created, confirmed].map(
      (at) => at && new Date(at.getTime() - ms),
    );
    await panel.owner.sql`update user_sessions
      set created_at = ${createdAt ?? null}, confirmed_at = ${confirmedAt ?? null}
      where id = ${id}`;
  }
}

async function isProven(visitor: Visitor): Promise<true | string> {
  const signedIn = await visitor.signedIn();
  assert(signedIn !== null);
  try {
    requireProven(panel.app, signedIn);
    return true;
  } catch (error) {
    const { code, detail } = error as { code: string; detail: string };
    return `${code} ${detail}`;
  }
}

const confirm = (visitor: Visitor, given: object) => visitor.post('/api/account/confirm', given);

test('a sign-in is fresh for ten minutes, and the password makes it fresh again', async () => {
  const { visitor } = await signUp(panel);
  assert.equal(await isProven(visitor), true);
  await age(9 * minuteMs);
  assert.equal(await isProven(visitor), true);
  await age(2 * minuteMs);
  assert.equal(await isProven(visitor), 'confirm_first password');
  const wrong = await confirm(visitor, { password: `${password}!` });
  assert.deepEqual(refusalOf(wrong), { status: 400, code: 'invalid_input' });
  assert.equal(await isProven(visitor), 'confirm_first password');
  assert.equal((await confirm(visitor, { password })).status, 204);
  assert.equal(await isProven(visitor), true);
  await age(11 * minuteMs);
  assert.equal(await isProven(visitor), 'confirm_first password');
});

test('whoever has a second factor confirms by its code, not by the password', async () => {
  const { visitor } = await signUp(panel);
  const { secret } = await enableTotp(visitor);
  await age(11 * minuteMs);
  assert.equal(await isProven(visitor), 'confirm_first code');
  assert.equal(refusalOf(await confirm(visitor, { password })).code, 'invalid_input');
  assert.equal(refusalOf(await confirm(visitor, { code: wrongCode(secret) })).status, 400);
  assert.equal(await isProven(visitor), 'confirm_first code');
  assert.equal((await confirm(visitor, { code: codeOf(secret) })).status, 204);
  assert.equal(await isProven(visitor), true);
});

test('five wrong answers end the session, also when they come at once', async () => {
  const { visitor } = await signUp(panel);
  const wrong = { password: 'not the password' };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => confirm(visitor, wrong).then(refusalOf)),
  );
  assert.equal(answers.filter(({ code }) => code === 'invalid_input').length, 5);
  assert.equal(answers.filter(({ code }) => code === 'not_signed_in').length, 3);
  assert.equal(await visitor.signedIn(), null);
  assert.equal((await confirm(visitor, { password })).status, 401);
});

test('a right answer forgives the wrong ones before it', async () => {
  const { visitor } = await signUp(panel);
  for (let round = 0; round < 3; round += 1) {
    for (const given of ['wrong one', 'wrong two', 'wrong three']) {
      await confirm(visitor, { password: given });
    }
    assert.equal((await confirm(visitor, { password })).status, 204);
  }
});

test('nobody confirms who is not signed in, and no other site makes them', async () => {
  const { visitor } = await signUp(panel);
  const foreign = await visitor.send('/api/account/confirm', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    body: JSON.stringify({ password }),
  });
  assert.equal(refusalOf(foreign).code, 'not_allowed');
  visitor.cookies.clear();
  assert.equal((await confirm(visitor, { password })).status, 401);
});
