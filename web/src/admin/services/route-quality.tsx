import { Box, Group, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import classes from './catalog.module.css';
import type { Route } from './queries.ts';
import { useDuration } from './use-duration.ts';

const worryingShare = 0.05;

/** How a route delivered in the last 30 days. */
export function RouteQuality({ quality }: { quality: Route['quality'] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const duration = useDuration();
  const title = t('services.routes.quality');
  if (quality === null) {
    return (
      <Text size="sm" c="dimmed">
        {title}: {t('services.routes.noQuality')}
      </Text>
    );
  }
  const { completed, partial, canceled, attempts, failures, medianSeconds, p95Seconds } = quality;
  const ended = completed + partial + canceled;
  const shareOf = (part: number, whole: number) =>
    whole === 0 ? '–' : format.percent(part / whole);
  const timeOf = (seconds: number | null) => (seconds === null ? '–' : duration(seconds));
  return (
    <Box>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      <SimpleGrid component="dl" m={0} cols={{ base: 2, xs: 3, lg: 6 }} spacing="sm">
        <Figure label={t('services.routes.orders')} value={format.number(ended)} />
        <Figure label={t('services.routes.done')} value={shareOf(completed, ended)} />
        <Figure label={t('services.routes.partial')} value={shareOf(partial + canceled, ended)} />
        <Figure
          label={t('services.routes.failed')}
          value={shareOf(failures, attempts)}
          isBad={failures > attempts * worryingShare}
        />
        <Figure label={t('services.routes.median')} value={timeOf(medianSeconds)} />
        <Figure label={t('services.routes.p95')} value={timeOf(p95Seconds)} />
      </SimpleGrid>
    </Box>
  );
}

function Figure({ label, value, isBad }: { label: string; value: string; isBad?: boolean }) {
  return (
    <Group component="div" gap={0} style={{ flexDirection: 'column', alignItems: 'flex-start' }}>
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <Text
        component="dd"
        m={0}
        size="sm"
        fw={600}
        className={`figures ${isBad ? classes.loss : ''}`}
      >
        {value}
      </Text>
    </Group>
  );
}
