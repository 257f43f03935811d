import { Anchor, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { OrderLink } from '../../kit/order-link.tsx';
import { OrderProgress } from '../../kit/order-progress.tsx';
import { Section } from '../../kit/section.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { OrderNumber } from './columns.tsx';
import type { OrderDetail } from './queries.ts';

type Fact = { label: string; value: ReactNode };

/** Facts beside their names, in as many columns as fit. */
export function Facts({ facts, cols = 2 }: { facts: readonly Fact[]; cols?: number }) {
  return (
    <SimpleGrid component="dl" m={0} cols={{ base: 1, xs: cols }} spacing="md" verticalSpacing="sm">
      {facts.map(({ label, value }) => (
        <Stack gap={0} key={label} miw={0}>
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} size="sm" className="long figures">
            {value}
          </Text>
        </Stack>
      ))}
    </SimpleGrid>
  );
}

/** What was ordered, and how far it is. */
export function OrderFacts({ detail: { order } }: { detail: OrderDetail }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const isWhole = order.kind !== 'subscription';
  const facts: Fact[] = [
    { label: t('orders.service'), value: `${order.service} · ${order.serviceName}` },
    { label: t('orders.link'), value: <OrderLink link={order.link} /> },
    ...(isWhole
      ? [
          { label: t('orders.quantity'), value: format.number(order.quantity) },
          { label: t('orders.remains'), value: format.number(order.remains) },
          {
            label: t('orders.startCount'),
            value: order.startCount === null ? '–' : format.number(order.startCount),
          },
        ]
      : []),
    { label: t('orders.placed'), value: format.moment(order.createdAt) },
    { label: t('orders.changed'), value: format.moment(order.updatedAt) },
    ...(order.completedAt === null
      ? []
      : [{ label: t('orders.completed'), value: format.moment(order.completedAt) }]),
    ...(order.parent === null
      ? []
      : [{ label: t('orders.parent'), value: <OrderNumber id={order.parent} /> }]),
    ...useParentFacts(order),
  ];
  return (
    <Section
      title={t('orders.facts')}
      actions={
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t(`orders.kinds.${order.kind}`)}
          </Text>
          <StatusBadge status={order.status} />
        </Group>
      }
    >
      {isWhole && (
        <OrderProgress
          status={order.status}
          done={order.quantity - order.remains}
          total={order.quantity}
        />
      )}
      <Facts facts={facts} />
      <Parameters parameters={order.parameters} />
    </Section>
  );
}

function useParentFacts({ dripFeed, subscription }: OrderDetail['order']): Fact[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (dripFeed !== null) {
    const { runsDone: done, runs: total, quantityPerRun: quantity } = dripFeed;
    const minutes = dripFeed.intervalMinutes;
    const { nextRunAt } = dripFeed;
    return [
      { label: t('orders.runs'), value: t('orders.runsOf', { done, total, quantity, minutes }) },
      { label: t('orders.nextRun'), value: nextRunAt === null ? '–' : format.moment(nextRunAt) },
    ];
  }
  if (subscription === null) return [];
  const { postsDone: done, posts: fresh, oldPosts, min, max } = subscription;
  const { delayMinutes, expiresAt } = subscription;
  const posts =
    fresh === null
      ? t('orders.postsFree', { done, min, max })
      : t('orders.postsOf', { done, total: fresh + oldPosts, min, max });
  return [
    { label: t('orders.posts'), value: posts },
    { label: t('orders.delay'), value: t('orders.minutes', { count: delayMinutes }) },
    { label: t('orders.expires'), value: expiresAt === null ? '–' : format.day(expiresAt) },
  ];
}

/** The parameters of the service's type, as they were sent. */
function Parameters({ parameters }: { parameters: OrderDetail['order']['parameters'] }) {
  const facts = Object.entries(parameters).map(([name, value]) => ({
    label: name.replaceAll('_', ' '),
    value: Array.isArray(value) ? value.join('\n') : String(value),
  }));
  if (facts.length === 0) return null;
  return (
    <Stack gap="sm">
      {facts.map(({ label, value }) => (
        <Stack gap={0} key={label}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text size="sm" className="long" style={{ whiteSpace: 'pre-line' }}>
            {value}
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}

/** What was charged, given back and paid for it, and what is left. */
export function MoneySection({ money }: { money: OrderDetail['money'] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const shown = (amount: string | null) =>
    amount === null ? t('orders.notKnown') : format.money(amount);
  const isLoss = money.margin !== null && Number(money.margin) < 0;
  const lines = [
    { label: t('orders.charge'), value: shown(money.charge) },
    { label: t('orders.refundedSum'), value: shown(money.refunded) },
    { label: t('orders.cost'), value: shown(money.cost) },
  ];
  return (
    <Section title={t('orders.money')}>
      <Stack gap={6}>
        {lines.map(({ label, value }) => (
          <Group key={label} justify="space-between">
            <Text size="sm" c="dimmed">
              {label}
            </Text>
            <Text size="sm" className="figures">
              {value}
            </Text>
          </Group>
        ))}
        <Group justify="space-between" pt={6} style={{ borderTop: '1px solid var(--line)' }}>
          <Text size="sm" fw={600}>
            {t('orders.margin')}
          </Text>
          <Text size="sm" fw={600} className="figures" {...(isLoss && { c: 'red' })}>
            {shown(money.margin)}
          </Text>
        </Group>
      </Stack>
    </Section>
  );
}

/** Who an order is of, leading to all of theirs. */
export function CustomerLine({ customer }: { customer: OrderDetail['customer'] }) {
  const { t } = useTranslation('admin');
  return (
    <Anchor
      renderRoot={(props) => (
        <Link to="/admin/orders" search={{ customer: customer.id }} {...props} />
      )}
      size="sm"
      className="long"
    >
      {t('orders.placedBy', customer)}
    </Anchor>
  );
}
