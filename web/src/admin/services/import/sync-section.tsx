import { Button, Group, SimpleGrid, Skeleton, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../../kit/loaded.tsx';
import { ProblemAlert } from '../../../kit/problem-alert.tsx';
import { showDone } from '../../../kit/problems.ts';
import { Section } from '../../../kit/section.tsx';
import { usePanel } from '../../../session.ts';
import { type ProviderSettings, saveSync, settingsQuery } from './queries.ts';

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
  const form = useForm({
    initialValues: {
      ...{ syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns },
      jump: String(settings.priceJumpPercentMax),
    },
    validate: {
      jump: (text) =>
        /^[1-9]\d{0,4}$/.test(text.trim()) && Number(text) <= percentMax
          ? null
          : t('services.sync.badJump'),
    },
  });
  const saving = useMutation({
    mutationFn: ({ jump, ...rest }: typeof form.values) =>
      saveSync(settings.id, { ...rest, priceJumpPercentMax: Number(jump) }),
    onSuccess: async () => {
      form.resetDirty();
      showDone(words('states.saved'));
      await queryClient.invalidateQueries({ queryKey: ['admin', 'providers'] });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))} noValidate>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        {switches.map((name) => (
          <Switch
            key={name}
            label={t(`services.sync.${name}`)}
            description={t(`services.sync.${name}Hint`)}
            {...form.getInputProps(name, { type: 'checkbox' })}
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
