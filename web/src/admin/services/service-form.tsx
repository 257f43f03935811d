import {
  Autocomplete,
  Button,
  Checkbox,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import { usePanel } from '../../session.ts';
import { flagNames } from './flags-menu.tsx';
import { catalogQuery } from './queries.ts';
import { problemsOf, refusedFields, type ServiceValues } from './service-values.ts';
import { canDripFeed, serviceTypes } from './types.ts';

type Form = UseFormReturnType<ServiceValues>;
type Props = {
  initial: ServiceValues;
  submitText: string;
  isNew: boolean;
  /** Gets what it is to be and what it was; rejects when the panel refuses. */
  onSubmit: (values: ServiceValues, before: ServiceValues) => Promise<unknown>;
};

const nameLettersMax = 500;
const categoryLettersMax = 200;
const descriptionLettersMax = 5_000;

/** All the fields of a service. */
export function ServiceForm({ initial, submitText, isNew, onSubmit }: Props) {
  const { t } = useTranslation('admin');
  const form = useForm({ initialValues: initial, validate: (values) => problemsOf(values, t) });
  const before = useNewest(form, initial);
  const { isPending, error, submit } = useSubmit(form, (values) =>
    onSubmit(values, before.current),
  );
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="lg">
        <Section title={t('services.form.what')}>
          <WhatFields form={form} />
        </Section>
        <Section title={t('services.form.price')}>
          <PriceFields form={form} />
        </Section>
        <Section title={t('services.flags')}>
          <FlagFields form={form} isNew={isNew} />
        </Section>
        <Section title={t('services.form.texts')} description={t('services.form.textsHint')}>
          <TextFields form={form} />
        </Section>
        <ProblemAlert error={error} />
        <Group gap="md">
          <Button type="submit" loading={isPending} disabled={!isNew && !form.isDirty()}>
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

function WhatFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin');
  const { data } = useQuery(catalogQuery);
  const { type } = form.getValues();
  return (
    <>
      <TextInput
        label={t('services.name')}
        description={t('services.nameHint')}
        required
        maxLength={nameLettersMax}
        {...form.getInputProps('name')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Autocomplete
          label={t('services.category')}
          description={t('services.form.categoryHint')}
          required
          maxLength={categoryLettersMax}
          data={data?.categories.map(({ name }) => name) ?? []}
          {...form.getInputProps('category')}
        />
        <Select
          label={t('services.type')}
          description={t(`services.types.${type}`)}
          data={serviceTypes}
          allowDeselect={false}
          searchable
          {...form.getInputProps('type')}
        />
      </SimpleGrid>
    </>
  );
}

function PriceFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  const figure = (name: 'min' | 'max') => (
    <TextInput
      label={t(`services.${name}`)}
      inputMode="numeric"
      required
      {...form.getInputProps(name)}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} style={{ alignItems: 'start' }}>
      <TextInput
        label={t('services.rate')}
        description={t('services.rateHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        inputMode="decimal"
        required
        rightSection={panel.currency}
        rightSectionWidth={52}
        rightSectionProps={{ 'aria-hidden': true, style: { fontSize: 13 } }}
        {...form.getInputProps('rate')}
      />
      {figure('min')}
      {figure('max')}
    </SimpleGrid>
  );
}

function FlagFields({ form, isNew }: { form: Form; isNew: boolean }) {
  const { t } = useTranslation('admin');
  const { type, refill } = form.getValues();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      {isNew && (
        <Checkbox
          label={t('services.onSale')}
          description={t('services.form.onSaleHint')}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
      )}
      {flagNames.map((flag) => {
        const isOff = flag === 'dripfeed' && !canDripFeed(type);
        return (
          <Stack key={flag} gap="xs">
            <Checkbox
              label={t(`services.flag.${flag}`)}
              description={isOff ? t('services.form.noDripfeed') : t(`services.flagHint.${flag}`)}
              {...form.getInputProps(flag, { type: 'checkbox' })}
              {...(isOff && { checked: false, disabled: true })}
            />
            {flag === 'refill' && refill && (
              <TextInput
                ml={32}
                maw={220}
                label={t('services.refillDays')}
                description={t('services.refillDaysHint')}
                inputMode="numeric"
                {...form.getInputProps('refillDays')}
              />
            )}
          </Stack>
        );
      })}
    </SimpleGrid>
  );
}

function TextFields({ form }: { form: Form }) {
  const { t } = useTranslation('admin');
  return (
    <>
      <TextInput
        label={t('services.averageTime')}
        description={t('services.averageTimeHint')}
        maw={360}
        maxLength={200}
        {...form.getInputProps('averageTime')}
      />
      <Textarea
        label={t('services.descriptionField')}
        autosize
        minRows={4}
        maxRows={16}
        maxLength={descriptionLettersMax}
        {...form.getInputProps('description')}
      />
    </>
  );
}

/**
 * Shows what was written elsewhere meanwhile, unless something is being changed here.
 * @returns what the form started from
 */
function useNewest(form: Form, initial: ServiceValues) {
  const before = useRef(initial);
  useEffect(() => {
    const isSame = JSON.stringify(before.current) === JSON.stringify(initial);
    if (isSame || form.isDirty()) return;
    before.current = initial;
    form.setInitialValues(initial);
    form.setValues(initial);
    form.resetDirty(initial);
  });
  return before;
}

/** Sends the form; what the panel refuses is shown at its field, or above the button. */
function useSubmit(form: Form, onSubmit: (values: ServiceValues) => Promise<unknown>) {
  const sending = useMutation({
    mutationFn: onSubmit,
    onSuccess: () => form.resetDirty(),
    onError: (error) => form.setErrors(refusedFields(error)),
  });
  return {
    isPending: sending.isPending,
    error: sending.error,
    submit: (values: ServiceValues) => sending.mutate(values),
  };
}
