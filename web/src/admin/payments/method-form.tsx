import { Button, Group, Modal, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { showDone } from '../../kit/problems.ts';
import { usePanel } from '../../session.ts';
import { MoneyProblem } from '../money-problem.tsx';
import { BonusFields } from './bonus-fields.tsx';
import { GatewayFields, InstructionFields } from './gateway-fields.tsx';
import { kinds, type MethodFormOf, toFields, toSecrets, useMethodForm } from './method-values.ts';
import { type Method, useRefreshPayments } from './queries.ts';

type Props = { method: Method | null; onClose: () => void };

/** A way to pay, new or known. */
export function MethodForm({ method, onClose }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const form = useMethodForm(method);
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before] = useState(form.values);
  const saving = useSave({ method, before, onClose });
  const { kind } = form.values;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={method === null ? t('payments.newMethod') : method.name}
    >
      <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <Stack gap="md">
          {method === null && (
            <Select
              label={t('payments.kind')}
              description={t(`payments.kindHints.${kind}`)}
              data={kinds.map((value) => ({ value, label: t(`payments.kinds.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps('kind')}
            />
          )}
          <TextInput
            label={t('payments.methodName')}
            description={t('payments.methodNameHint')}
            required
            maxLength={100}
            {...form.getInputProps('name')}
          />
          {kind === 'manual' ? (
            <InstructionFields form={form} />
          ) : (
            <GatewayFields form={form} method={method} />
          )}
          <Pricing form={form} />
          <BonusFields form={form} />
          <Switch
            label={t('payments.enabled')}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          <MoneyProblem error={saving.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words('states.cancel')}
            </Button>
            <Button
              type="submit"
              loading={saving.isPending}
              disabled={method !== null && !form.isDirty()}
            >
              {words('states.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function useSave({ method, before, onClose }: Props & { before: MethodFormOf['values'] }) {
  const { t: words } = useTranslation();
  const refresh = useRefreshPayments();
  return useMutation({
    mutationFn: async (values: MethodFormOf['values']) => {
      const [fields, secrets] = [toFields(values), toSecrets(values)];
      if (method === null) {
        const json = { ...fields, ...secrets, kind: values.kind };
        await call(adminApi['payment-methods'].$post({ json }));
        return;
      }
      const param = { methodId: String(method.id) };
      const json = { ...changed(toFields(before), fields), ...secrets };
      await call(adminApi['payment-methods'][':methodId'].$patch({ param, json }));
    },
    onSuccess: () => {
      showDone(words('states.saved'));
      refresh();
      onClose();
    },
  });
}

function Pricing({ form }: { form: MethodFormOf }) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  const { currency } = panel;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
      <TextInput
        label={t('payments.min', { currency })}
        inputMode="decimal"
        required
        {...form.getInputProps('min')}
      />
      <TextInput
        label={t('payments.max', { currency })}
        inputMode="decimal"
        required
        {...form.getInputProps('max')}
      />
      <TextInput
        label={t('payments.feePercent')}
        inputMode="decimal"
        {...form.getInputProps('feePercent')}
      />
      <TextInput
        label={t('payments.feeFixed', { currency })}
        inputMode="decimal"
        {...form.getInputProps('feeFixed')}
      />
    </SimpleGrid>
  );
}
