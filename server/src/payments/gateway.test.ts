import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { AppError, type PaymentId, parseAmount } from '../base/index.ts';
import { readGatewayEvent, signPayUrl } from './gateway.ts';

const at = new Date('2026-03-01T12:00:00Z');
const seconds = at.getTime() / 1_000;
const secret = 'a-secret-shared-with-the-gateway';
const request = {
  paymentId: 7n as PaymentId,
  amount: parseAmount('10.5', 'amount'),
  currency: 'USD',
  returnUrl: 'https://panel.example/funds?payment=7',
};
const hmac = (text: string, key = secret) => createHmac('sha256', key).update(text).digest('hex');

test('the address of a payment is signed as it stands', () => {
  const url = signPayUrl({ payUrl: 'https://pay.example/start', secret }, request, at);
  const [, signed = '', signature] = /\?(payment=.*)&signature=([0-9a-f]{64})$/.exec(url) ?? [];
  assert.equal(
    signed,
    'payment=7&amount=10.50&currency=USD' +
      '&return_url=https%3A%2F%2Fpanel.example%2Ffunds%3Fpayment%3D7&timestamp=1772366400',
  );
  assert.equal(signature, hmac(signed));
  const shop = signPayUrl({ payUrl: 'https://pay.example/start?shop=3', secret }, request, at);
  assert.equal(shop, url.replace('?payment', '?shop=3&payment'));
});

const event = {
  id: 'e1',
  type: 'payment.succeeded',
  payment: '7',
  transaction: 't1',
  amount: '10.50',
  currency: 'USD',
};

function read(body: string, signature: string) {
  return readGatewayEvent({ body: Buffer.from(body), signature, secret }, at);
}

function refused(body: string, signature: string): string {
  try {
    read(body, signature);
  } catch (error) {
    assert(error instanceof AppError && error.code === 'invalid_input', String(error));
    assert(!error.message.includes(secret));
    return error.message;
  }
  return assert.fail('it was taken');
}

test('an event counts when the time and every byte of the body are signed', () => {
  const body = JSON.stringify(event);
  const right = `t=${seconds},v1=${hmac(`${seconds}.${body}`)}`;
  assert.deepEqual(read(body, right), {
    eventId: 'e1',
    paymentId: 7n,
    sessionId: null,
    chargeId: null,
    kind: 'paid',
    externalId: 't1',
    amount: parseAmount('10.5', 'amount'),
    currency: 'USD',
  });
  const wrong = hmac(`${seconds}.${body}`, 'another-secret');
  assert.equal(read(body, `t=${seconds},v1=${wrong},${right.slice(13)}`)?.kind, 'paid');
  for (const signature of [
    '',
    't=1',
    `v1=${hmac(`.${body}`)}`,
    `t=${seconds},v1=${wrong}`,
    `t=${seconds},v1=${hmac(body)}`,
    `t=${seconds + 1},v1=${hmac(`${seconds}.${body}`)}`,
    `t=${seconds},v1=${hmac(`${seconds}.${body}`).slice(0, 62)}`,
    `t=${seconds},v1=${hmac(`${seconds}.${body}`).toUpperCase()}`,
    `t=${seconds},v0=${hmac(`${seconds}.${body}`)}`,
  ]) {
    refused(body, signature);
  }
  assert.match(refused(`${body} `, right), /signature/);
});

test('a signature holds for five minutes, on either side', () => {
  const body = JSON.stringify(event);
  const signedAt = (time: number) => `t=${time},v1=${hmac(`${time}.${body}`)}`;
  for (const off of [-300, 0, 300]) assert(read(body, signedAt(seconds + off)));
  for (const off of [-301, 301]) {
    assert.match(refused(body, signedAt(seconds + off)), /5 minutes/);
  }
});

test('what is no event is refused by the name of its field', () => {
  const sign = (body: string) => `t=${seconds},v1=${hmac(`${seconds}.${body}`)}`;
  const tried = (fields: object) => {
    const body = JSON.stringify({ ...event, ...fields });
    return refused(body, sign(body));
  };
  for (const fields of [
    { amount: 10.5 },
    { amount: '1e3' },
    { amount: '-1' },
    { amount: '1.123456789' },
    { currency: 'usd' },
    { payment: '0' },
    { payment: '1.5' },
    { transaction: '' },
    { id: '' },
    { type: 'payment.unheard_of' },
    { type: 'dispute.lost', dispute: 'd', created: -1 },
  ]) {
    tried(fields);
  }
  for (const body of ['', '[', 'null', '1']) refused(body, sign(body));
});

test('an event of another type is taken, and says nothing', () => {
  const body = JSON.stringify({ id: 'e2', type: 'payout.created' });
  assert.equal(read(body, `t=${seconds},v1=${hmac(`${seconds}.${body}`)}`), undefined);
});
