import { Button, Center, Group, Paper, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ErrorState } from '../../kit/error-state.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { usePages } from '../../kit/pages.ts';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { AcknowledgeButton } from '../orders/acknowledge.tsx';
import { CustomerName, OrderNumber } from '../orders/columns.tsx';
import { DecideButtons } from '../orders/decide.tsx';
import { useReasonText } from '../orders/delivery-state.tsx';
import { EvidenceView, RawReply } from '../orders/evidence.tsx';
import { differenceOf } from '../orders/money.ts';
import { ordersKey, refetchInterval } from '../orders/queries.ts';
import { SettleDialog } from '../orders/settle.tsx';
import { NothingWaits } from './nothing.tsx';
import type { DeliveryQueue, QueuedOrder } from './queries.ts';

/** Deliveries that wait, each with what is known of it and what decides it. */
export function DeliveryQueueList({ queue }: { queue: DeliveryQueue }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const pages = usePages<QueuedOrder>(
    [ordersKey, 'queues', queue],
    (cursor) =>
      call(
        adminApi.queues.deliveries.$get({
          query: { queue, limit: '20', ...(cursor && { cursor }) },
        }),
      ),
    { refetchInterval },
  );
  if (pages.rows === undefined) {
    if (pages.error) return <ErrorState error={pages.error} reset={pages.onRetry} />;
    return <Skeleton h={220} radius="lg" aria-busy="true" />;
  }
  if (pages.rows.length === 0) return <NothingWaits queue={queue} />;
  return (
    <Stack gap="md">
      <Stack
        gap="md"
        component="ul"
        p={0}
        m={0}
        style={{ listStyle: 'none' }}
        aria-label={t(`queues.tabs.${queue}`)}
      >
        {pages.rows.map((order) => (
          <QueueCard key={order.orderId} order={order} queue={queue} />
        ))}
      </Stack>
      {pages.onMore && (
        <Center>
          <Button variant="default" onClick={pages.onMore} loading={pages.isMoreLoading}>
            {words('states.more')}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

type CardProps = { order: QueuedOrder; queue: DeliveryQueue };

function QueueCard({ order, queue }: CardProps) {
  const { t } = useTranslation('admin');
  const hasEvidence = queue === 'unknown';
  return (
    <Paper className="surface" p={{ base: 'md', sm: 'lg' }} component="li">
      <Stack gap="md">
        <Heading order={order} />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <What order={order} />
          <Stack gap="sm" miw={0}>
            {hasEvidence && (
              <Stack gap={4}>
                <Text size="xs" c="dimmed">
                  {t('queues.evidence')}
                </Text>
                <EvidenceView evidence={order.evidence} />
              </Stack>
            )}
            {order.raw !== null && order.state !== 'following' && (
              <Stack gap={4}>
                <Text size="xs" c="dimmed">
                  {t('queues.reply')}
                </Text>
                <RawReply raw={order.raw} />
              </Stack>
            )}
          </Stack>
        </SimpleGrid>
        <QueueActions order={order} queue={queue} />
      </Stack>
    </Paper>
  );
}

function Heading({ order }: { order: QueuedOrder }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="sm">
        <OrderNumber id={order.orderId} />
        <StatusBadge status={order.status} />
        <CustomerName name={order.customer} id={order.customerId} />
      </Group>
      <Text size="sm" c="dimmed" title={format.moment(order.since)}>
        {t('queues.since', { ago: format.ago(order.since) })}
      </Text>
    </Group>
  );
}

function What({ order }: { order: QueuedOrder }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const reasonText = useReasonText();
  const { quantity, externalServiceId: service, provider, cost, charge } = order;
  const loss = cost === null ? '0' : differenceOf(cost, charge);
  return (
    <Stack gap={4} miw={0}>
      <Text size="sm" fw={600} className="long">
        {reasonText(order.reason)}
      </Text>
      <Text size="sm" className="long">
        {order.serviceId} · {order.service}
      </Text>
      <OrderLink link={order.link} />
      <Text size="sm" c="dimmed" className="long figures">
        {t('queues.whatThere', { quantity: format.number(quantity), service, provider })}
      </Text>
      <Text size="sm" c="dimmed" className="figures">
        {t('queues.paid', { amount: format.money(charge) })}
        {cost !== null && ` · ${t('queues.costs', { amount: format.money(cost) })}`}
      </Text>
      {Number(loss) > 0 && (
        <Text size="sm" c="red" fw={600} className="figures">
          {t('queues.loss', { amount: format.money(loss) })}
        </Text>
      )}
      {order.externalId !== null && (
        <Text size="sm" className="figures">
          {t('queues.there', { id: order.externalId })}
        </Text>
      )}
    </Stack>
  );
}

function QueueActions({ order, queue }: CardProps) {
  if (queue === 'late') return <AcknowledgeButton order={order} />;
  if (queue !== 'flagged') return <DecideButtons order={order} />;
  return (
    <Group gap="xs">
      <SettleButton order={order} />
      <AcknowledgeButton order={order} />
    </Group>
  );
}

function SettleButton({ order }: { order: QueuedOrder }) {
  const { t } = useTranslation('admin');
  const [isOpen, setOpen] = useState(false);
  if (order.kind !== 'single') return null;
  return (
    <>
      <Button size="xs" onClick={() => setOpen(true)}>
        {t('orders.settle')}
      </Button>
      {isOpen && (
        <SettleDialog
          order={{ ...order, id: order.orderId, startCount: null }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
