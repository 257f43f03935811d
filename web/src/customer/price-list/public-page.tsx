import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { NotFound } from '../../kit/not-found.tsx';
import { useOwnWords } from '../../kit/own-words.ts';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
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
  if (list.error) return <ErrorState error={list.error} reset={() => void list.refetch()} />;
  if (list.data === undefined) return <PageSkeleton />;
  const { services } = list.data;
  if (services.length === 0) {
    return <EmptyState title={t('newOrder.noServices')} text={t('newOrder.noServicesText')} />;
  }
  return <PriceListFinder services={services} />;
}
