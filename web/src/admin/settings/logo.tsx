import { Alert, Button, FileButton, Group, Image, Paper, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { Section } from '../../kit/section.tsx';
import { sessionQuery } from '../../session.ts';
import { type Settings, settingsQuery } from './queries.ts';
import { useUnsaved } from './unsaved.tsx';

const types = ['image/png', 'image/webp', 'image/jpeg'];
const bytesMax = 200_000;

/** The logo: shown as it would look before it is used. */
export function Logo({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [chosen, setChosen] = useState<string>();
  const [problem, setProblem] = useState<string>();
  useUnsaved('logo', chosen !== undefined);
  const saving = useLogo(() => setChosen(undefined));
  const choose = async (file: File | null) => {
    if (file === null) return;
    setChosen(undefined);
    setProblem(undefined);
    if (!types.includes(file.type)) return setProblem(t('settings.logo.wrongType'));
    if (file.size > bytesMax) {
      const size = `${format.number(Math.ceil(file.size / 1_000))} kB`;
      return setProblem(t('settings.logo.tooLarge', { size }));
    }
    setChosen(await readDataUrl(file));
  };
  return (
    <Section title={t('settings.logo.title')} description={t('settings.logo.text')}>
      <Stack gap="md">
        <Group gap="md">
          <Shown src={chosen ?? `/logo?v=${settings.logoVersion}`} />
          <Group gap="xs">
            <FileButton accept={types.join(',')} onChange={(file) => void choose(file)}>
              {(props) => (
                <Button variant="default" {...props}>
                  {t('settings.logo.upload')}
                </Button>
              )}
            </FileButton>
            {chosen !== undefined && (
              <Button loading={saving.isPending} onClick={() => saving.mutate(chosen)}>
                {t('settings.logo.use')}
              </Button>
            )}
            {chosen === undefined && settings.logoVersion !== '' && (
              <Remove onConfirm={() => saving.mutate(null)} />
            )}
          </Group>
        </Group>
        {chosen !== undefined && (
          <Text size="sm" c="dimmed" role="status">
            {t('settings.logo.preview')} {t('settings.unsaved')}
          </Text>
        )}
        {problem && (
          <Alert color="red" p="sm" role="alert">
            {problem}
          </Alert>
        )}
        <ProblemAlert error={saving.error} />
      </Stack>
    </Section>
  );
}

/** On both grounds that it will stand on. */
function Shown({ src }: { src: string }) {
  const { t } = useTranslation('admin');
  return (
    <Group gap="xs">
      <Paper withBorder p="sm" bg="#ffffff">
        <Image src={src} alt={t('settings.logo.current')} w={48} h={48} fit="contain" />
      </Paper>
      <Paper withBorder p="sm" bg="dark.8">
        <Image src={src} alt="" w={48} h={48} fit="contain" />
      </Paper>
    </Group>
  );
}

function Remove({ onConfirm }: { onConfirm: () => void }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  return (
    <Button
      variant="subtle"
      color="red"
      onClick={() =>
        askFirst({
          title: t('settings.logo.remove'),
          children: <Text size="sm">{t('settings.logo.removeText')}</Text>,
          labels: { confirm: t('settings.logo.remove'), cancel: words('states.cancel') },
          confirmProps: { color: 'red.9' },
          onConfirm,
        })
      }
    >
      {t('settings.logo.remove')}
    </Button>
  );
}

function useLogo(onDone: () => void) {
  const { t: words } = useTranslation();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (dataUrl: string | null) => {
      if (dataUrl === null) return call(adminApi.settings.logo.$delete());
      const picture = dataUrl.slice(dataUrl.indexOf(',') + 1);
      return call(adminApi.settings.logo.$put({ json: { picture } }));
    },
    onSuccess: async () => {
      showDone(words('states.saved'));
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: settingsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      ]);
      onDone();
    },
  });
}

function readDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('the file could not be read'));
    reader.readAsDataURL(file);
  });
}
