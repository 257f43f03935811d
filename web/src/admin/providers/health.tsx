import { SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { Section } from '../../kit/section.tsx';
import { DayChart } from '../charts/day-chart.tsx';
import type { Provider } from './queries.ts';
import { useFigures } from './use-figures.ts';

const known = [
  'add',
  'status',
  'services',
  'balance',
  'refill',
  'refill_status',
  'cancel',
] as const;

/** How the calls of the last day and of the last month went. */
export function Health({ provider }: { provider: Provider }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <LastDay provider={provider} />
      <History provider={provider} />
    </SimpleGrid>
  );
}

function LastDay({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const figures = useFigures();
  const { lastSuccessAt, lastFailureAt, lastFailure, heldBackUntil } = provider;
  const when = (iso: string | null) => (iso === null ? t('providers.never') : format.ago(iso));
  const isHeldBack = heldBackUntil !== null && Date.parse(heldBackUntil) > Date.now();
  return (
    <Section title={t('providers.health')} description={t('providers.healthText')}>
      <Facts
        label={t('providers.health')}
        facts={[
          [t('providers.errors'), figures.errors(provider)],
          [t('providers.median'), figures.median(provider)],
          isHeldBack && [t('providers.heldBackUntil'), format.moment(heldBackUntil)],
          [t('providers.lastSuccess'), when(lastSuccessAt)],
          [
            t('providers.lastFailure'),
            <Stack gap={0} key="failure">
              <span>{when(lastFailureAt)}</span>
              {lastFailure !== '' && (
                <Text span size="xs" c="dimmed" className="long">
                  {lastFailure}
                </Text>
              )}
            </Stack>,
          ],
        ]}
      />
      {provider.actions.length > 0 && <Actions provider={provider} />}
    </Section>
  );
}

function Actions({ provider: { actions } }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const figures = useFigures();
  const nameOf = (action: string) => {
    const name = known.find((each) => each === action);
    return name === undefined ? action : t(`providers.callNames.${name}`);
  };
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table aria-label={t('providers.calls')} verticalSpacing={6} horizontalSpacing="xs" fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('providers.call')}</Table.Th>
            <Table.Th ta="right">{t('providers.calls')}</Table.Th>
            <Table.Th ta="right">{t('providers.failures')}</Table.Th>
            <Table.Th ta="right">{t('providers.median')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {actions.map((row) => (
            <Table.Tr key={row.action}>
              <Table.Td>{nameOf(row.action)}</Table.Td>
              <Table.Td className="figures" ta="right">
                {format.number(row.calls)}
              </Table.Td>
              <Table.Td className="figures" ta="right">
                {format.number(row.failures)}
              </Table.Td>
              <Table.Td className="figures" ta="right">
                {figures.median(row)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function History({ provider: { healthDays: days } }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const figures = useFigures();
  const calls = days.reduce((sum, day) => sum + day.calls, 0);
  const failures = days.reduce((sum, day) => sum + day.failures, 0);
  if (calls === 0) {
    return (
      <Section title={t('providers.history')}>
        <Text size="sm" c="dimmed">
          {t('providers.noCalls')}
        </Text>
      </Section>
    );
  }
  return (
    <DayChart
      title={t('providers.history')}
      summary={t('providers.historyText', {
        calls: format.number(calls),
        failures: format.number(failures),
        share: figures.errors({ calls, failures }),
      })}
      rows={days}
      isStacked
      isWhole
      series={[
        {
          ...{ name: 'answered', label: t('providers.answered'), color: 'teal.6' },
          height: (day) => day.calls - day.failures,
          text: (day) => format.number(day.calls - day.failures),
        },
        {
          ...{ name: 'failures', label: t('providers.failures'), color: 'red.6' },
          height: (day) => day.failures,
          text: (day) => `${format.number(day.failures)} (${figures.errors(day)})`,
        },
      ]}
    />
  );
}
