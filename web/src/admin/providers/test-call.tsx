import { Alert, Button, Code, Loader, Modal, Stack, Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { type Provider, type TestAnswer, testProvider, useRefreshProviders } from './queries.ts';
import { ReasonedButton } from './reasoned-button.tsx';
import { useFigures } from './use-figures.ts';

/** Asks a provider for its balance, and shows what came back. */
export function TestCall({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const refresh = useRefreshProviders();
  const [isOpen, setOpen] = useState(false);
  const testing = useMutation({
    mutationFn: () => testProvider(provider.id),
    onSettled: () => refresh(),
  });
  const start = () => {
    setOpen(true);
    testing.mutate();
  };
  const reason = provider.hasKey ? null : t('providers.noKeyText');
  return (
    <>
      <ReasonedButton
        variant="default"
        leftSection={<IconPlugConnected size={16} aria-hidden />}
        reason={reason}
        onPress={start}
      >
        {t('providers.test')}
      </ReasonedButton>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`${t('providers.test')}: ${provider.name}`}
      >
        <Stack gap="md" role="status">
          {testing.isPending && (
            <Text size="sm">
              <Loader size="xs" component="span" mr="xs" /> {t('providers.testing')}
            </Text>
          )}
          {!testing.isPending && testing.data && (
            <Answered provider={provider} answer={testing.data} />
          )}
          {!testing.isPending && testing.error && (
            <Failed provider={provider} error={testing.error} />
          )}
          {!testing.isPending && (
            <Button variant="default" onClick={() => testing.mutate()}>
              {t('providers.testAgain')}
            </Button>
          )}
        </Stack>
      </Modal>
    </>
  );
}

function Answered({ provider, answer }: { provider: Provider; answer: TestAnswer }) {
  const { t } = useTranslation('admin');
  const figures = useFigures();
  const format = useFormat();
  const { balance, currency, tookMs } = answer;
  const isOther = currency !== null && currency.toUpperCase() !== provider.currency;
  return (
    <>
      <Alert color="teal" p="sm">
        {t('providers.testOk', { name: provider.name })}
      </Alert>
      <Facts
        label={t('providers.test')}
        facts={[
          [t('providers.balance'), format.amount(balance, currency ?? provider.currency)],
          [t('providers.currency'), currency ?? '–'],
          [t('providers.took'), figures.time(tookMs)],
        ]}
      />
      {isOther && (
        <Alert color="yellow" p="sm">
          {t('providers.otherCurrency', { currency, own: provider.currency })}
        </Alert>
      )}
    </>
  );
}

function Failed({ provider, error }: { provider: Provider; error: unknown }) {
  const { t } = useTranslation('admin');
  const raw = error instanceof Problem && error.code === 'conflict' ? error.detail : '';
  if (raw === '') return <ProblemAlert error={error} />;
  return (
    <>
      <Alert color="red" p="sm">
        {t('providers.testFailed', { name: provider.name })}
      </Alert>
      <Stack gap={4}>
        <Text size="sm" c="dimmed">
          {t('providers.rawAnswer')}
        </Text>
        <Code block className="long" style={{ whiteSpace: 'pre-wrap' }}>
          {raw}
        </Code>
      </Stack>
    </>
  );
}
