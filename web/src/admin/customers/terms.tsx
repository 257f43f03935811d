import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { parseDecimal, plainDecimal } from '../../money.ts';
import { usePanel } from '../../session.ts';
import { MoneyProblem } from '../money-problem.tsx';
import { percentOf, readPercent } from '../percent.ts';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';

const callsMax = 1_000_000;

/** Name, discount, credit and call limit of a customer. */
export function Terms({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const { panel } = usePanel();
  const refresh = useRefreshCustomers();
  const form = useTermsForm(customer);
  const saving = useMutation({
    mutationFn: (values: typeof form.values) =>
      call(
        adminApi.customers[':customerId'].$patch({
          ...paramOf(customer.id),
          json: changesOf(customer, values),
        }),
      ),
    onSuccess: () => {
      showDone(words('states.saved'));
      refresh();
    },
  });
  const { callsPerSecondDefault: usual } = customer;
  const usualText = usual === null ? t('customers.noLimit') : String(usual);
  return (
    <Section title={t('customers.terms')} description={t('customers.termsText')}>
      <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label={t('customers.name')}
            required
            maxLength={200}
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('customers.discountPercent')}
            description={t('customers.discountHint')}
            inputMode="decimal"
            {...form.getInputProps('discount')}
          />
          <TextInput
            label={t('customers.creditLimitIn', { currency: panel.currency })}
            description={t('customers.creditHint')}
            inputMode="decimal"
            {...form.getInputProps('creditLimit')}
          />
          <TextInput
            label={t('customers.calls')}
            description={t('customers.callsHint', { usual: usualText })}
            inputMode="numeric"
            {...form.getInputProps('calls')}
          />
          <MoneyProblem error={saving.error} />
          <Group>
            <Button type="submit" loading={saving.isPending} disabled={!form.isDirty()}>
              {words('states.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function useTermsForm({ name, discountBasisPoints, creditLimit, callsPerSecondMax }: Customer) {
  const { t } = useTranslation('admin');
  return useForm({
    initialValues: {
      name,
      discount: percentOf(discountBasisPoints),
      creditLimit: plainDecimal(creditLimit),
      calls: callsPerSecondMax === null ? '' : String(callsPerSecondMax),
    },
    validate: {
      discount: (text) =>
        (readPercent(text) ?? 10_000) < 10_000 ? null : t('customers.badDiscount'),
      creditLimit: (text) => ((parseDecimal(text) ?? -1n) >= 0n ? null : t('money.badAmount')),
      calls: (text) =>
        text.trim() === '' || isWhole(text.trim()) ? null : t('customers.badCalls'),
    },
  });
}

function isWhole(text: string): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= callsMax;
}

type Values = ReturnType<typeof useTermsForm>['values'];

/** Only what was changed: another credit limit asks who it is, the rest does not. */
function changesOf(customer: Customer, values: Values) {
  const discountBasisPoints = readPercent(values.discount) ?? 0;
  const calls = values.calls.trim() === '' ? null : Number(values.calls);
  const isSameCredit = parseDecimal(values.creditLimit) === parseDecimal(customer.creditLimit);
  return {
    ...(values.name !== customer.name && { name: values.name }),
    ...(discountBasisPoints !== customer.discountBasisPoints && { discountBasisPoints }),
    ...(calls !== customer.callsPerSecondMax && { callsPerSecondMax: calls }),
    ...(!isSameCredit && { creditLimit: values.creditLimit.trim() }),
  };
}
