import {
  Alert,
  Button,
  Group,
  PasswordInput,
  Select,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { languageNames } from '../../kit/preferences.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { type AlarmSettings, alarmsQuery } from './queries.ts';
import { SaveRow } from './save-row.tsx';
import { useUnsaved } from './unsaved.tsx';

/** Who is told of alarms, and a way to try it. */
export function Alarms() {
  const { t } = useTranslation('admin');
  const alarms = useQuery(alarmsQuery);
  return (
    <Section title={t('settings.alarms.title')} description={t('settings.alarms.text')}>
      <Loaded query={alarms} waiting={<Skeleton h={400} maw={640} />}>
        {(settings) => <Form settings={settings} />}
      </Loaded>
    </Section>
  );
}

function Form({ settings }: { settings: AlarmSettings }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const queryClient = useQueryClient();
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before, setBefore] = useState(settings);
  const [emails, setEmails] = useState(before.emails.join('\n'));
  const [language, setLanguage] = useState(before.language);
  const [webhookUrl, setUrl] = useState(before.webhookUrl);
  const [secret, setSecret] = useState('');
  const given = { emails: linesOf(emails), language, webhookUrl: webhookUrl.trim() };
  const changes = { ...changed(before, given), ...(secret && { webhookSecret: secret }) };
  const isChanged = Object.keys(changes).length > 0;
  // It is bound to its address.
  const isSecretNew = given.webhookUrl !== '' && given.webhookUrl !== before.webhookUrl;
  const isSecretKept = before.webhookUrl !== '' && !isSecretNew;
  useUnsaved('alarms', isChanged);
  const saving = useMutation({
    mutationFn: (json: typeof changes) => call(adminApi.settings.alarms.$patch({ json })),
    onSuccess: (_, { webhookSecret: _secret, ...saved }) => {
      setBefore({ ...before, ...saved });
      showDone(words('states.saved'));
      setSecret('');
      return queryClient.invalidateQueries({ queryKey: alarmsQuery.queryKey });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(changes);
      }}
    >
      <Stack gap="md" maw={640}>
        <Textarea
          label={t('settings.alarms.emails')}
          description={t('settings.alarms.emailsHint')}
          autosize
          minRows={2}
          value={emails}
          onChange={(event) => setEmails(event.currentTarget.value)}
        />
        <Select
          label={t('settings.alarms.language')}
          allowDeselect={false}
          data={Object.entries(languageNames).map(([value, label]) => ({ value, label }))}
          value={language}
          onChange={(value) => setLanguage(value as typeof language)}
        />
        <TextInput
          label={t('settings.alarms.webhook')}
          description={t('settings.alarms.webhookHint')}
          type="url"
          maxLength={2_000}
          value={webhookUrl}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('settings.alarms.secret')}
          description={t(`settings.alarms.${isSecretKept ? 'secretKeptHint' : 'secretHint'}`)}
          autoComplete="off"
          minLength={16}
          maxLength={200}
          required={isSecretNew}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <SaveRow saving={saving} isDirty={isChanged} />
        <Try settings={settings} isChanged={isChanged} />
      </Stack>
    </form>
  );
}

function Try({ settings, isChanged }: { settings: AlarmSettings; isChanged: boolean }) {
  const { t } = useTranslation('admin');
  const trying = useMutation({ mutationFn: () => call(adminApi.settings['test-alarm'].$post()) });
  const isNobody = settings.emails.length === 0 && settings.webhookUrl === '';
  const why = isChanged ? t('settings.alarms.unsaved') : isNobody && t('settings.alarms.nobody');
  return (
    <Stack gap="xs">
      <Group>
        <Button
          variant="default"
          disabled={why !== false}
          loading={trying.isPending}
          onClick={() => trying.mutate()}
        >
          {t('settings.alarms.test')}
        </Button>
        {why !== false && (
          <Text size="sm" c="dimmed">
            {why}
          </Text>
        )}
      </Group>
      {trying.data && (
        <Alert
          color={trying.data.failure === null ? 'teal' : 'red'}
          p="sm"
          role="status"
          className="long"
        >
          {trying.data.failure === null
            ? t('settings.alarms.tested', { count: trying.data.mails })
            : t('settings.alarms.failed', {
                count: trying.data.mails,
                failure: trying.data.failure,
              })}
        </Alert>
      )}
      <ProblemAlert error={trying.error} />
    </Stack>
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}
