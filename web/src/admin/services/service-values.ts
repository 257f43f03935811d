import type { TFunction } from 'i18next';
import { Problem } from '../../api/client.ts';
import { parseDecimal, plainDecimal } from '../../money.ts';
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
  const { name, category, type, refill, cancel, dripfeed, denyDuplicates } = service;
  const { enabled, hidden, description, averageTime, refillDays } = service;
  return {
    ...{ name, category, type, refill, cancel, dripfeed, denyDuplicates },
    ...{ enabled, hidden, description, averageTime },
    rate: plainDecimal(service.rate),
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

type Figures = Record<'rate' | 'min' | 'max', string | number>;

/** What can't be right with a figure of a service; null: nothing. */
export function figureProblem(
  figures: Figures,
  field: keyof Figures,
  t: TFunction<'admin'>,
): string | null {
  const text = String(figures[field]).trim();
  if (field === 'rate') {
    const rate = parseDecimal(text);
    return rate === undefined || rate < 0n ? t('services.form.badRate') : null;
  }
  if (!countPattern.test(text)) return t('services.form.badCount');
  return Number(figures.min) <= Number(figures.max) ? null : t('services.form.badRange');
}

/** What of a form can't be right, field by field. */
export function problemsOf(values: ServiceValues, t: TFunction<'admin'>) {
  const missing = (text: string) => (text.trim() === '' ? t('services.form.missing') : null);
  const days = values.refillDays.trim();
  const isDays = !values.refill || days === '' || countPattern.test(days);
  return {
    name: missing(values.name),
    category: missing(values.category),
    rate: figureProblem(values, 'rate', t),
    min: countPattern.test(values.min.trim()) ? null : t('services.form.badCount'),
    max: figureProblem(values, 'max', t),
    refillDays: isDays ? null : t('services.form.badCount'),
  };
}

/** Which fields the server refused, in its own words. */
export function refusedFields(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(error.fields.map(({ path, message }) => [path, message]));
}
