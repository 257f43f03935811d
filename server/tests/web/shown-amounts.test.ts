import assert from 'node:assert/strict';
import { test } from 'node:test';

type Format = (language: string, text: string, currency: string) => string;
type Formats = {
  formatSum: Format;
  formatAmount: Format;
  formatAbout: Format;
  plainDecimal: (text: string) => string;
};

// Not a literal: the app is no part of this project.
const file = new URL('../../../web/src/money.ts', import.meta.url);
const { formatSum, formatAmount, formatAbout, plainDecimal }: Formats = await import(file.href);

const cases: readonly [string, string, string][] = [
  ['0', 'USD', '0.00'],
  ['12345.678', 'USD', '12,345.68'],
  ['0.29999999', 'USD', '0.30'],
  ['-3.456', 'USD', '-3.46'],
  ['99999999999.99999999', 'USD', '100,000,000,000.00'],
  ['922337203685477.58075807', 'INR', '922,337,203,685,477.58'],
  ['1234.5', 'JPY', '1,235'],
  ['1.23456', 'KWD', '1.235'],
];

test('a sum is shown to the smallest coin of its currency', () => {
  for (const [text, currency, shown] of cases) {
    for (const language of ['en', 'zh-CN']) {
      assert.equal(formatSum(language, text, currency), shown, `${text} ${currency}`);
    }
  }
});

test('a sum of less than a coin is not shown as nothing', () => {
  for (const [text, currency, shown] of [
    ['0.00012345', 'USD', '0.0001'],
    ['-0.00012345', 'USD', '-0.0001'],
    ['0.00000001', 'USD', '0.00000001'],
    ['0.0049', 'USD', '0.005'],
    ['0.0051', 'USD', '0.01'],
    ['0.26', 'JPY', '0.3'],
  ] as const) {
    assert.equal(formatSum('en', text, currency), shown, `${text} ${currency}`);
  }
});

test('an amount has the decimals of its currency at least, and every digit that is there', () => {
  for (const [text, currency, shown] of [
    ['500.00', 'JPY', '500'],
    ['1234567.00', 'KRW', '1,234,567'],
    ['0.00', 'VND', '0'],
    ['-500.00', 'JPY', '-500'],
    ['0.26500', 'JPY', '0.265'],
    ['12.50', 'JPY', '12.5'],
    ['0.00000001', 'JPY', '0.00000001'],
    ['92233720368.54775807', 'JPY', '92,233,720,368.54775807'],
    ['500.00', 'USD', '500.00'],
    ['12.5', 'USD', '12.50'],
    ['0.00000001', 'USD', '0.00000001'],
    ['1.50', 'KWD', '1.500'],
    ['500.00', 'USDT', '500.00'],
    ['500.00', '', '500.00'],
  ] as const) {
    for (const language of ['en', 'zh-CN']) {
      assert.equal(formatAmount(language, text, currency), shown, `${text} ${currency}`);
    }
  }
});

test('where eight decimals are too many, no more is said than there is, down to the cent', () => {
  for (const [text, currency, shown] of [
    ['500.00', 'JPY', '500'],
    ['500.99999999', 'JPY', '500.99'],
    ['12.34999999', 'USD', '12.34'],
    ['-0.00000001', 'USD', '-0.01'],
    ['1.23456', 'KWD', '1.234'],
  ] as const) {
    assert.equal(formatAbout('en', text, currency), shown, `${text} ${currency}`);
  }
});

test('a field begins with an amount as one would type it, and loses no digit', () => {
  for (const [text, plain] of [
    ['1200.00', '1200'],
    ['1.50', '1.5'],
    ['0.00', '0'],
    ['-3.10', '-3.1'],
    ['0.26500', '0.265'],
    ['92233720368.54775807', '92233720368.54775807'],
    ['', ''],
    ['unknown', 'unknown'],
  ] as const) {
    assert.equal(plainDecimal(text), plain, text);
  }
});
