import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanText, decimalText, flag, idText, plainText, wholeNumber } from './values.ts';

const decimals: [unknown, string | null][] = [
  ['0.90', '0.9'],
  ['8', '8'],
  [' 0.265 ', '0.265'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['007.10', '7.1'],
  ['+3', '3'],
  ['-0', '0'],
  ['-0.00', '0'],
  ['-1.50', '-1.5'],
  [0.9, '0.9'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e-7, '0.0000001'],
  ['1E-7', '0.0000001'],
  ['12.5e3', '12500'],
  ['12.5e1', '125'],
  ['12.55e1', '125.5'],
  ['0e5', '0'],
  [1e21, '1000000000000000000000'],
  [12n, '12'],
  ['0.12345678901234567890', '0.1234567890123456789'],
  ['1,234.50', '1234.5'],
  ['1,234,567', '1234567'],
  ['-1,234.5', '-1234.5'],
  ['1,234', null],
  ['1,5', null],
  ['1,23,456.0', null],
  ['1.234,50', null],
  ['1 000', null],
  ['$1', null],
  ['1 USD', null],
  ['1.2.3', null],
  ['.', null],
  ['', null],
  ['-', null],
  ['e5', null],
  ['1e99', null],
  ['1e999999999', null],
  ['0x10', null],
  ['NaN', null],
  ['Infinity', null],
  ['１００', null],
  ['9'.repeat(65), null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
  [undefined, null],
  [true, null],
  [['1'], null],
  [{}, null],
];

for (const [value, expected] of decimals) {
  test(`the decimal of ${typeof value} ${String(value)} is ${expected}`, () => {
    assert.equal(decimalText(value), expected);
  });
}

test('a clean text is within its bound, and has no NUL and no half of a letter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, lettersMax) => {
      const clean = cleanText(`${text}\u0000\ud83d`, lettersMax);
      assert(clean.length <= lettersMax && clean.isWellFormed() && !clean.includes('\u0000'));
    }),
  );
  assert.equal(cleanText('\u{1f600}', 1), '\ufffd');
});

test('a decimal of a number is that number, and reads as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), (value) => {
      const text = decimalText(value);
      if (text === null) return assert(Math.abs(value) < 1e-39 && value !== 0);
      assert.equal(Number(text), value === 0 ? 0 : value);
      if (text.length <= 64) assert.equal(decimalText(text), text);
    }),
  );
});

test('whole numbers are read exactly or not at all', () => {
  const table: [unknown, number | null][] = [
    [157, 157],
    ['157', 157],
    ['-3', -3],
    ['50.00', 50],
    ['1,000.00', 1000],
    [0, 0],
    ['', null],
    ['Unknown', null],
    ['1.5', null],
    [null, null],
    [2 ** 53, null],
    ['9007199254740993', null],
  ];
  for (const [value, expected] of table) assert.equal(wholeNumber(value), expected, String(value));
});

test('an id is one to nineteen digits, never rounded and never zero', () => {
  const table: [unknown, string | null][] = [
    [23501, '23501'],
    ['23501', '23501'],
    [' 7 ', '7'],
    ['9223372036854775807', '9223372036854775807'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2 ** 53, null],
    [1e21, null],
    ['12345678901234567890', null],
    [0, null],
    ['0', null],
    ['000', null],
    [-5, null],
    ['-5', null],
    [1.5, null],
    ['1.0', null],
    ['1e3', null],
    ['abc', null],
    ['', null],
    [true, null],
    [null, null],
    [[5], null],
    [{ id: 5 }, null],
  ];
  for (const [value, expected] of table) assert.equal(idText(value), expected, String(value));
});

test('flags are read in every spelling', () => {
  for (const value of [true, 'true', 'TRUE', 1, '1', ' 1 ']) assert.equal(flag(value), true);
  for (const value of [false, 'false', 'False', 0, '0']) assert.equal(flag(value), false);
  for (const value of [undefined, null, '', 'yes', 2, []]) assert.equal(flag(value), null);
});

test('HTML becomes plain text on one line', () => {
  const table: [unknown, string][] = [
    ['<b>Likes</b> &amp; more', 'Likes & more'],
    ['Line<br/>break\r\n\tand  space', 'Line break and space'],
    ['<span style="color:red">Hot</span>', 'Hot'],
    ['<!-- note -->Likes', 'Likes'],
    ['&lt;b&gt;', '<b>'],
    ['&#8364; &#x20AC; &QUOT;x&quot; &apos;', '€ € "x" \''],
    ['&#0; &#xD800; &#9999999; &unknown; &amp', '&#0; &#xD800; &#9999999; &unknown; &amp'],
    ['min < 100 > 50', 'min < 100 > 50'],
    ['5 <3 hearts', '5 <3 hearts'],
    ['open <b', 'open <b'],
    ['a\u0000b\u007f', 'a b'],
    [12, '12'],
    [null, ''],
    [{}, ''],
  ];
  for (const [value, expected] of table) assert.equal(plainText(value), expected);
});

test('hostile names of a megabyte are read in one pass', () => {
  for (const piece of ['<', '<a', '<a>', '&', '&#', '&amp', ' ', '<!--']) {
    const name = piece.repeat(1_000_000 / piece.length);
    assert(plainText(name).length <= name.length);
  }
});
