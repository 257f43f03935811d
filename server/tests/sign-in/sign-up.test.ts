import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSignInPanel, type SignInPanel, signUp } from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

test('who signs up confirms the address, is signed in, and is a customer', async () => {
  const { signedIn, email } = await signUp(panel);
  assert.equal(signedIn.user.email, email);
  assert.equal(signedIn.user.emailConfirmed, true);
  assert(signedIn.actor.kind === 'customer');
});
