import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, parseAmount } from '../base/index.ts';
import { fromMinorUnits, toMinorUnits } from './minor-units.ts';

const cases: readonly [amount: string, currency: string, count: string][] = [
  ['10', 'USD', '1000'],
  ['0.01', 'EUR', '1'],
  ['1234.56', 'CNY', '123456'],
  ['500', 'JPY', '500'],
  ['5', 'ISK', '500'],
  ['5.12', 'KWD', '5120'],
];

test('an amount is what Stripe counts of it, and back', () => {
  for (const [text, currency, count] of cases) {
    const value = parseAmount(text, 'amount');
    assert.equal(toMinorUnits(value, currency), count, `${text} ${currency}`);
    assert.equal(fromMinorUnits(BigInt(count), currency), value);
  }
});

test('an amount that a currency has no coin for is refused, never rounded', () => {
  for (const [text, currency] of [
    ['10.001', 'USD'],
    ['0.00000001', 'EUR'],
    ['500.5', 'JPY'],
    ['5.01', 'ISK'],
    ['5.125', 'KWD'],
  ] as const) {
    const value = parseAmount(text, 'amount');
    assert.throws(
      () => toMinorUnits(value, currency),
      (error) => error instanceof AppError && error.code === 'invalid_input',
    );
  }
});

test('a currency that Stripe has counted in two ways is not guessed at', () => {
  assert.throws(
    () => toMinorUnits(parseAmount('5', 'amount'), 'UGX'),
    (error) => error instanceof AppError && error.code === 'conflict',
  );
});
