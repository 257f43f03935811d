import { Alert, Button, Group, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import type { Language } from '../../i18n.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import type { Settings } from './queries.ts';

/** Whether mail leaves the panel, and a way to try it. */
export function MailSection({ settings }: { settings: Settings }) {
  const { t, i18n } = useTranslation('admin');
  const { mailMode } = settings;
  const trying = useMutation({
    mutationFn: () =>
      call(adminApi.settings['test-mail'].$post({ json: { language: i18n.language as Language } })),
  });
  return (
    <Section title={t('settings.mail.title')} description={t('settings.mail.text')}>
      <Stack gap="md">
        <Alert p="sm" color={mailMode === 'smtp' ? 'teal' : 'yellow'}>
          {t(`settings.mail.${mailMode}`)}
        </Alert>
        {mailMode !== 'keep' && (
          <Group>
            <Button variant="default" loading={trying.isPending} onClick={() => trying.mutate()}>
              {t('settings.mail.test')}
            </Button>
          </Group>
        )}
        {trying.data && <Result {...trying.data} mode={mailMode} />}
        <ProblemAlert error={trying.error} />
      </Stack>
    </Section>
  );
}

type Props = { to: string; failure: string | null; mode: Settings['mailMode'] };

function Result({ to, failure, mode }: Props) {
  const { t } = useTranslation('admin');
  if (failure !== null) {
    return (
      <Alert color="red" p="sm" role="alert" className="long">
        {t('settings.mail.failed', { failure })}
      </Alert>
    );
  }
  return (
    <Alert color="teal" p="sm" role="status">
      {t(mode === 'log' ? 'settings.mail.logged' : 'settings.mail.sent', { to })}
    </Alert>
  );
}
