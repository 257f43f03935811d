import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AppError,
  adjustRate,
  amount,
  chargeFor,
  chargeForPackage,
  convertCost,
  discountRate,
  formatAmount,
  formatRate,
  int8Max,
  parseAmount,
  parseCost,
  parseRate,
  rate,
  rateMax,
  resaleRate,
  showAmount,
} from './index.ts';

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

const costs = fc.bigInt({ min: 0n, max: int8Max });
const exchangeRates = fc.oneof(
  fc.bigInt({ min: 1n, max: int8Max }),
  fc.constantFrom(1n, 100_000_000n, 7_123_456n),
);
const markups = fc.record({
  basisPoints: fc.integer({ min: 0, max: 1_000_000 }),
  fixed: rates,
  step: fc.constantFrom(rate(1n), rate(7n), rate(1_000n)),
  min: rates,
});

test('a marked-up rate covers cost and mark-up, and is less than a step above them', () => {
  fc.assert(
    fc.property(costs, exchangeRates, markups, (cost, exchangeRate, markup) => {
      const resale = resaleRate(cost, exchangeRate, { ...markup, min: rate(0n) });
      // Both sides in 10⁻²⁰: cost and exchange rate 10⁻⁸ each, the percentage 10⁻⁴; a rate 10⁻⁵.
      const unit = 10n ** 15n;
      const exact = cost * exchangeRate * BigInt(10_000 + markup.basisPoints) + markup.fixed * unit;
      assert(resale * unit >= exact);
      assert(resale * unit < exact + markup.step * unit);
      assert.equal(resale % markup.step, 0n);
      assert.equal(resale === 0n, exact === 0n);
      const floored = resaleRate(cost, exchangeRate, markup);
      assert(floored >= resale && floored >= markup.min);
      assert(floored === resale || floored === markup.min);
    }),
  );
});

test('a mark-up gives the rates that people work out', () => {
  const none = { basisPoints: 0, fixed: rate(0n), step: rate(1n), min: rate(0n) };
  const one = 100_000_000n;
  assert.equal(formatRate(resaleRate(one, one, { ...none, basisPoints: 2_000 })), '1.20');
  assert.equal(formatRate(resaleRate(one / 2n, 2n * one, none)), '1.00');
  assert.equal(formatRate(resaleRate(1n, 1n, none)), '0.00001');
  const fixed = parseRate('0.01', 'fixed');
  assert.equal(formatRate(resaleRate(one, one, { ...none, basisPoints: 1, fixed })), '1.0101');
  assert.equal(formatRate(resaleRate(one, one, { ...none, min: parseRate('5', 'min') })), '5.00');
  const cents = { ...none, basisPoints: 1_234, step: parseRate('0.05', 'step') };
  assert.equal(formatRate(resaleRate(one, one, cents)), '1.15');
});

test("a provider's cost is rounded up to 8 decimals of the panel's currency", () => {
  assert.equal(formatAmount(convertCost(150_000_000n, 200_000_000n)), '3.00');
  assert.equal(formatAmount(convertCost(1n, 1n)), '0.00000001');
  assert.equal(convertCost(0n, 1n), 0n);
});

test('a rate goes up and down by percent and a fixed amount, never to nothing', () => {
  const none = { basisPoints: 0, fixed: rate(0n), step: rate(1n), min: rate(0n) };
  const from = parseRate('0.90', 'from');
  const adjusted = (change: Partial<typeof none>) => {
    const to = adjustRate(from, { ...none, ...change });
    return to === null ? null : formatRate(to);
  };
  assert.equal(adjusted({}), '0.90');
  assert.equal(adjusted({ basisPoints: 1_000 }), '0.99');
  assert.equal(adjusted({ basisPoints: -3_333 }), '0.60003');
  assert.equal(adjusted({ basisPoints: -3_333, step: rate(1_000n) }), '0.61');
  assert.equal(adjusted({ fixed: rate(-80_000n) }), '0.10');
  assert.equal(adjusted({ fixed: rate(-90_000n) }), null);
  assert.equal(adjusted({ basisPoints: -10_000 }), null);
  assert.equal(adjusted({ basisPoints: -10_000, fixed: rate(1n), min: rate(500n) }), '0.005');
});

test('a cost is rounded up to 8 decimals, and only when it has more', () => {
  const asCost = (units: bigint, tail: string) =>
    `${units / 100_000_000n}.${(units % 100_000_000n).toString().padStart(8, '0')}${tail}`;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: int8Max - 1n }), fc.nat(), (units, tail) => {
      assert.equal(parseCost(asCost(units, '')), units);
      assert.equal(parseCost(asCost(units, '000')), units);
      const digits = `${units}${tail + 1}`.length;
      if (digits <= 15) assert.equal(parseCost(asCost(units, `${tail + 1}`)), units + 1n);
    }),
  );
  assert.equal(parseCost('8'), 800_000_000n);
  for (const bad of ['', '-1', '+1', '.5', '1e3', '1,5', ' 1', 'x', `1${'0'.repeat(30)}`]) {
    assert.equal(parseCost(bad), null, bad);
  }
  assert.equal(parseCost('92233720368.54775807'), int8Max);
  assert.equal(parseCost('92233720368.54775808'), null);
  assert.equal(parseCost('92233720368.547758075'), null);
});

test("a cost is what a provider's double stands for, whatever noise is in its last digits", () => {
  for (const [text, units] of [
    ['0.30000000000000004', 30_000_000n],
    ['0.7999999999999999', 80_000_000n],
    ['3.3000000000000003', 330_000_000n],
    ['0.299999999999999988898', 30_000_000n],
    ['0.00012300000000000000', 12_300n],
    ['0.00012299999999999998', 12_300n],
    // Of fifteen digits and fewer each counts, and of the first eight decimals too.
    ['0.300000000000001', 30_000_001n],
    ['0.0000000000000000000012', 1n],
    ['12345678.12345678', 1_234_567_812_345_678n],
    ['12345678.120000001', 1_234_567_812_000_000n],
    ['00000000000000000000.123456789', 12_345_679n],
  ] as const) {
    assert.equal(parseCost(text), units, text);
  }
  const cents = fc.bigInt({ min: 0n, max: 10n ** 9n });
  fc.assert(
    fc.property(cents, fc.integer({ min: 1, max: 100 }), (of, times) => {
      const noisy = (Number(of) / 100) * (times / 100);
      if (`${noisy}`.includes('e')) return;
      assert.equal(parseCost(`${noisy}`), of * BigInt(times) * 10_000n);
    }),
  );
});

test('people read an amount with the decimals of its currency, and all of its digits', () => {
  for (const [units, currency, shown] of [
    [50_000_000_000n, 'JPY', '500'],
    [-50_000_000_000n, 'KRW', '-500'],
    [0n, 'VND', '0'],
    [26_500_000n, 'JPY', '0.265'],
    [1n, 'JPY', '0.00000001'],
    [50_000_000_000n, 'USD', '500.00'],
    [150_000_000n, 'KWD', '1.500'],
    [150_000_000n, 'no code', '1.50'],
  ] as const) {
    assert.equal(showAmount(amount(units), currency), shown);
  }
  fc.assert(
    fc.property(positiveAmounts, fc.constantFrom('JPY', 'USD', 'KWD'), (value, currency) => {
      assert.equal(parseAmount(showAmount(amount(value), currency), 'amount'), value);
    }),
  );
});
