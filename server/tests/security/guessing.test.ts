import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSecondServer, type SecondServer } from '../contract/second-server.ts';
import { testSecret } from '../harness.ts';
import { codeOf, enableTotp, wrongCode } from '../sign-in/totp.ts';
import {
  type Answer,
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
  type Visitor,
} from '../sign-in/visitor.ts';

// Passwords, codes, links and keys can't be guessed: not faster, not elsewhere, not in disguise.

let panel: SignInPanel;
let second: SecondServer;
before(async () => {
  panel = await openSignInPanel();
  second = await openSecondServer(panel, testSecret);
});
after(async () => {
  await second.close();
  await panel.close();
});

const address = '198.18.7.7';

/** Tries so often; answers the statuses in a row, each once. */
async function insist(times: number, attempt: (index: number) => Promise<Answer>) {
  const statuses: number[] = [];
  for (let index = 0; index < times; index += 1) statuses.push((await attempt(index)).status);
  return statuses;
}

const signIn = (visitor: Visitor, email: string, guess: string) =>
  visitor.post('/api/auth/sign-in/email', { email, password: guess });
const verify = (visitor: Visitor, code: string) =>
  visitor.post('/api/auth/two-factor/verify-totp', { code });

/** A browser at the second server. */
const elsewhere = () => createVisitor({ ...panel, url: second.url });

test('what a client says of its address frees it of no limit', async () => {
  const { email } = await signUp(panel);
  const statuses = await insist(12, (index) =>
    signIn(
      createVisitor(panel, { 'x-forwarded-for': `203.0.113.${index}, ${address}` }),
      email,
      'not the password',
    ),
  );
  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
  // Nor does a header of that name which nobody but the panel itself may set.
  const disguised = createVisitor(panel, {
    'x-forwarded-for': address,
    'x-panelwright-address': '203.0.113.99',
  });
  assert.equal((await signIn(disguised, email, password)).status, 429);
});

test('links of lost passwords are asked for and guessed a few times only', async () => {
  const { email } = await signUp(panel);
  const asking = createVisitor(panel);
  const asked = await insist(7, () => asking.post('/api/auth/request-password-reset', { email }));
  assert.deepEqual(asked, [...Array(5).fill(200), 429, 429]);
  const guessing = createVisitor(panel);
  const guesses = await insist(12, (index) =>
    guessing.post('/api/auth/reset-password', {
      token: `guess-${index}`.padEnd(24, '0'),
      newPassword: 'a password of a thief',
    }),
  );
  assert.deepEqual(guesses, [...Array(10).fill(400), 429, 429]);
  assert.equal((await signIn(createVisitor(panel), email, password)).status, 200);
});

test('wrong codes of one user add up over all servers, addresses and kinds of codes', async () => {
  const { visitor, email } = await signUp(panel);
  const { secret, backupCodes } = await enableTotp(visitor);
  const halfway = async (where: Visitor) => {
    assert.equal((await signIn(where, email, password)).status, 200);
    return where;
  };
  const one = await halfway(createVisitor(panel));
  assert.deepEqual(await insist(5, () => verify(one, wrongCode(secret))), Array(5).fill(401));
  const other = await halfway(elsewhere());
  const backup = { code: 'wrong-code1' };
  const wrong = () => other.post('/api/auth/two-factor/verify-backup-code', backup);
  assert.deepEqual(await insist(5, wrong), Array(5).fill(401));
  for (const place of [createVisitor(panel), elsewhere()]) {
    const last = await halfway(place);
    assert.equal((await verify(last, codeOf(secret))).status, 429);
    const [code = ''] = backupCodes;
    const given = await last.post('/api/auth/two-factor/verify-backup-code', { code });
    assert.equal(given.status, 429);
    assert.equal(await last.signedIn(), null);
  }
});

test('many codes at once are no more guesses than one after another', async () => {
  const { visitor, email } = await signUp(panel);
  const { secret } = await enableTotp(visitor);
  const thief = createVisitor(panel);
  await signIn(thief, email, password);
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => verify(thief, wrongCode(secret))),
  );
  const judged = answers.filter(({ body }) => body.code === 'INVALID_CODE');
  assert(judged.length <= 5, `${judged.length} were judged`);
  assert.equal(await thief.signedIn(), null);
});

test('a session that guesses the password to move money ends on every server', async () => {
  const { visitor } = await signUp(panel);
  const there = elsewhere();
  for (const [name, value] of visitor.cookies) there.cookies.set(name, value);
  const confirm = (where: Visitor, guess: string) =>
    where.post('/api/account/confirm', { password: guess });
  const here = await insist(3, () => confirm(visitor, 'not the password'));
  const then = await insist(3, () => confirm(there, 'not the password'));
  assert.deepEqual([...here, ...then], [400, 400, 400, 400, 400, 401]);
  assert.equal((await confirm(visitor, password)).status, 401);
});

test('an unknown address and a wrong password are answered alike', async () => {
  const { email } = await signUp(panel);
  const wrong = await signIn(createVisitor(panel), email, 'not the password');
  const unknown = await signIn(createVisitor(panel), 'nobody@example.com', 'not the password');
  assert.deepEqual([wrong.status, wrong.body], [unknown.status, unknown.body]);
  const taken = await createVisitor(panel).post('/api/auth/sign-up/email', {
    ...{ name: 'Again', email, password, callbackURL: '/' },
  });
  const fresh = await createVisitor(panel).post('/api/auth/sign-up/email', {
    ...{ name: 'Again', email: `not-${email}`, password, callbackURL: '/' },
  });
  assert.equal(taken.status, fresh.status);
  assert.deepEqual(Object.keys(taken.body).sort(), Object.keys(fresh.body).sort());
});
