import { Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { usePanel } from '../../session.ts';
import { countsQuery, queueNames } from '../queues/queries.ts';

/** What waits for staff: a card for each queue that is not empty, which leads there. */
export function Work() {
  const { signedIn } = usePanel();
  return signedIn?.staff?.areas.includes('orders') ? <WaitingWork /> : null;
}

function WaitingWork() {
  const { t } = useTranslation('admin');
  const { data: counts, isError } = useQuery(countsQuery);
  if (isError) return null;
  const waiting = queueNames.filter((name) => (counts?.[name] ?? 0) > 0);
  return (
    <Stack gap="sm" component="section" aria-labelledby="waiting">
      <Title order={2} id="waiting">
        {t('dashboard.waiting')}
      </Title>
      {counts === undefined && <Skeleton h={84} radius="lg" />}
      {counts !== undefined && waiting.length === 0 && (
        <Group gap="xs" c="dimmed" wrap="nowrap">
          <IconCircleCheck size={20} aria-hidden />
          <Text size="sm">{t('dashboard.nothingWaits')}</Text>
        </Group>
      )}
      <SimpleGrid cols={{ base: 2, sm: 3, md: 4, lg: 5 }} spacing="sm">
        {waiting.map((name) => (
          <Queue key={name} name={name} count={counts?.[name] ?? 0} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function Queue({ name, count }: { name: (typeof queueNames)[number]; count: number }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Paper
      className="surface linked"
      p="md"
      renderRoot={(props) => <Link to="/admin/queues" search={{ queue: name }} {...props} />}
    >
      <Text fz={24} fw={650} lh={1.2} className="figures">
        {format.number(count)}
      </Text>
      <Text size="sm" c="dimmed">
        {t(`queues.tabs.${name}`)}
      </Text>
    </Paper>
  );
}
