import type { TFunction } from 'i18next';
import { Problem } from '../../api/client.ts';
import { parseDecimal, plainDecimal } from '../../money.ts';
import type { NewProvider, Provider, ProviderChanges } from './queries.ts';

/** A provider as a form holds it. */
export type ProviderValues = {
  name: string;
  alias: string;
  url: string;
  /** Empty: the stored one stays. */
  key: string;
  currency: string;
  exchangeRate: string;
  balanceLowMark: string;
  callsPerMinuteMax: string;
  timeoutSeconds: string;
  requestIdField: string;
  idsIncrease: boolean;
};

/** A provider that is yet to be added, with what the server would set by itself. */
export const newProvider = (currency: string): ProviderValues => ({
  ...{ name: '', alias: '', url: '', key: '', currency, exchangeRate: '1' },
  ...{ balanceLowMark: '', callsPerMinuteMax: '120', timeoutSeconds: '30' },
  ...{ requestIdField: '', idsIncrease: false },
});

/** A stored provider as a form holds it; its key is never read. */
export function valuesOf(provider: Provider): ProviderValues {
  const { name, alias, url, currency, idsIncrease } = provider;
  return {
    ...{ name, alias, url, key: '', currency, idsIncrease },
    exchangeRate: plainDecimal(provider.exchangeRate),
    balanceLowMark: plainDecimal(provider.balanceLowMark ?? ''),
    callsPerMinuteMax: String(provider.callsPerMinuteMax),
    timeoutSeconds: String(provider.addTimeoutMs / 1_000),
    requestIdField: provider.requestIdField ?? '',
  };
}

/** A form as the server takes it. */
export function inputOf(values: ProviderValues): NewProvider {
  const { balanceLowMark, callsPerMinuteMax, timeoutSeconds, requestIdField, ...rest } = values;
  return {
    ...rest,
    exchangeRate: rest.exchangeRate.trim(),
    currency: rest.currency.trim().toUpperCase(),
    balanceLowMark: balanceLowMark.trim() || null,
    callsPerMinuteMax: Number(callsPerMinuteMax),
    addTimeoutMs: Number(timeoutSeconds) * 1_000,
    requestIdField: requestIdField.trim() || null,
  };
}

/** Only what was changed; a key only where one was entered. */
export function changesOf(before: ProviderValues, after: ProviderValues): ProviderChanges {
  const was: ProviderChanges = inputOf(before);
  const { key, ...is } = inputOf(after);
  const changed = Object.entries(is).filter(
    ([name, value]) => was[name as keyof ProviderChanges] !== value,
  );
  return { ...Object.fromEntries(changed), ...(key !== '' && { key }) };
}

/** Whether an address is of another scheme, host or port: the stored key is not sent there. */
export function hasMoved(before: string, after: string): boolean {
  if (!URL.canParse(after.trim())) return false;
  return new URL(before).origin !== new URL(after.trim()).origin;
}

const callsMax = 6_000_000;
const secondsMax = 300;

/** What the server would refuse, said at its field. */
export function problemsOf(values: ProviderValues, t: TFunction<'admin'>, isNew: boolean) {
  const bad = (isBad: boolean, name: keyof typeof fieldOf) =>
    isBad ? { [name]: t(`providers.bad.${fieldOf[name]}`) } : {};
  return {
    ...bad(values.name.trim() === '', 'name'),
    ...bad(!isAddress(values.url), 'url'),
    ...bad(/\s/.test(values.key.trim()) || (isNew && values.key.trim() === ''), 'key'),
    ...bad(!/^[A-Za-z]{3}$/.test(values.currency.trim()), 'currency'),
    ...bad((parseDecimal(values.exchangeRate) ?? 0n) <= 0n, 'exchangeRate'),
    ...bad(!isAmountOrNone(values.balanceLowMark), 'balanceLowMark'),
    ...bad(!isWhole(values.callsPerMinuteMax, callsMax), 'callsPerMinuteMax'),
    ...bad(!isWhole(values.timeoutSeconds, secondsMax), 'timeoutSeconds'),
    ...bad(!/^[A-Za-z0-9_.[\]-]{0,50}$/.test(values.requestIdField.trim()), 'requestIdField'),
  };
}

/** Which words say what is wrong with a field. */
const fieldOf = {
  ...({ name: 'name', url: 'url', key: 'key', currency: 'currency' } as const),
  ...({ exchangeRate: 'exchangeRate', balanceLowMark: 'balanceLowMark' } as const),
  ...({ callsPerMinuteMax: 'callsPerMinuteMax', timeoutSeconds: 'addTimeoutMs' } as const),
  ...({ requestIdField: 'requestIdField' } as const),
} as const;

function isAddress(text: string): boolean {
  return URL.canParse(text.trim()) && /^https?:$/.test(new URL(text.trim()).protocol);
}

function isAmountOrNone(text: string): boolean {
  return text.trim() === '' || parseDecimal(text) !== undefined;
}

function isWhole(text: string, max: number): boolean {
  return /^\d{1,7}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= max;
}

/** The field that the server refused, with words for it; undefined for anything else. */
export function refusedField(
  error: unknown,
  t: TFunction<'admin'>,
): { field: keyof ProviderValues; text: string } | undefined {
  if (!(error instanceof Problem)) return undefined;
  const { code, detail } = error;
  if (code === 'conflict' && detail === 'name')
    return { field: 'name', text: t('providers.taken') };
  if (code !== 'invalid_input') return undefined;
  if (detail === 'private_address') return { field: 'url', text: t('providers.privateAddress') };
  const found = Object.entries(fieldOf).find(([, name]) => name === detail);
  if (found === undefined) return undefined;
  const [field, name] = found as [keyof typeof fieldOf, (typeof fieldOf)[keyof typeof fieldOf]];
  return { field, text: t(`providers.bad.${name}`) };
}
