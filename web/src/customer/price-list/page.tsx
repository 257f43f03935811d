import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { offerQuery } from '../services.ts';
import { Changes } from './changes.tsx';
import { PriceListFinder } from './finder.tsx';

/** What is offered at the customer's prices, and what changed of it. */
export default function ServicesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { view = 'list' }: { view?: string } = useSearch({ strict: false });
  return (
    <Page title={t('services.title')} description={t('services.description')}>
      <Tabs
        value={view}
        onChange={(next) => void navigate({ to: '/services', search: { view: next ?? 'list' } })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="list">{t('services.list')}</Tabs.Tab>
          <Tabs.Tab value="changes">{t('services.changes')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <OwnPrices />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <Changes />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function OwnPrices() {
  const { t } = useTranslation();
  const offer = useQuery(offerQuery);
  return (
    <Loaded query={offer}>
      {({ services, favourites }) =>
        services.length === 0 ? (
          <EmptyState title={t('newOrder.noServices')} text={t('newOrder.noServicesText')} />
        ) : (
          <PriceListFinder services={services} favourites={favourites} />
        )
      }
    </Loaded>
  );
}
