import { AppError, parseWhole } from '../base/index.ts';
import { type FieldName, orderFields } from './types.ts';

/** The parameters of a request, trimmed, those that mean "not given" left out. */
export type Fields = ReadonlyMap<string, string>;

export const linkLengthMax = 2048;
export const requestIdLengthMax = 128;
const textLengthMax = 2048;
const listItemLengthMax = 5_000;

// Control characters, and what stands in for bytes that were no UTF-8.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/;

/** The refusal `Incorrect <field>`. */
export function incorrectField(name: FieldName): AppError {
  return new AppError('incorrect_field', `the parameter ${name} is missing or not valid`, {
    detail: name,
  });
}

/** The link of an order. @throws AppError `bad_link` */
export function readLink(fields: Fields): string {
  return checkLink(fields.get('link') ?? '');
}

/** A trimmed link as it is, if an order can have it. @throws AppError `bad_link` */
export function checkLink(link: string): string {
  if (link === '' || link.length > linkLengthMax || !isPrintable(link)) {
    throw new AppError('bad_link', 'the link is empty, too long or has control characters');
  }
  return link;
}

/** The quantity as sent: ASCII digits, at most 2147483647. @throws AppError `incorrect_quantity` */
export function readQuantity(fields: Fields): number {
  const quantity = parseWhole(fields.get('quantity') ?? '');
  if (quantity === undefined) throw new AppError('incorrect_quantity', 'quantity must be a number');
  return quantity;
}

/** A required line of text. @throws AppError `incorrect_field` */
export function readText(fields: Fields, name: FieldName): string {
  const text = fields.get(name);
  if (text === undefined || text.length > textLengthMax || !isPrintable(text)) {
    throw incorrectField(name);
  }
  return text;
}

/** The non-empty trimmed lines of a list, at least one. @throws AppError `incorrect_field` */
export function readLines(fields: Fields, name: FieldName): string[] {
  const field = orderFields[name];
  const text = fields.get(name);
  if (field.kind !== 'lines' || text === undefined) throw incorrectField(name);
  const lines = text
    .split(field.separator)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const isValid = (line: string) => line.length <= listItemLengthMax && isPrintable(line);
  if (lines.length === 0 || !lines.every(isValid)) throw incorrectField(name);
  return lines;
}

/**
 * A whole number in the field's bounds, or one of its choices.
 * @throws AppError `incorrect_field`
 */
export function readNumber(fields: Fields, name: FieldName): number {
  const value = parseWhole(fields.get(name) ?? '');
  const field = orderFields[name];
  if (value === undefined) throw incorrectField(name);
  if (field.kind === 'whole' && (value < field.min || value > field.max))
    throw incorrectField(name);
  if (field.kind === 'choice' && !field.values.some((choice) => choice === value)) {
    throw incorrectField(name);
  }
  return value;
}

/** Like `readNumber`, but undefined when the parameter is not given. */
export function readOptionalNumber(fields: Fields, name: FieldName): number | undefined {
  return fields.has(name) ? readNumber(fields, name) : undefined;
}

/**
 * A day `d/m/Y`, answered as the moment it ends (UTC); undefined when not given.
 * @throws AppError `incorrect_field` for no such day, or a day that has passed
 */
export function readExpiry(fields: Fields, now: Date): Date | undefined {
  const text = fields.get('expiry');
  if (text === undefined) return undefined;
  const match = /^([0-9]{1,2})\/([0-9]{1,2})\/([0-9]{4})$/.exec(text);
  if (match === null) throw incorrectField('expiry');
  const [day, month, year] = match.slice(1).map(Number) as [number, number, number]; // 3 groups
  const start = new Date(Date.UTC(year, month - 1, day));
  const exists = start.getUTCDate() === day && start.getUTCMonth() === month - 1;
  const end = new Date(Date.UTC(year, month - 1, day + 1));
  if (!exists || end <= now) throw incorrectField('expiry');
  return end;
}

function isPrintable(text: string): boolean {
  return !unprintable.test(text) && text.isWellFormed();
}
