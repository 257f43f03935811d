import { Alert, Box, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import classes from './catalog.module.css';
import { marginOf } from './finder.ts';
import type { ServiceDetail } from './queries.ts';

/** What a service costs and leaves, whom its price follows, and who pays another one. */
export function PriceSection({ service }: { service: ServiceDetail }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { rate, routes, source, ownPrices } = service;
  const [first] = routes;
  const cost = first?.listed?.cost ?? null;
  const margin = marginOf(rate, cost);
  return (
    <Section title={t('services.form.margin')}>
      <Box component="dl" m={0}>
        <Fact label={t('services.rate')} value={format.money(rate)} />
        <Fact
          label={
            first ? t('services.form.costOf', { provider: first.provider }) : t('services.cost')
          }
          value={cost === null ? '–' : format.money(cost)}
        />
        <Fact
          label={t('services.margin')}
          value={
            margin === undefined || cost === null
              ? '–'
              : `${format.money(differenceOf(rate, cost))} · ${format.percent(margin)}`
          }
          isBad={margin !== undefined && margin < 0}
        />
      </Box>
      {source && <SourceText source={source} />}
      {ownPrices > 0 && (
        <Alert color="blue" p="sm">
          {t('services.form.ownPrices', { count: ownPrices })}
        </Alert>
      )}
    </Section>
  );
}

function SourceText({ source }: { source: NonNullable<ServiceDetail['source']> }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { externalId, provider, markupBasisPoints, markupFixed, rateMin } = source;
  return (
    <Box>
      <Text size="sm" fw={600} className="long">
        {t('services.routes.source', { externalId, provider })}
      </Text>
      <Text size="sm" c="dimmed">
        {t('services.routes.sourceText', {
          percent: format.percent(markupBasisPoints / 10_000, 2),
          fixed: format.money(markupFixed),
          min: format.money(rateMin),
        })}{' '}
        {t('services.routes.sourceHand')}
      </Text>
    </Box>
  );
}

type FactProps = { label: string; value: string; isBad?: boolean };

function Fact({ label, value, isBad = false }: FactProps) {
  return (
    <Group justify="space-between" gap="md" wrap="nowrap" py={4}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Text
        component="dd"
        m={0}
        size="sm"
        fw={600}
        ta="right"
        className={`figures ${isBad ? classes.loss : ''}`}
      >
        {value}
      </Text>
    </Group>
  );
}

function differenceOf(rate: string, cost: string): string {
  return formatUnits((parseDecimal(rate) ?? 0n) - (parseDecimal(cost) ?? 0n));
}
