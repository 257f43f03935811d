import { Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { menuQuery } from '../menu-badges.tsx';
import { countsQuery, type QueueName, queueNames } from '../queues/queries.ts';
import { useAreas } from '../use-areas.ts';

/** What waits for this member of staff: a card for each queue that is not empty. */
export function Work() {
  const areas = useAreas();
  const seesOrders = areas.has('orders');
  const seesPayments = areas.has('payments');
  const { data: counts, isError } = useQuery({ ...countsQuery, enabled: seesOrders });
  const { data: menu } = useQuery({ ...menuQuery, enabled: seesPayments });
  if ((isError && !counts) || !(seesOrders || seesPayments)) return null;
  return (
    <Waiting counts={counts} payments={menu?.payments ?? 0} isComing={seesOrders && !counts} />
  );
}

type Counts = Partial<Record<QueueName, number>>;
type WaitingProps = { counts: Counts | undefined; payments: number; isComing: boolean };

function Waiting({ counts, payments, isComing }: WaitingProps) {
  const { t } = useTranslation('admin');
  const waiting = queueNames.filter((name) => (counts?.[name] ?? 0) > 0);
  return (
    <Stack gap="sm" component="section" aria-labelledby="waiting">
      <Title order={2} id="waiting">
        {t('dashboard.waiting')}
      </Title>
      {isComing && <Skeleton h={84} radius="lg" />}
      {!isComing && waiting.length + payments === 0 && (
        <Group gap="xs" c="dimmed" wrap="nowrap">
          <IconCircleCheck size={20} aria-hidden />
          <Text size="sm">{t('dashboard.nothingWaits')}</Text>
        </Group>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {waiting.map((name) => (
          <Card
            key={name}
            to="/admin/queues"
            search={{ queue: name }}
            count={counts?.[name] ?? 0}
            label={t(`queues.tabs.${name}`)}
          />
        ))}
        {payments > 0 && (
          <Card
            to="/admin/payments"
            search={{ wants: 'attention' }}
            count={payments}
            label={t('frame.pages.payments')}
          />
        )}
      </SimpleGrid>
    </Stack>
  );
}

type CardProps = {
  to: string;
  search: Record<string, string>;
  count: number;
  label: string;
};

function Card({ to, search, count, label }: CardProps) {
  const format = useFormat();
  return (
    <Paper
      className="surface linked"
      p="md"
      renderRoot={(props) => <Link to={to} search={search} {...props} />}
    >
      <Text fz={24} fw={650} lh={1.2} className="figures">
        {format.number(count)}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </Paper>
  );
}
