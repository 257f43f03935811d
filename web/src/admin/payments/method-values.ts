import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { parseDecimal, plainDecimal } from '../../money.ts';
import { percentOf, readPercent } from '../percent.ts';
import type { Method } from './queries.ts';

export const kinds = ['manual', 'stripe', 'webhook'] as const;

/** The secrets of each kind, in the order in which a form asks for them. */
export const secretsOf = {
  manual: [],
  stripe: ['secretKey', 'webhookSecret'],
  webhook: ['payUrl', 'secret'],
} as const satisfies Record<Method['kind'], readonly string[]>;

/** The form of a method; everything is text until it is sent. */
export type MethodFormOf = ReturnType<typeof useMethodForm>;

/** Begins with what is stored; secrets are never read, so they are empty: as they were. */
export function useMethodForm(method: Method | null) {
  const { t } = useTranslation('admin');
  const percentBelow = (below: number, otherwise: string) => (text: string) =>
    (readPercent(text) ?? below) < below ? null : otherwise;
  const amountFrom = (least: bigint) => (text: string) =>
    (parseDecimal(text.trim() === '' ? '0' : text) ?? -1n) >= least ? null : t('money.badAmount');
  return useForm({
    initialValues: {
      kind: method?.kind ?? ('manual' as Method['kind']),
      name: method?.name ?? '',
      instructions: method?.instructions ?? '',
      instructionsZh: method?.instructionsZh ?? '',
      enabled: method?.enabled ?? true,
      min: plainDecimal(method?.min ?? '5'),
      max: plainDecimal(method?.max ?? '1000'),
      feePercent: percentOf(method?.feeBasisPoints ?? 0),
      feeFixed: plainDecimal(method?.feeFixed ?? '0'),
      bonusTiers: (method?.bonusTiers ?? []).map(({ from, basisPoints }) => ({
        from: plainDecimal(from),
        percent: percentOf(basisPoints),
      })),
      secrets: {} as Record<string, string>,
    },
    validate: {
      min: amountFrom(1n),
      max: amountFrom(1n),
      feeFixed: amountFrom(0n),
      feePercent: percentBelow(10_000, t('payments.badFee')),
      bonusTiers: {
        from: amountFrom(0n),
        percent: percentBelow(10_001, t('payments.badBonus')),
      },
    },
  });
}

/** What the server takes of the form. */
export function toFields(values: MethodFormOf['values']) {
  const { name, instructions, instructionsZh, enabled, min, max, feePercent, feeFixed } = values;
  return {
    ...{ name, instructions, instructionsZh, enabled },
    min: min.trim(),
    max: max.trim(),
    feeBasisPoints: readPercent(feePercent) ?? 0,
    feeFixed: feeFixed.trim() === '' ? '0' : feeFixed.trim(),
    bonusTiers: values.bonusTiers.map(({ from, percent }) => ({
      from: from.trim() === '' ? '0' : from.trim(),
      basisPoints: readPercent(percent) ?? 0,
    })),
  };
}

/** The secrets that were entered; the others stay as they are. */
export function toSecrets({ kind, secrets }: MethodFormOf['values']) {
  const entered = secretsOf[kind]
    .map((name): [string, string] => [name, (secrets[name] ?? '').trim()])
    .filter(([, value]) => value !== '');
  return entered.length === 0 ? {} : { secrets: Object.fromEntries(entered) };
}
