import { Button, Checkbox, Group, Select, SimpleGrid, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { InferRequestType } from 'hono/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmailField } from '../../account/email.tsx';
import { call, customerApi } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { languageNames } from '../../kit/preferences.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { sessionQuery, useCustomer, usePanel } from '../../session.ts';

type Profile = Required<InferRequestType<typeof customerApi.profile.$patch>['json']>;
const kinds = ['deposits', 'orders', 'refills'] as const;

/** Language, time zone, and what is mailed. */
export function ProfileSection() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { panel } = usePanel();
  const customer = useCustomer();
  // As it was when the form was filled: what another window changes meanwhile is not undone.
  const [before, setBefore] = useState<Profile>({
    language: customer.language,
    timeZone: customer.timeZone,
    notifications: customer.notifications,
  });
  const form = useForm({ initialValues: before });
  const saving = useMutation({
    mutationFn: (values: Profile) =>
      call(customerApi.profile.$patch({ json: changed(before, values) })),
    onSuccess: (_, values) => {
      setBefore(values);
      form.resetDirty(values);
      showDone(t('states.saved'));
      return queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  const languages = Object.entries(languageNames)
    .filter(([value]) => panel.languages.includes(value))
    .map(([value, label]) => ({ value, label }));
  return (
    <Section title={t('account.you')}>
      <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing={{ base: 'md', md: 'xl' }}>
            <Stack gap="md">
              <EmailField />
              <Select
                label={t('account.language')}
                data={languages}
                allowDeselect={false}
                {...form.getInputProps('language')}
              />
              <Select
                label={t('account.timeZone')}
                data={timeZones(customer.timeZone)}
                searchable
                allowDeselect={false}
                limit={100}
                {...form.getInputProps('timeZone')}
              />
            </Stack>
            <Checkbox.Group
              label={t('account.notifications')}
              description={t('account.notificationsText')}
              {...form.getInputProps('notifications')}
            >
              <Stack gap="xs" mt="xs">
                {kinds.map((kind) => (
                  <Checkbox key={kind} value={kind} label={t(`account.kinds.${kind}`)} />
                ))}
              </Stack>
            </Checkbox.Group>
          </SimpleGrid>
          <ProblemAlert error={saving.error} />
          <Group>
            <Button type="submit" loading={saving.isPending} disabled={!form.isDirty()}>
              {t('states.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function timeZones(own: string): string[] {
  return [...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')])];
}
