import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { ErrorState } from '../../kit/error-state.tsx';
import { ProvidersTable, ServicesTable } from './breakdown.tsx';
import { Charts } from './charts.tsx';
import { FirstSteps } from './first-steps.tsx';
import { KeyFigures } from './key-figures.tsx';
import { figuresQuery, type Span } from './queries.ts';

/** What the last days came to: sums, charts, and by whom and with what. */
export function FiguresOf({ days }: { days: Span }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { data: figures, error, refetch } = useQuery(figuresQuery(days));
  if (error) return <ErrorState error={error} reset={() => void refetch()} />;
  if (figures === undefined) return <Waiting />;
  const isUnused = figures.total.orders === 0 && figures.before.orders === 0;
  return (
    <Stack gap="lg">
      {isUnused && <FirstSteps done={figures.steps} />}
      <KeyFigures figures={figures} days={days} />
      {!isUnused && (
        <>
          <Charts days={figures.days} />
          <Part title={t('dashboard.byProvider')} text={t('dashboard.byProviderText')}>
            <ProvidersTable rows={figures.providers} />
          </Part>
          <Part title={t('dashboard.byService')}>
            <ServicesTable rows={figures.services} />
          </Part>
        </>
      )}
      {figures.asOf && (
        <Text size="xs" c="dimmed">
          {t('dashboard.asOf', { when: format.moment(figures.asOf) })}
        </Text>
      )}
    </Stack>
  );
}

type PartProps = { title: string; text?: string; children: React.ReactNode };

function Part({ title, text, children }: PartProps) {
  return (
    <Stack gap="sm" component="section">
      <Stack gap={2}>
        <Title order={2}>{title}</Title>
        {text && (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap="lg" aria-busy="true">
      <Skeleton h={108} radius="lg" />
      <Skeleton h={320} radius="lg" />
      <Skeleton h={220} radius="lg" />
    </Stack>
  );
}
