import { Alert, Anchor, SimpleGrid, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { Section } from '../../kit/section.tsx';
import { Health } from './health.tsx';
import type { Provider } from './queries.ts';
import { Spending } from './spending.tsx';
import { useFigures } from './use-figures.ts';

/** How a provider does: money, orders, calls. */
export function Overview({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  return (
    <Stack gap="lg">
      {provider.isSandbox && (
        <Alert color="gray" p="sm">
          {t('providers.sandboxText')}
        </Alert>
      )}
      {!provider.hasKey && (
        <Alert color="orange" p="sm" title={t('providers.noKey')}>
          {t('providers.noKeyText')}
        </Alert>
      )}
      {provider.pausedBy !== null && (
        <Alert color="red" p="sm" title={t(`providers.pausedTitle.${provider.pausedBy}`)}>
          {t(`providers.pausedText.${provider.pausedBy}`)}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Money provider={provider} />
        <Orders provider={provider} />
      </SimpleGrid>
      <Health provider={provider} />
      <Spending provider={provider} />
    </Stack>
  );
}

function Money({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const figures = useFigures();
  const { balance, balanceAt, balanceLowMark, isBalanceLow, currency } = provider;
  return (
    <Section title={t('providers.money')}>
      <Facts
        label={t('providers.money')}
        facts={[
          [
            t('providers.balance'),
            <Stack gap={0} key="balance">
              <Text
                span
                size="sm"
                {...(balance !== null && { fw: 600 })}
                {...(isBalanceLow && { className: 'loss' })}
              >
                {figures.ownMoney(balance, currency)}
                {isBalanceLow && ` (${t('providers.balanceLow')})`}
              </Text>
              {balanceAt !== null && (
                <Text span size="xs" c="dimmed">
                  {t('providers.balanceAt', { when: format.ago(balanceAt) })}
                </Text>
              )}
            </Stack>,
          ],
          [
            t('providers.lowMark'),
            balanceLowMark === null
              ? t('providers.noMark')
              : figures.ownMoney(balanceLowMark, currency),
          ],
          [t('providers.spentToday'), format.moneySum(provider.spentToday)],
          [t('providers.spentMonth'), format.moneySum(provider.spentMonth)],
        ]}
      />
    </Section>
  );
}

function Orders({ provider: { orders } }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Section title={t('providers.openOrders')}>
      <Facts
        label={t('providers.openOrders')}
        facts={[
          [t('providers.orders.due'), format.number(orders.due + orders.inFlight)],
          [t('providers.orders.following'), format.number(orders.following)],
          [
            t('providers.orders.unknown'),
            <Waiting key="u" queue="unknown" count={orders.unknown} />,
          ],
          [t('providers.orders.held'), <Waiting key="h" queue="held" count={orders.held} />],
        ]}
      />
    </Section>
  );
}

/** A count that leads to where it is worked off. */
function Waiting({ queue, count }: { queue: string; count: number }) {
  const format = useFormat();
  if (count === 0) return format.number(0);
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link to="/admin/queues" search={{ queue }} {...props} />}
    >
      {format.number(count)}
    </Anchor>
  );
}
