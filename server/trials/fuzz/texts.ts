import fc from 'fast-check';

/** Whole numbers as nobody should write them: other scripts, signs, points, exponents, sizes. */
const oddNumbers = [
  ...['１２', '١٢', '१२', '௧௨', '𝟙𝟚', '②', '½', '十', 'Ⅻ', '12\u200b', '\u202e21', '12\u0000'],
  ...['1e1', '1E1', '0x10', '0b1', '0o7', '1_0', '1,0', '1 0', '+12', '-12', '-0', '--1', '12.'],
  ...['12.0', '.5', '12.5', '1/2', '012', '0000000012', '00000000012', '12n', '12px', "12'"],
  ...['NaN', 'Infinity', '-Infinity', 'true', 'null', 'undefined', '[1]', '{"a":1}', '$12', '%31'],
  ...['2147483647', '2147483648', '4294967296', '9007199254740992', '9223372036854775808'],
  ...['1'.repeat(400), `0.${'0'.repeat(300)}1`, '1e400', '99999999999999999999', '0'],
];

const oddTexts = [
  ...['', ' ', '\t', '\u0000', '\ufeff', '\ufffd', '\u2028', '\u202e', '\ud800', 'é', 'e\u0301'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '[object Object]', '%00', '%zz'],
  ...["' or 1=1 --", '"; drop table orders; --', '<script>alert(1)</script>', '{{7*7}}', '#{7*7}'],
  ...[
    '../../etc/passwd',
    '\\\\host\\share',
    '=cmd|A1',
    '@SUM(1)',
    'a,b',
    'a\nb\r\nc',
    'a\rb',
    ',,,',
  ],
  ...[
    '😀'.repeat(40),
    'ﷺ'.repeat(60),
    'A\u0334\u0335\u031c\u0330'.repeat(9),
    'x'.repeat(3_000),
    'x'.repeat(70_000),
  ],
];

/** Numbers of every script and form. */
export const oddNumber = fc.oneof(
  fc.constantFrom(...oddNumbers),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc
    .tuple(fc.nat(99), fc.constantFrom(' ', '\t', '\n', '\u00a0', '\u3000', '\u0085'))
    .map(([number, space]) => `${space}${number}${space}`),
);

/** Any code units, halves of letters too; `fc.string` takes seconds to begin with those. */
const codeUnits = fc
  .array(fc.nat(0xffff), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units));

/** Texts that have broken programs before. */
export const oddText = fc.oneof(
  { weight: 3, arbitrary: oddNumber },
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 1, arbitrary: codeUnits },
);

/** JSON of any shape, with texts that have broken programs. */
export const oddJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, -0, 2 ** 53, 5e-324),
    oddText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom('id', 'length', '__proto__', 'toJSON'), oddText),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
  ),
})).value;
