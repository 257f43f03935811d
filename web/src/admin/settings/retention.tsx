import { NumberInput, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { showDone } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { Section } from '../../kit/section.tsx';
import { type Retention, retentionQuery } from './queries.ts';
import { ArchivedMonths, MonthsThere } from './retention-months.tsx';
import { SaveRow } from './save-row.tsx';
import { useUnsaved } from './unsaved.tsx';

const monthsMax = 240;

type Policy = Retention['policy'];

/** How long history is kept, what there is of it, and what is gone. */
export function RetentionSection() {
  const { t } = useTranslation('admin');
  const retention = useQuery(retentionQuery);
  return (
    <Section title={t('settings.retention.title')} description={t('settings.retention.text')}>
      <Loaded query={retention} waiting={<Skeleton h={400} maw={640} />}>
        {(data) => (
          <Stack gap="xl">
            <Form retention={data} />
            <MonthsThere months={data.months} />
            <ArchivedMonths archived={data.archived} />
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function Form({ retention }: { retention: Retention }) {
  const { t } = useTranslation('admin');
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before, setBefore] = useState(retention.policy);
  const [policy, setPolicy] = useState(before);
  const changes = changed(before, policy);
  const isChanged = Object.keys(changes).length > 0;
  useUnsaved('retention', isChanged);
  const { save, saving } = useSavingPolicy(retention, (saved) =>
    setBefore({ ...before, ...saved }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(changes);
      }}
    >
      <Stack gap="md" maw={640}>
        <MonthsInput
          name="events"
          value={policy.eventsMonths}
          onChange={(eventsMonths) => setPolicy({ ...policy, eventsMonths })}
        />
        <MonthsInput
          name="calls"
          value={policy.callsMonths}
          onChange={(callsMonths) => setPolicy({ ...policy, callsMonths })}
        />
        <Switch
          label={t('settings.retention.exported')}
          description={t('settings.retention.exportedHint')}
          checked={policy.isExported}
          onChange={(event) => setPolicy({ ...policy, isExported: event.currentTarget.checked })}
        />
        <Text size="sm" c="dimmed">
          {t('settings.retention.running')}
        </Text>
        <SaveRow saving={saving} isDirty={isChanged} />
      </Stack>
    </form>
  );
}

type InputProps = {
  name: 'events' | 'calls';
  value: number | null;
  onChange: (months: number | null) => void;
};

function MonthsInput({ name, value, onChange }: InputProps) {
  const { t } = useTranslation('admin');
  return (
    <NumberInput
      label={t(`settings.retention.${name}`)}
      description={t(`settings.retention.${name}Hint`)}
      placeholder={t('settings.retention.forEver')}
      maw={320}
      min={1}
      max={monthsMax}
      allowDecimal={false}
      value={value ?? ''}
      onChange={(given) => onChange(given === '' ? null : Number(given))}
    />
  );
}

/** Asks first where something goes at once by the new policy. */
function useSavingPolicy(retention: Retention, onSaved: (changes: Partial<Policy>) => void) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: (json: Partial<Policy>) => call(adminApi.settings.retention.$patch({ json })),
    onSuccess: (_, changes) => {
      onSaved(changes);
      showDone(words('states.saved'));
      return queryClient.invalidateQueries({ queryKey: retentionQuery.queryKey });
    },
  });
  const save = (changes: Partial<Policy>) => {
    const policy = { ...retention.policy, ...changes };
    const count = countDue(retention.months, policy);
    if (count === 0) saving.mutate(changes);
    else {
      askFirst({
        title: t('settings.retention.ask'),
        children: (
          <Text size="sm">
            {t('settings.retention.askText', { count })}{' '}
            {!policy.isExported && t('settings.retention.alone')}
          </Text>
        ),
        labels: { confirm: t('settings.retention.confirm'), cancel: words('states.cancel') },
        onConfirm: () => saving.mutate(changes),
      });
    }
  };
  return { save, saving };
}

/** How many parts are due by a policy. A month after the end of one is its first. */
function countDue(months: Retention['months'], policy: Policy): number {
  return months.filter(({ history, until, state }) => {
    const kept = history === 'provider_calls' ? policy.callsMonths : policy.eventsMonths;
    if (kept === null || state === 'ahead' || state === 'current') return false;
    const goes = new Date(until);
    goes.setUTCMonth(goes.getUTCMonth() + kept);
    return goes.getTime() <= Date.now();
  }).length;
}
