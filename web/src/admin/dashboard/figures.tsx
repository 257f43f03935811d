import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { ProvidersTable, ServicesTable } from './breakdown.tsx';
import { ChartsPart } from './charts-part.tsx';
import { KeyFigures } from './key-figures.tsx';
import { Part, Waiting } from './part.tsx';
import { type Figures, figuresQuery, type Span } from './queries.ts';

// Once there are orders, nobody sees them.
const FirstSteps = lazy(() => import('./first-steps.tsx'));

/** What the last days came to: sums, charts, and by whom and with what. */
export function FiguresOf({ days }: { days: Span }) {
  const query = useQuery(figuresQuery(days));
  return (
    <Loaded query={query} waiting={<Waiting heights={[108, 320, 220]} />}>
      {(figures) => <Shown figures={figures} days={days} />}
    </Loaded>
  );
}

function Shown({ figures, days }: { figures: Figures; days: Span }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const isUnused = figures.total.orders === 0 && figures.before.orders === 0;
  return (
    <Stack gap="lg">
      {isUnused && (
        <Suspense>
          <FirstSteps done={figures.steps} />
        </Suspense>
      )}
      <KeyFigures figures={figures} days={days} />
      {!isUnused && (
        <>
          <ChartsPart figures={figures} days={days} />
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
