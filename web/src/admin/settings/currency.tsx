import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { Section } from '../../kit/section.tsx';
import type { Settings } from './queries.ts';
import { useSaving } from './settings-form.tsx';
import { useUnsaved } from './unsaved.tsx';

/** The currency, as long as it can be changed. */
export function Currency({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const [code, setCode] = useState(settings.currency);
  const saving = useSaving();
  const isChanged = code !== settings.currency;
  useUnsaved('currency', isChanged);
  const ask = () =>
    askFirst({
      title: t('settings.currency.change'),
      children: <Text size="sm">{t('settings.currency.changeText', { currency: code })}</Text>,
      labels: { confirm: t('settings.currency.change'), cancel: words('states.cancel') },
      onConfirm: () =>
        saving.mutate({ currency: code }, { onSuccess: () => showDone(words('states.saved')) }),
    });
  const hint = settings.canChangeCurrency ? 'free' : 'fixed';
  return (
    <Section title={t('settings.currency.title')} description={t('settings.currency.text')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Stack gap="md" maw={640}>
          <TextInput
            label={t('settings.currency.label')}
            description={t(`settings.currency.${hint}`)}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={3}
            pattern="[A-Z]{3}"
            styles={{ input: { maxWidth: 120 } }}
            readOnly={!settings.canChangeCurrency}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.toUpperCase())}
          />
          <ProblemAlert error={saving.error} />
          {settings.canChangeCurrency && (
            <Group>
              <Button type="submit" loading={saving.isPending} disabled={!isChanged}>
                {t('settings.currency.change')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Section>
  );
}
