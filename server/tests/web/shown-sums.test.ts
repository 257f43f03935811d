import assert from 'node:assert/strict';
import { test } from 'node:test';

type FormatSum = (language: string, text: string, currency: string) => string;

// Not a literal: the app is no part of this project.
const file = new URL('../../../web/src/money.ts', import.meta.url);
const { formatSum }: { formatSum: FormatSum } = await import(file.href);

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
