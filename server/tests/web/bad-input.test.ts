import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf, type WebCustomer } from './customers.ts';

let panel: SignInPanel;
let customer: WebCustomer;
before(async () => {
  panel = await openSignInPanel();
  customer = await makeWebCustomer(panel);
});
after(() => panel.close());

test('a body that is no JSON is refused', async () => {
  const headers = { 'content-type': 'application/json' };
  for (const body of ['{', '', '{"lines":', 'null,']) {
    const init = { method: 'POST', headers, body };
    const answer = await customer.visitor.send('/api/customer/mass-orders', init);
    assert.deepEqual(refusalOf(answer), { status: 400, code: 'incorrect_request' }, body);
  }
});

test('the statement can be asked for by any day that can be written', async () => {
  for (const [days, lines] of [
    ['from=0000-01-01&to=9999-12-31', 1],
    ['from=0001-01-01', 1],
    ['to=0000-01-01', 0],
    ['from=9999-12-31', 0],
  ] as const) {
    const { rows } = await customer.ask<{ rows: unknown[] }>(`/funds/statement?${days}`);
    assert.equal(rows.length, lines, days);
  }
});

test('a place in a list that was never given out is refused, not taken for the first', async () => {
  const lists = ['orders', 'refills', 'services/changes', 'funds/payments', 'funds/statement'];
  for (const list of lists) {
    const answer = await customer.visitor.get(`/api/customer/${list}?cursor=x`);
    assert.deepEqual(refusalOf(answer), { status: 400, code: 'invalid_input' }, list);
  }
});

test('a text that no database takes is refused, wherever it is', async () => {
  const half = '\\ud800';
  const odd = '{"name":{"length":[{"\\u0074oString":null}]}}';
  const bodies = ['{"name":"a\\u0000b"}', `{"name":"${half}"}`, `{"name":"a","${half}":1}`, odd];
  const refused = { status: 400, code: 'invalid_input' };
  for (const body of bodies) {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body };
    const answer = await customer.visitor.send('/api/customer/keys', init);
    assert.deepEqual(refusalOf(answer), refused, body);
    const email = `{"email":"${half}@example.com","password":"long enough","name":"\\u0000"}`;
    const signUp = { ...init, body: email };
    const stranger = await customer.visitor.send('/api/auth/sign-up/email', signUp);
    assert.equal(stranger.status, 400);
  }
  const inPath = await customer.visitor.get('/api/customer/orders?link=a%00b');
  assert.deepEqual(refusalOf(inPath), refused);
  const whole = { name: 'Schlüssel 🔑 \\u0000' };
  assert.equal((await customer.visitor.post('/api/customer/keys', whole)).status, 200);
});
