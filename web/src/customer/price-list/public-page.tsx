import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Loaded } from '../../kit/loaded.tsx';
import { NotFound } from '../../kit/not-found.tsx';
import { useOwnWords } from '../../kit/own-words.ts';
import { Page } from '../../kit/page.tsx';
import { usePanel } from '../../session.ts';
import { PriceListFinder } from './finder.tsx';

const priceListQuery = queryOptions({
  queryKey: ['price-list'],
  queryFn: () => call(customerApi['price-list'].$get()),
  staleTime: 60_000,
});

/** The list prices for everybody, where the operator shows them. */
export default function PublicPriceListPage() {
  const { t } = useTranslation();
  const { panel, signedIn } = usePanel();
  const wordsOf = useOwnWords();
  if (!panel.isPriceListPublic) return <NotFound />;
  const start = (
    <Button component={Link} to={signedIn ? '/' : '/sign-in'}>
      {t(signedIn ? 'nav.newOrder' : 'signIn.title')}
    </Button>
  );
  return (
    <Page
      title={t('nav.priceList')}
      description={wordsOf(panel.tagline, panel.taglineZh)}
      actions={start}
    >
      <PriceList />
    </Page>
  );
}

function PriceList() {
  const { t } = useTranslation();
  const list = useQuery(priceListQuery);
  return (
    <Loaded query={list}>
      {({ services }) =>
        services.length === 0 ? (
          <EmptyState title={t('newOrder.noServices')} text={t('newOrder.noServicesText')} />
        ) : (
          <PriceListFinder services={services} />
        )
      }
    </Loaded>
  );
}
