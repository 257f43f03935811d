import { Badge, NativeSelect, Stack, Tabs, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { WaitingPrices } from '../services/waiting.tsx';
import { useAreas } from '../use-areas.ts';
import { CancelQueue } from './cancels.tsx';
import { DeliveryQueueList } from './deliveries.tsx';
import { NothingWaits } from './nothing.tsx';
import { countsQuery, deliveryQueues, type QueueName, queueNames } from './queries.ts';
import { RefillQueue } from './refills.tsx';
import { StuckQueue } from './stuck.tsx';

/** What waits for staff, a tab for each queue, with how much is in it. */
export default function QueuesPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const given: { queue?: string } = useSearch({ strict: false });
  const { data: counts } = useQuery(countsQuery);
  // As it was at first: what somebody is at work on stays when another begins to fill.
  const [first, setFirst] = useState<QueueName>();
  if (first === undefined && counts) {
    setFirst(queueNames.find((name) => counts[name] > 0) ?? 'unknown');
  }
  const queue = queueNames.find((name) => name === given.queue) ?? first ?? 'unknown';
  // Nine tabs are wider than a phone.
  const isWide = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false });
  const show = (next: string | null) =>
    void navigate({ to: '/admin/queues', search: { queue: next ?? 'unknown' } });
  return (
    <Page title={t('queues.title')} description={t('queues.description')}>
      <Tabs value={queue} onChange={show} keepMounted={false}>
        {isWide ? (
          <Tabs.List mb="md">
            {queueNames.map((name) => (
              <Tabs.Tab key={name} value={name} rightSection={<Count of={counts?.[name]} />}>
                {t(`queues.tabs.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        ) : (
          <NativeSelect
            mb="md"
            aria-label={t('queues.title')}
            value={queue}
            onChange={(event) => show(event.currentTarget.value)}
            data={queueNames.map((name) => ({
              value: name,
              label: `${t(`queues.tabs.${name}`)} (${counts?.[name] ?? 0})`,
            }))}
          />
        )}
        <Tabs.Panel value={queue}>
          <Queue name={queue} prices={counts?.prices ?? 0} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Count({ of }: { of: number | undefined }) {
  if (of === undefined || of === 0) return null;
  return (
    <Badge size="sm" color="orange" className="figures status" miw="max-content">
      {of}
    </Badge>
  );
}

function Queue({ name, prices }: { name: QueueName; prices: number }) {
  const { t } = useTranslation('admin');
  if (name === 'prices') return <Prices count={prices} />;
  const delivery = deliveryQueues.find((each) => each === name);
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={720}>
        {t(`queues.about.${name}`)}
      </Text>
      {delivery && <DeliveryQueueList key={delivery} queue={delivery} />}
      {name === 'refills' && <RefillQueue />}
      {name === 'cancels' && <CancelQueue />}
      {name === 'stuck' && <StuckQueue />}
    </Stack>
  );
}

/** Prices are read and decided by who may change services. */
function Prices({ count }: { count: number }) {
  const { t } = useTranslation('admin');
  const mayDecide = useAreas().has('services');
  if (mayDecide) return <WaitingPrices />;
  if (count === 0) return <NothingWaits queue="prices" />;
  return <EmptyState title={t('queues.prices', { count })} text={t('queues.pricesNot')} />;
}
