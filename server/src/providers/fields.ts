import { type Amount, AppError, amount, formatAmount } from '../base/index.ts';
import { constraintName } from '../db/index.ts';
import type { Provider } from './provider.ts';

/** What staff set of a provider. Amounts count 10⁻⁸ of the provider's currency. */
export type ProviderInput = {
  name: string;
  /** The panel's API address, for instance `https://panel.example/api/v2`. */
  url: string;
  key: string;
} & ProviderSettings;

export type ProviderSettings = Partial<
  Pick<
    Provider,
    | 'alias'
    | 'currency'
    | 'exchangeRate'
    | 'callsPerMinuteMax'
    | 'addTimeoutMs'
    | 'requestIdField'
    | 'idsIncrease'
    | 'balanceLowMark'
    | 'syncPrices'
    | 'syncLimits'
    | 'syncFlags'
    | 'syncRemovals'
    | 'syncReturns'
    | 'priceJumpPercentMax'
  >
>;

/** Any of what staff set. */
export type ProviderChanges = Partial<ProviderInput>;

const textMax = 100;
const urlMax = 500;
const keyMax = 500;
const fieldNameMax = 50;
const callsPerMinuteLimit = 6_000_000;
const addTimeoutMsMin = 1_000;
const addTimeoutMsMax = 300_000;
const exchangeRateMax = 10n ** 16n;
const priceJumpMax = 1_000_000;

/**
 * Trims what was entered and refuses what no provider can have.
 * @throws AppError `invalid_input` with the field's name as its detail; never with the key in it
 */
export function cleanFields<Fields extends ProviderChanges>(fields: Fields): Fields {
  const clean = { ...fields };
  if (clean.name !== undefined) clean.name = readText(clean.name, 'name', 1);
  if (clean.alias !== undefined) clean.alias = readText(clean.alias, 'alias', 0);
  if (clean.url !== undefined) clean.url = readUrl(clean.url);
  if (clean.key !== undefined) clean.key = readKey(clean.key);
  if (clean.currency !== undefined) clean.currency = readCurrency(clean.currency);
  if (clean.requestIdField !== undefined && clean.requestIdField !== null) {
    clean.requestIdField = readFieldName(clean.requestIdField);
  }
  checkBounds(clean);
  return clean;
}

function checkBounds(fields: ProviderChanges): void {
  const {
    exchangeRate: rate,
    callsPerMinuteMax: calls,
    addTimeoutMs,
    priceJumpPercentMax,
  } = fields;
  if (rate !== undefined && (rate <= 0n || rate > exchangeRateMax)) {
    throw refusal('exchangeRate', 'an exchange rate is above 0 and at most 100000000');
  }
  if (calls !== undefined && !isWhole(calls, 1, callsPerMinuteLimit)) {
    throw refusal('callsPerMinuteMax', `calls per minute are 1 to ${callsPerMinuteLimit}`);
  }
  if (addTimeoutMs !== undefined && !isWhole(addTimeoutMs, addTimeoutMsMin, addTimeoutMsMax)) {
    throw refusal('addTimeoutMs', 'the time-out of an order is 1 to 300 seconds');
  }
  if (priceJumpPercentMax !== undefined && !isWhole(priceJumpPercentMax, 1, priceJumpMax)) {
    throw refusal('priceJumpPercentMax', `a price jump is 1 to ${priceJumpMax} percent`);
  }
}

function refusal(field: keyof ProviderInput, message: string): AppError {
  return new AppError('invalid_input', message, { detail: field });
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function readText(text: string, name: 'name' | 'alias', min: number): string {
  const clean = text.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (clean.length < min || clean.length > textMax || /[\u0000-\u001f\u007f]/.test(clean)) {
    throw refusal(name, `a provider's ${name} has ${min} to ${textMax} letters`);
  }
  return clean;
}

function readUrl(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw refusal(
      'url',
      'a provider\'s url is its API address, like "https://panel.example/api/v2"',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal('url', "a provider's url carries no user or password");
  }
  url.hash = '';
  if (url.href.length > urlMax) {
    throw refusal('url', `a provider's url has at most ${urlMax} letters`);
  }
  return url.href;
}

function readKey(text: string): string {
  const key = text.trim();
  if (key.length > keyMax || !/^[^\s\p{C}]+$/u.test(key)) {
    throw refusal('key', `a provider's key is one word of 1 to ${keyMax} letters`);
  }
  return key;
}

function readCurrency(text: string): string {
  const currency = text.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw refusal('currency', `a currency is three letters like USD, not "${text}"`);
  }
  return currency;
}

function readFieldName(text: string): string {
  const name = text.trim();
  const isTaken = name === 'key' || name === 'action';
  if (isTaken || name.length > fieldNameMax || !/^[A-Za-z0-9_.[\]-]+$/.test(name)) {
    throw refusal('requestIdField', `"${text}" is no name of a field for request ids`);
  }
  return name;
}

/** The columns of what is given; the key has its own way into the row. */
export function columnsOf(fields: ProviderChanges) {
  const columns = {
    name: fields.name,
    alias: fields.alias,
    url: fields.url,
    currency: fields.currency,
    exchange_rate: fields.exchangeRate,
    calls_per_minute_max: fields.callsPerMinuteMax,
    add_timeout_ms: fields.addTimeoutMs,
    request_id_field: fields.requestIdField,
    ids_increase: fields.idsIncrease,
    balance_low_mark: fields.balanceLowMark,
    sync_prices: fields.syncPrices,
    sync_limits: fields.syncLimits,
    sync_flags: fields.syncFlags,
    sync_removals: fields.syncRemovals,
    sync_returns: fields.syncReturns,
    price_jump_percent_max: fields.priceJumpPercentMax,
  };
  return columns;
}

/** Fields as an audit row has them: amounts as text, of the key only that there is a new one. */
export function auditFields(fields: ProviderChanges): { [name: string]: unknown } {
  const { key, ...rest } = fields;
  const texts = Object.entries(rest).map(([name, value]): [string, unknown] => {
    return [name, typeof value === 'bigint' ? formatAmount(amount(value)) : value];
  });
  return { ...Object.fromEntries(texts), ...(key === undefined ? {} : { key: 'new' }) };
}

/**
 * Runs the statement that writes a provider's name.
 * @throws AppError `conflict` when another provider has it
 */
export async function refusingTakenName<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (constraintName(cause) !== 'providers_name_key') throw cause;
    const message = `there is a provider "${name}" already`;
    throw new AppError('conflict', message, { cause, detail: 'name' });
  }
}

/** A decimal of a provider's currency in 10⁻⁸, rounded down; null for no number in range. */
export function parseBalance(text: string): Amount | null {
  const match = /^(-?)([0-9]{1,11})(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction.slice(0, 8).padEnd(8, '0'));
  const isCut = /[1-9]/.test(fraction.slice(8));
  if (units >= 9n * 10n ** 18n) return null;
  return amount(sign === '-' ? -units - (isCut ? 1n : 0n) : units);
}
