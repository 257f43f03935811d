import { Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { OrderLink } from '../../kit/order-link.tsx';
import { OrderProgress } from '../../kit/order-progress.tsx';
import { Section } from '../../kit/section.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import type { Order } from './queries.ts';

type Fact = [string, ReactNode];

/** What was ordered, what it cost, and how far it is. */
export function OrderFacts({ order }: { order: Order }) {
  const { t } = useTranslation();
  const what = useOrdered(order);
  const money = useMoney(order);
  const plan = usePlan(order);
  return (
    <Section title={order.serviceName}>
      <Stack gap="md">
        {order.kind !== 'subscription' && (
          <OrderProgress
            status={order.status}
            done={order.quantity - order.remains}
            total={order.quantity}
          />
        )}
        <Facts label={t('orders.ordered')} facts={what} />
        {plan.length > 0 && <Facts label={t('orders.plan')} facts={plan} />}
        {order.kind !== 'subscription' && <Facts label={t('newOrder.charge')} facts={money} />}
      </Stack>
    </Section>
  );
}

function Facts({ label, facts }: { label: string; facts: Fact[] }) {
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} aria-label={label}>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th fw={400} c="dimmed" w="40%" style={{ verticalAlign: 'top' }}>
                {name}
              </Table.Th>
              <Table.Td ta="right" className="figures long">
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function useOrdered(order: Order): Fact[] {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: (Fact | false)[] = [
    [t('orders.serviceNumber'), String(order.service)],
    [
      t(order.kind === 'subscription' ? 'newOrder.fields.username' : 'newOrder.fields.link'),
      <OrderLink key="link" link={order.link} />,
    ],
    order.parent !== null && [
      t('orders.parent'),
      <Group key="parent" gap={6} justify="flex-end">
        <Anchor component={Link} to={`/orders/${order.parent}`} size="sm">
          {order.parent}
        </Anchor>
        {order.run !== null && t('orders.run', { run: order.run })}
      </Group>,
    ],
    order.kind !== 'subscription' && [t('newOrder.fields.quantity'), format.number(order.quantity)],
    order.startCount !== null && [t('orders.startCount'), format.number(order.startCount)],
    order.kind !== 'subscription' && [t('orders.remains'), format.number(order.remains)],
    [t('orders.placed'), format.moment(order.createdAt)],
    order.completedAt !== null && [t('orders.ended'), format.moment(order.completedAt)],
  ];
  return facts.filter((fact) => fact !== false);
}

function useMoney({ charge, refunded }: Order): Fact[] {
  const { t } = useTranslation();
  const format = useFormat();
  const back = parseDecimal(refunded) ?? 0n;
  if (back === 0n) return [[t('orders.charged'), format.money(charge)]];
  const kept = formatUnits((parseDecimal(charge) ?? 0n) - back);
  return [
    [t('orders.charged'), format.money(charge)],
    [t('orders.refunded'), format.money(refunded)],
    [t('orders.kept'), <strong key="kept">{format.money(kept)}</strong>],
  ];
}

function usePlan({ dripFeed, subscription }: Order): Fact[] {
  const { t } = useTranslation();
  const format = useFormat();
  if (dripFeed !== null) {
    const { runs, runsDone, quantityPerRun, intervalMinutes, nextRunAt } = dripFeed;
    const facts: (Fact | false)[] = [
      [t('orders.runs'), `${format.number(runsDone)} / ${format.number(runs)}`],
      [t('orders.perRun'), format.number(quantityPerRun)],
      [t('newOrder.fields.interval'), format.number(intervalMinutes)],
      nextRunAt !== null && [t('orders.nextRun'), format.moment(nextRunAt)],
    ];
    return facts.filter((fact) => fact !== false);
  }
  if (subscription === null) return [];
  const { min, max, delayMinutes, posts, postsDone, oldPosts, expiresAt } = subscription;
  const wanted = posts === null ? t('orders.untilStopped') : format.number(posts + oldPosts);
  const facts: (Fact | false)[] = [
    [t('orders.perPost'), `${format.number(min)} – ${format.number(max)}`],
    [t('orders.posts'), `${format.number(postsDone)} / ${wanted}`],
    oldPosts > 0 && [t('newOrder.fields.old_posts'), format.number(oldPosts)],
    [t('newOrder.fields.delay'), format.number(delayMinutes)],
    expiresAt !== null && [t('orders.expires'), format.moment(expiresAt)],
  ];
  return facts.filter((fact) => fact !== false);
}
