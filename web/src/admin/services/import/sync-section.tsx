import { Button, Group, SimpleGrid, Skeleton, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changed } from '../../../changed.ts';
import { Loaded } from '../../../kit/loaded.tsx';
import { ProblemAlert } from '../../../kit/problem-alert.tsx';
import { showDone } from '../../../kit/problems.ts';
import { Section } from '../../../kit/section.tsx';
import { usePanel } from '../../../session.ts';
import { type ProviderSettings, type SyncSettings, saveSync, settingsQuery } from './queries.ts';

const switches = ['syncPrices', 'syncLimits', 'syncFlags', 'syncRemovals', 'syncReturns'] as const;

type Props = { provider: { id: number; name: string } };

/** What services take over from their provider by themselves, for those who may set that. */
export function SyncSection({ provider }: Props) {
  const { t } = useTranslation('admin');
  const { signedIn } = usePanel();
  const mayEdit = signedIn?.staff?.areas.includes('providers') === true;
  return (
    <Section
      title={t('services.sync.title', { provider: provider.name })}
      description={t('services.sync.text')}
    >
      {mayEdit ? (
        <Settings providerId={provider.id} />
      ) : (
        <Text size="sm" c="dimmed">
          {t('services.sync.notAllowed')}
        </Text>
      )}
    </Section>
  );
}

function Settings({ providerId }: { providerId: number }) {
  const query = useQuery(settingsQuery(providerId));
  return (
    <Loaded query={query} waiting={<Skeleton h={140} />}>
      {(settings) => <SettingsForm settings={settings} />}
    </Loaded>
  );
}

const percentMax = 10_000;

function SettingsForm({ settings }: { settings: ProviderSettings }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const queryClient = useQueryClient();
  const { syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns } = settings;
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before, setBefore] = useState({
    ...{ syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns },
    jump: String(settings.priceJumpPercentMax),
  });
  const form = useForm({
    initialValues: before,
    validate: {
      jump: (text) =>
        /^[1-9]\d{0,4}$/.test(text.trim()) && Number(text) <= percentMax
          ? null
          : t('services.sync.badJump'),
    },
  });
  const saving = useMutation({
    mutationFn: (values: typeof form.values) =>
      saveSync(settings.id, changed(inputOf(before), inputOf(values))),
    onSuccess: async (_, values) => {
      setBefore(values);
      form.resetDirty(values);
      showDone(words('states.saved'));
      await queryClient.invalidateQueries({ queryKey: ['admin', 'providers'] });
    },
  });
  const turn = (name: (typeof switches)[number], isOn: boolean) => {
    form.setFieldValue(name, isOn);
    // It is of no account without prices: what is wrong with it must not stand in the way.
    if (name === 'syncPrices') form.setFieldValue('jump', before.jump);
  };
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))} noValidate>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        {switches.map((name) => (
          <Switch
            key={name}
            label={t(`services.sync.${name}`)}
            description={t(`services.sync.${name}Hint`)}
            {...form.getInputProps(name, { type: 'checkbox' })}
            onChange={({ currentTarget }) => turn(name, currentTarget.checked)}
          />
        ))}
        <TextInput
          label={t('services.sync.jump')}
          description={t('services.sync.jumpHint')}
          inputMode="numeric"
          maw={280}
          rightSection="%"
          disabled={!form.getValues().syncPrices}
          {...form.getInputProps('jump')}
        />
      </SimpleGrid>
      <ProblemAlert error={saving.error} />
      {form.isDirty() && (
        <Group mt="md">
          <Button type="submit" loading={saving.isPending}>
            {words('states.save')}
          </Button>
        </Group>
      )}
    </form>
  );
}

function inputOf({ jump, ...rest }: Omit<SyncSettings, 'priceJumpPercentMax'> & { jump: string }) {
  return { ...rest, priceJumpPercentMax: Number(jump) };
}
