import {
  Alert,
  Button,
  Checkbox,
  Group,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import { usePanel } from '../../session.ts';
import { hasMoved, type ProviderValues, problemsOf, refusedField } from './provider-values.ts';

type Form = UseFormReturnType<ProviderValues>;
type Props = {
  initial: ProviderValues;
  submitText: string;
  isNew: boolean;
  /** Whether a key is stored. */
  hasKey?: boolean;
  /** Rejects when the panel refuses. */
  onSubmit: (values: ProviderValues) => Promise<unknown>;
};

const textMax = 100;

/** All that staff set of a provider, but what a sync changes. */
export function ProviderForm({ initial, submitText, isNew, hasKey = false, onSubmit }: Props) {
  const { t } = useTranslation('admin');
  const form = useForm({
    initialValues: initial,
    validate: (values) => problemsOf(values, t, isNew),
  });
  const saving = useMutation({
    mutationFn: onSubmit,
    onSuccess: (_, values) => {
      // The key is not to be read again.
      const stored = { ...values, key: '' };
      form.setValues(stored);
      form.resetDirty(stored);
    },
    onError: (error) => {
      const refused = refusedField(error, t);
      if (refused) form.setFieldError(refused.field, refused.text);
    },
  });
  const moved = !isNew && hasMoved(initial.url, form.getValues().url);
  const isSaid = refusedField(saving.error, t) !== undefined;
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))} noValidate>
      <Stack gap="lg">
        <Section title={t('providers.access')}>
          <AccessFields form={form} isNew={isNew} hasKey={hasKey} moved={moved} />
        </Section>
        <Section title={t('providers.money')}>
          <MoneyFields form={form} />
        </Section>
        <Section title={t('providers.calling')}>
          <CallFields form={form} />
        </Section>
        <ProblemAlert error={isSaid ? null : saving.error} />
        <Group gap="md">
          <Button type="submit" loading={saving.isPending} disabled={!isNew && !form.isDirty()}>
            {submitText}
          </Button>
          {!isNew && form.isDirty() && (
            <Text size="sm" c="dimmed" role="status">
              {t('services.unsaved')}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

type AccessProps = { form: Form; isNew: boolean; hasKey: boolean; moved: boolean };

function AccessFields({ form, isNew, hasKey, moved }: AccessProps) {
  const { t } = useTranslation('admin');
  const losesKey = moved && hasKey && form.getValues().key.trim() === '';
  const keyHint = isNew || !hasKey ? t('providers.keyHint') : t('providers.newKeyHint');
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('providers.name')}
          description={t('providers.nameHint')}
          required
          maxLength={textMax}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('providers.alias')}
          description={t('providers.aliasHint')}
          maxLength={textMax}
          {...form.getInputProps('alias')}
        />
        <TextInput
          label={t('providers.url')}
          description={t('providers.urlHint')}
          type="url"
          inputMode="url"
          required
          maxLength={500}
          {...form.getInputProps('url')}
        />
        <PasswordInput
          label={isNew || !hasKey ? t('providers.key') : t('providers.newKey')}
          description={keyHint}
          required={isNew}
          maxLength={500}
          // What a browser stores for the panel is not the provider's.
          autoComplete="new-password"
          {...form.getInputProps('key')}
        />
      </SimpleGrid>
      {losesKey && (
        <Alert color="yellow" p="sm" role="status">
          {t('providers.keyGone')}
        </Alert>
      )}
    </>
  );
}

function MoneyFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  const currency = form.getValues().currency.trim().toUpperCase() || '…';
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <TextInput
        label={t('providers.currency')}
        description={t('providers.currencyHint')}
        required
        maxLength={3}
        {...form.getInputProps('currency')}
      />
      <TextInput
        label={t('providers.exchangeRate')}
        description={t('providers.exchangeRateHint', { currency, own: panel.currency })}
        inputMode="decimal"
        required
        {...form.getInputProps('exchangeRate')}
      />
      <TextInput
        label={t('providers.lowMark')}
        description={t('providers.lowMarkHint')}
        inputMode="decimal"
        rightSection={
          <Text span size="xs" c="dimmed">
            {currency}
          </Text>
        }
        rightSectionWidth={48}
        {...form.getInputProps('balanceLowMark')}
      />
    </SimpleGrid>
  );
}

function CallFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin');
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TextInput
        label={t('providers.callsPerMinute')}
        description={t('providers.callsPerMinuteHint')}
        inputMode="numeric"
        required
        {...form.getInputProps('callsPerMinuteMax')}
      />
      <TextInput
        label={t('providers.timeout')}
        description={t('providers.timeoutHint')}
        inputMode="numeric"
        required
        {...form.getInputProps('timeoutSeconds')}
      />
      <TextInput
        label={t('providers.requestIdField')}
        description={t('providers.requestIdFieldHint')}
        maxLength={50}
        {...form.getInputProps('requestIdField')}
      />
      <Checkbox
        mt={{ sm: 'xl' }}
        label={t('providers.idsIncrease')}
        description={t('providers.idsIncreaseHint')}
        {...form.getInputProps('idsIncrease', { type: 'checkbox' })}
      />
    </SimpleGrid>
  );
}
