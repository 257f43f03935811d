// How single values of a reply are read. Panels write the same value as a number, a string, or with
// noise; whatever is not certain reads as null, never as a guess.

/** Longer texts are no amount; it also bounds the work on a hostile reply. */
const decimalLettersMax = 64;
/** 10⁴⁰ is beyond any price; `1e999999999` must not become a billion zeros. */
const exponentMax = 40;
/** As many digits as a 64-bit id has. */
const idDigitsMax = 19;

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const groupedPattern = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;

export type JsonObject = { readonly [key: string]: unknown };

/** Whether the value is a JSON object: neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own value of an object. What it inherits (`constructor`, …) was never in the reply. */
export function own(row: JsonObject, key: string): unknown {
  return Object.hasOwn(row, key) ? row[key] : undefined;
}

/** Whether a panel's value means "nothing": null, false, "", 0, "0", [] or {}. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (value === 0 || value === '0') return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * An amount, rate or count as an exact decimal: `"0.90"` and `0.9` are `"0.9"`, `1e-7` is
 * `"0.0000001"`, `"1,234.50"` is `"1234.5"`. Nothing is rounded: a number gives its shortest text,
 * so binary noise (`"0.30000000000000004"`) stays for the caller to judge. Null for what is no
 * number, not finite, longer than 64 letters, or ambiguous: `"1,234"`, `"1,5"`, `"1 000"`, `"$1"`.
 */
export function decimalText(value: unknown): string | null {
  if (typeof value === 'bigint') return decimalText(String(value));
  if (typeof value === 'number') return Number.isFinite(value) ? decimalText(String(value)) : null;
  if (typeof value !== 'string' || value.length > decimalLettersMax) return null;
  const text = ungrouped(value.trim());
  const match = text === null ? null : decimalPattern.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const power = Number.parseInt(exponent, 10);
  if (whole + fraction === '' || Math.abs(power) > exponentMax) return null;
  const magnitude = shifted(whole, fraction, power);
  return sign === '-' && magnitude !== '0' ? `-${magnitude}` : magnitude;
}

/** Drops commas between thousands, where they can be nothing else; null where they could. */
function ungrouped(text: string): string | null {
  if (!text.includes(',')) return text;
  const isCertain = text.includes('.') || text.indexOf(',') !== text.lastIndexOf(',');
  return isCertain && groupedPattern.test(text) ? text.replaceAll(',', '') : null;
}

/** `whole.fraction` · 10^power, without zeros that say nothing. */
function shifted(whole: string, fraction: string, power: number): string {
  const digits = whole + fraction;
  const point = whole.length + power;
  const padded = digits.padStart(digits.length - Math.min(point, 0), '0').padEnd(point, '0');
  const at = Math.max(point, 0);
  const left = padded.slice(0, at).replace(/^0+/, '');
  const right = withoutTrailingZeros(padded.slice(at));
  return `${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

/**
 * A whole number, maybe negative: `157`, `"157"`, `"-3"`, `"50.00"`. Null for anything else, and
 * beyond 2^53 - 1, where a JSON number is no longer exact.
 */
export function wholeNumber(value: unknown): number | null {
  const text = decimalText(value);
  if (text === null || text.includes('.')) return null;
  const number = Number.parseInt(text, 10);
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * The id of an order, refill or service, as text: one to nineteen digits, not all of them zero.
 * A JSON number beyond 2^53 - 1 has lost digits and reads as null; as a string it is exact.
 */
export function idText(value: unknown): string | null {
  if (typeof value === 'bigint') return idText(String(value));
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value > 0 ? String(value) : null;
  }
  if (typeof value !== 'string' || value.length > decimalLettersMax) return null;
  const text = value.trim();
  const isDigits = text.length <= idDigitsMax && /^\d+$/.test(text);
  return isDigits && !/^0+$/.test(text) ? text : null;
}

/** A flag, in any of the panels' spellings; null when it is missing or something else. */
export function flag(value: unknown): boolean | null {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (word === true || word === 'true' || word === 1 || word === '1') return true;
  if (word === false || word === 'false' || word === 0 || word === '0') return false;
  return null;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/**
 * A text without NUL and halves of letters, at most `lettersMax` long: databases refuse both, and a
 * cut in the middle of a letter makes a half of it.
 */
export function cleanText(text: string, lettersMax = Number.POSITIVE_INFINITY): string {
  return text.slice(0, lettersMax).toWellFormed().replaceAll('\u0000', '');
}

/**
 * A name or description as plain text on one line: tags dropped, basic and numeric entities
 * decoded, white space and control characters collapsed. Numbers become their text, anything else
 * is empty. The result is text, not HTML: it may hold `<` again, so escape it where it is shown.
 */
export function plainText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  const text = /[<&]/.test(value) ? withoutMarkup(value) : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

/** `[^<>]` makes each letter be looked at twice at most, however many `<` have no end. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<[a-z/!][^<>]*>/gi, ' ')
    .replace(/&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, decodeEntity);
}

function decodeEntity(whole: string, ...parts: (string | undefined)[]): string {
  const [name, decimal, hexadecimal] = parts;
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
  const code = Number.parseInt(decimal ?? hexadecimal ?? '', decimal === undefined ? 16 : 10);
  const isLetter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isLetter ? String.fromCodePoint(code) : whole;
}
