import type { TFunction } from 'i18next';
import { Problem } from '../../api/client.ts';
import { parseDecimal } from '../../money.ts';
import type { NewService, ServiceDetail } from './queries.ts';
import { canDripFeed, type ServiceType } from './types.ts';

/** A service as a form holds it. */
export type ServiceValues = {
  name: string;
  category: string;
  type: ServiceType;
  rate: string;
  min: string;
  max: string;
  refill: boolean;
  refillDays: string;
  cancel: boolean;
  dripfeed: boolean;
  denyDuplicates: boolean;
  enabled: boolean;
  hidden: boolean;
  description: string;
  averageTime: string;
};

export const newService: ServiceValues = {
  name: '',
  category: '',
  type: 'Default',
  rate: '',
  min: '100',
  max: '10000',
  refill: false,
  refillDays: '30',
  cancel: false,
  dripfeed: false,
  denyDuplicates: false,
  enabled: true,
  hidden: false,
  description: '',
  averageTime: '',
};

/** A stored service as a form holds it. */
export function valuesOf(service: ServiceDetail): ServiceValues {
  const { name, category, type, rate, refill, cancel, dripfeed, denyDuplicates } = service;
  const { enabled, hidden, description, averageTime, refillDays } = service;
  return {
    ...{ name, category, type, rate, refill, cancel, dripfeed, denyDuplicates },
    ...{ enabled, hidden, description, averageTime },
    min: String(service.min),
    max: String(service.max),
    refillDays: refillDays === null ? '' : String(refillDays),
  };
}

/** A form as the server takes it. */
export function inputOf(values: ServiceValues): NewService {
  const { min, max, refillDays, ...rest } = values;
  return {
    ...rest,
    name: rest.name.trim(),
    category: rest.category.trim(),
    rate: rest.rate.trim(),
    min: Number(min),
    max: Number(max),
    dripfeed: rest.dripfeed && canDripFeed(rest.type),
    refillDays: refillDays.trim() === '' ? null : Number(refillDays),
  };
}

/**
 * Only what was changed: fields nobody touched keep what a sync or a colleague wrote meanwhile.
 * Quantities go together, as one must fit the other.
 */
export function changesOf(before: ServiceValues, after: ServiceValues): Partial<NewService> {
  const [was, is] = [inputOf(before), inputOf(after)];
  const entries = Object.entries(is).filter(
    ([name, value]) => was[name as keyof NewService] !== value, // keys of the same type
  );
  return Object.fromEntries(entries);
}

const countPattern = /^[1-9]\d{0,9}$/;

/** What of a form can't be right, field by field. */
export function problemsOf(values: ServiceValues, t: TFunction<'admin'>) {
  const count = (text: string) =>
    countPattern.test(text.trim()) ? null : t('services.form.badCount');
  const rate = parseDecimal(values.rate);
  const isOrdered = Number(values.min) <= Number(values.max);
  return {
    name: values.name.trim() === '' ? t('services.form.missing') : null,
    category: values.category.trim() === '' ? t('services.form.missing') : null,
    rate: rate === undefined || rate < 0n ? t('services.form.badRate') : null,
    min: count(values.min),
    max: count(values.max) ?? (isOrdered ? null : t('services.form.badRange')),
    refillDays: values.refill && values.refillDays.trim() !== '' ? count(values.refillDays) : null,
  };
}

/** Which fields the server refused, in its own words. */
export function refusedFields(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(error.fields.map(({ path, message }) => [path, message]));
}
