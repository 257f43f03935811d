import { Badge, Grid, Group, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { BackLink } from '../../kit/back-link.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
import { Section } from '../../kit/section.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { ActionsSection } from './actions.tsx';
import { AttemptsSection, DeliverySection } from './delivery.tsx';
import { CustomerLine, MoneySection, OrderFacts } from './facts.tsx';
import { ChildrenSection } from './parent.tsx';
import { type OrderDetail, orderQuery } from './queries.ts';
import { CancelButtons, RefillButtons } from './requests.tsx';
import { TimelineSection } from './timeline.tsx';

/** One order with all there is to know, and all that can be done. */
export default function StaffOrderPage() {
  const { t } = useTranslation('admin');
  const { orderId = '' }: { orderId?: string } = useParams({ strict: false });
  const query = useQuery(orderQuery(orderId));
  const title = t('orders.order', { id: orderId });
  if (query.data === undefined) {
    return (
      <Page title={title}>
        {query.error ? (
          <ErrorState error={query.error} reset={() => void query.refetch()} />
        ) : (
          <PageSkeleton />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={title}
      description={<CustomerLine customer={query.data.customer} />}
      actions={<BackLink to="/admin/orders" label={t('orders.back')} />}
    >
      <Detail detail={query.data} />
    </Page>
  );
}

function Detail({ detail }: { detail: OrderDetail }) {
  const { order } = detail;
  // On a phone what to do comes before what has happened.
  const isWide = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false });
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="lg">
          <OrderFacts detail={detail} />
          {!isWide && <Aside detail={detail} />}
          {order.kind !== 'single' && <ChildrenSection detail={detail} />}
          <TimelineSection {...detail} />
          {(detail.delivery !== null || detail.attempts.length > 0) && (
            <AttemptsSection attempts={detail.attempts} />
          )}
        </Stack>
      </Grid.Col>
      {isWide && (
        <Grid.Col span={4}>
          <Stack gap="lg">
            <Aside detail={detail} />
          </Stack>
        </Grid.Col>
      )}
    </Grid>
  );
}

function Aside({ detail }: { detail: OrderDetail }) {
  return (
    <>
      <ActionsSection detail={detail} />
      <MoneySection money={detail.money} />
      {(detail.delivery !== null || detail.order.kind === 'single') && (
        <DeliverySection delivery={detail.delivery} />
      )}
      <CancelSection detail={detail} />
      <RefillsSection detail={detail} />
    </>
  );
}

function CancelSection({ detail: { cancel, order, customer } }: { detail: OrderDetail }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (cancel === null) return null;
  const isOpen = cancel.state === 'requested' && order.completedAt === null;
  const target = { ...order, customerId: customer.id, customer: customer.name };
  return (
    <Section
      title={t('orders.cancellation')}
      actions={
        <Badge color={isOpen ? 'orange' : 'gray'} tt="none" miw="max-content" className="status">
          {t(`orders.cancelStates.${cancel.state}`)}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed">
        {[format.moment(cancel.requestedAt), cancel.provider, cancel.note]
          .filter((part) => part !== null && part !== '')
          .join(' · ')}
      </Text>
      {isOpen && <CancelButtons order={target} />}
    </Section>
  );
}

function RefillsSection({ detail: { refills } }: { detail: OrderDetail }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (refills.length === 0) return null;
  return (
    <Section title={t('orders.refills')}>
      {refills.map((refill) => (
        <Stack gap="xs" key={refill.id}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              {t('orders.refill', { id: refill.id })}
            </Text>
            <StatusBadge status={refill.status} />
          </Group>
          <Text size="sm" c="dimmed" className="long">
            {[format.moment(refill.requestedAt), refill.provider, refill.note]
              .filter((part) => part !== null && part !== '')
              .join(' · ')}
          </Text>
          <RefillButtons refill={refill} />
        </Stack>
      ))}
    </Section>
  );
}
