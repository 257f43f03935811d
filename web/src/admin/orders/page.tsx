import { Button } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { BulkBar, BulkSummary } from './bulk.tsx';
import { useOrderColumns } from './columns.tsx';
import { OrderFilters } from './filters.tsx';
import { type BulkResults, ordersKey, refetchInterval, type StaffOrder } from './queries.ts';
import { type OrderSearch, readOrderSearch, toQuery } from './search.ts';

/** Orders of all customers: found, and settled, sent again or refunded many at once. */
export default function StaffOrdersPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const search = readOrderSearch(useSearch({ strict: false }));
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [results, setResults] = useState<BulkResults>();
  const columns = useOrderColumns();
  const pages = usePages<StaffOrder>(
    [ordersKey, 'list', search],
    (cursor) =>
      call(adminApi.orders.$get({ query: { ...toQuery(search), ...(cursor && { cursor }) } })),
    { refetchInterval },
  );
  const change = (next: OrderSearch) => {
    setChosen(new Set());
    void navigate({ to: '/admin/orders', search: readOrderSearch(next), replace: true });
  };
  const picked = (pages.rows ?? []).filter(({ id }) => chosen.has(String(id)));
  return (
    <Page title={t('orders.title')} description={t('orders.description')}>
      <OrderFilters search={search} onChange={change} />
      {results && <BulkSummary results={results} onClose={() => setResults(undefined)} />}
      {picked.length > 0 && (
        <BulkBar
          orders={picked}
          onDone={(done) => {
            setResults(done);
            setChosen(new Set());
          }}
          onClear={() => setChosen(new Set())}
        />
      )}
      <DataList<StaffOrder>
        label={t('orders.title')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={({ id }) => void navigate({ to: `/admin/orders/${id}` })}
        selection={{ chosen, onChange: setChosen }}
        empty={
          <NoOrders
            isFiltered={Object.keys(search).length > 0}
            onMore={pages.onMore}
            isLoading={pages.isMoreLoading}
            onClear={() => change({})}
          />
        }
        {...pages}
      />
    </Page>
  );
}

type NoneProps = {
  isFiltered: boolean;
  /** Where older orders have not been looked through yet. */
  onMore: (() => void) | undefined;
  isLoading: boolean;
  onClear: () => void;
};

function NoOrders({ isFiltered, onMore, isLoading, onClear }: NoneProps) {
  const { t } = useTranslation('admin');
  const icon = IconListDetails;
  if (!isFiltered) {
    return <EmptyState icon={icon} title={t('orders.none')} text={t('orders.noneText')} />;
  }
  const isPart = onMore !== undefined;
  return (
    <EmptyState
      icon={icon}
      title={t(isPart ? 'orders.searchedPart' : 'orders.noneSuch')}
      text={t(isPart ? 'orders.searchedPartText' : 'orders.noneSuchText')}
      action={
        <Button variant="default" mt="xs" onClick={onMore ?? onClear} loading={isLoading}>
          {t(isPart ? 'orders.further' : 'orders.clear')}
        </Button>
      }
    />
  );
}
