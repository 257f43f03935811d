import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AppError,
  amount,
  chargeFor,
  chargeForPackage,
  discountRate,
  formatAmount,
  formatRate,
  int8Max,
  parseAmount,
  parseRate,
  rate,
} from './index.ts';

const rateMax = 1_000_000_000_000n;
const amounts = fc.bigInt({ min: -int8Max, max: int8Max }).map(amount);
const positiveAmounts = fc.bigInt({ min: 0n, max: int8Max }).map(amount);
const rates = fc.bigInt({ min: 0n, max: rateMax }).map(rate);
const discounts = fc.integer({ min: 0, max: 9_999 });

test('an amount is read back from its own text, whatever its size', () => {
  fc.assert(
    fc.property(positiveAmounts, (value) => {
      assert.equal(parseAmount(formatAmount(value), 'amount'), value);
    }),
  );
});

test('a rate is read back from its own text', () => {
  fc.assert(
    fc.property(rates, (value) => {
      assert.equal(parseRate(formatRate(value), 'rate'), value);
    }),
  );
});

test('an amount is printed with 2 to 8 decimals and no zero more', () => {
  fc.assert(
    fc.property(amounts, (value) => {
      const text = formatAmount(value);
      assert.match(text, /^-?(0|[1-9][0-9]*)\.([0-9]{2}|[0-9]{2,7}[1-9])$/);
      assert.equal(text.startsWith('-'), value < 0n);
    }),
  );
});

test('the published numbers are printed as published', () => {
  const texts = ['0.00', '100.84292', '0.27819', '0.90', '8.00', '0.265'];
  assert.deepEqual(
    texts.map((text) => formatAmount(parseAmount(text, 'amount'))),
    texts,
  );
});

test('only plain decimal numbers in range are amounts', () => {
  const bad = ['', '.5', '5.', '-1', '+1', '1e3', '0x10', '１', '1,5', '1 0', 'NaN', '1.000000001'];
  const tooLarge = ['92233720368.54775808', '999999999999999', '9999999999999999'];
  for (const text of [...bad, ...tooLarge]) {
    assert.throws(() => parseAmount(text, 'amount'), AppError, text);
  }
  assert.equal(parseAmount(' 1.5 ', 'amount'), 150_000_000n);
  assert.throws(() => parseRate('1.000001', 'rate'), AppError);
  assert.throws(() => parseRate('10000000.00001', 'rate'), AppError);
});

test('a charge is rate times quantity over 1000 to the last decimal', () => {
  fc.assert(
    fc.property(rates, fc.bigInt({ min: 0n, max: 2_147_483_647n }), (price, quantity) => {
      // In 10⁻⁸, a rate of 10⁻⁵ per 1000 is one unit per unit and piece: nothing is left to round.
      const inUnits = parseUnits(formatRate(price)) * quantity;
      assert.equal(inUnits % 1000n, 0n);
      assert.equal(chargeFor(price, quantity), inUnits / 1000n);
    }),
  );
});

test('a package costs its rate', () => {
  fc.assert(
    fc.property(rates, (price) => {
      assert.equal(formatAmount(chargeForPackage(price)), formatRate(price));
    }),
  );
});

test('an order in two parts costs what it costs whole, at any rate and discount', () => {
  const quantities = fc.bigInt({ min: 1n, max: 2_147_483_647n });
  fc.assert(
    fc.property(rates, discounts, quantities, quantities, (list, discount, one, other) => {
      const price = discountRate(list, discount);
      const parts = chargeFor(price, one) + chargeFor(price, other);
      assert.equal(parts, chargeFor(price, one + other));
    }),
  );
});

test('a discount never makes a price free, never raises it and rounds up less than a unit', () => {
  fc.assert(
    fc.property(rates, discounts, (list, discount) => {
      const price = discountRate(list, discount);
      assert(price <= list);
      assert.equal(price > 0n, list > 0n);
      const exact = list * BigInt(10_000 - discount);
      assert(price * 10_000n >= exact && price * 10_000n < exact + 10_000n);
    }),
  );
});

test('no discount leaves a rate as it is, and a larger one never costs more', () => {
  fc.assert(
    fc.property(rates, discounts, discounts, (list, one, other) => {
      assert.equal(discountRate(list, 0), list);
      const [small, large] = one < other ? [one, other] : [other, one];
      assert(discountRate(list, large) <= discountRate(list, small));
    }),
  );
});

/** A decimal text in 10⁻⁸, by its own arithmetic. */
function parseUnits(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole) * 100_000_000n + BigInt(fraction.padEnd(8, '0'));
}
