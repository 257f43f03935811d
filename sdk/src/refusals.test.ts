import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RefusalCode } from './refusal-phrases.ts';
import { refusalOf, refusalOfText } from './refusals.ts';

const texts: readonly (readonly [RefusalCode, readonly string[]])[] = [
  ['invalid_key', ['Invalid API key', 'invalid api key.', 'Incorrect API key', 'Invalid key']],
  ['suspended', ['Your account has been suspended.', 'Account suspended']],
  ['incorrect_request', ['Incorrect request', 'INCORRECT REQUEST', 'Invalid action']],
  ['incorrect_request', ['Maximum 100 orders', 'error.incorrect_request']],
  ['incorrect_service', ['Incorrect service ID', 'error.incorrect_service_id']],
  ['incorrect_service', ['neworder.error.incorrect_service_id', 'Service not found']],
  ['bad_link', ['Bad link', 'neworder.error.link', 'Incorrect link', 'Link is required']],
  ['incorrect_quantity', ['Incorrect quantity', 'neworder.error.quantity']],
  ['quantity_below_min', ['Quantity less than minimal 200', 'quantity less than minimum 5']],
  ['quantity_below_min', ['neworder.error.min_quantity', 'Minimum quantity is 100']],
  ['quantity_above_max', ['Quantity more than maximum 1000', 'neworder.error.max_quantity']],
  ['not_enough_funds', ['Not enough funds on balance', 'neworder.error.not_enough_funds']],
  ['not_enough_funds', ['NOT ENOUGH FUNDS', 'Insufficient balance!', 'Not enough balance']],
  ['not_enough_funds', ["You don't have enough funds"]],
  [
    'duplicate_link',
    [
      'You have active order with this link. Please wait until order being completed.',
      'neworder.error.link_duplicate',
      'Error: you have an active order with this link',
    ],
  ],
  ['incorrect_field', ['Incorrect runs', 'Incorrect answer_number', 'Invalid comments']],
  ['incorrect_field', ['neworder.error.usernames', 'Bad username', 'comments is required']],
  ['incorrect_order', ['Incorrect order ID', 'error.incorrect_order_id', 'Order not found']],
  ['refill_not_found', ['Refill not found', 'error.incorrect_refill_id']],
  ['refill_disabled', ['Refill is disabled for this service', 'Refill is not available']],
  ['not_completed', ['The order is not completed']],
  ['too_soon', ['The order was completed or refill was requested less than 24 hours ago']],
  ['refill_running', ['The refill task is not completed for this order']],
  ['refill_window_over', ['Refill days are over']],
  ['cancel_disabled', ['Do not allow cancel this order', 'Order cannot be cancelled']],
  ['cancel_repeated', ['Order cancellation request has been sent already']],
  [
    'cancel_finished',
    [
      'The order can not send request for cancellation, please raise ticket',
      'Order is already cancelled',
    ],
  ],
  ['rate_limited', ['Rate limit exceeded', 'Too many requests', 'Too Many Attempts.']],
  ['request_id_conflict', ['request_id was used with other parameters']],
  ['request_id_conflict', ['Duplicate request_id']],
  ['request_id_conflict', ['The request id has already been taken.']],
  ['incorrect_field', ['Incorrect request_id']],
  ['unknown_refusal', ['', 'Something else', 'Linked accounts are forbidden', 'constructor']],
  ['unknown_refusal', ['Incorrect moon phase', 'Ошибка', '<html>', 'toString']],
];

test('each text stands for its code, in any case and dressed as panels dress it', () => {
  for (const [code, variants] of texts) {
    for (const text of variants) {
      assert.equal(refusalOfText(text).code, code, text);
      assert.equal(refusalOfText(`  ${text.toUpperCase()} `).code, code, text);
      assert.equal(refusalOfText(text).text, text.trim());
    }
  }
});

test('a refusal is a text, or an object whose error carries one', () => {
  const carried: unknown[] = [
    'Bad link',
    { error: 'Bad link' },
    { error: 'Bad link', status: 'fail' },
    { error: { message: 'Bad link', code: 12 } },
    { error: { code: 'x', message: 'Bad link' } },
    { error: ['Bad link'] },
    { error: { link: ['Bad link', 'Other'] } },
    { error: [{ message: 'Bad link' }] },
  ];
  for (const value of carried) {
    assert.deepEqual(refusalOf(value), { code: 'bad_link', text: 'Bad link' });
  }
  const silent: unknown[] = [
    '',
    ' ',
    null,
    5,
    [],
    ['Bad link'],
    {},
    { error: '' },
    { error: null },
    { error: true },
    { error: 12 },
    { error: {} },
    { error: [[[['too deep']]]] },
    { message: 'Bad link' },
  ];
  for (const value of silent) assert.equal(refusalOf(value), null, JSON.stringify(value));
});

test('an inherited error is none', () => {
  assert.equal(refusalOf(JSON.parse('{"__proto__":{"error":"Bad link"}}')), null);
});

test('any text has a code, and no more than 500 letters of it are kept', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (text) => {
      assert(refusalOfText(text).text.length <= 500);
    }),
  );
});
