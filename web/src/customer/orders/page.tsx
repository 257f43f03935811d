import { Button } from '@mantine/core';
import { IconDownload, IconListDetails, IconShoppingCartPlus } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { BulkBar, BulkSummary } from './bulk.tsx';
import { useOrderColumns } from './columns.tsx';
import { OrderFilters } from './filters.tsx';
import type { OrderRow } from './queries.ts';
import { exportAddress, type OrderSearch, readOrderSearch } from './search.ts';
import type { BulkResult } from './use-bulk.ts';

/** A customer's orders: found, followed, refilled and cancelled, one by one or many at once. */
export default function OrdersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = readOrderSearch(useSearch({ strict: false }));
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [result, setResult] = useState<BulkResult>();
  const columns = useOrderColumns();
  const pages = usePages<OrderRow>(['orders', 'list', search], (cursor) =>
    call(
      customerApi.orders.$get({
        query: {
          ...search,
          ...(search.service !== undefined && { service: String(search.service) }),
          ...(cursor !== undefined && { cursor }),
        },
      }),
    ),
  );
  const change = (next: OrderSearch) => {
    setChosen(new Set());
    void navigate({ to: '/orders', search: readOrderSearch(next), replace: true });
  };
  return (
    <Page
      title={t('orders.title')}
      description={t('orders.description')}
      actions={<Export search={search} />}
    >
      <OrderFilters search={search} onChange={change} />
      {result && <BulkSummary result={result} onClose={() => setResult(undefined)} />}
      {chosen.size > 0 && (
        <BulkBar
          ids={[...chosen].map(Number)}
          onDone={(done) => {
            setResult(done);
            setChosen(new Set());
          }}
          onClear={() => setChosen(new Set())}
        />
      )}
      <DataList<OrderRow>
        label={t('orders.title')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={({ id }) => void navigate({ to: `/orders/${id}` })}
        selection={{ chosen, onChange: setChosen }}
        empty={<NoOrders isFiltered={Object.keys(search).length > 0} onClear={() => change({})} />}
        {...pages}
      />
    </Page>
  );
}

function Export({ search }: { search: OrderSearch }) {
  const { t } = useTranslation();
  return (
    <Button
      component="a"
      href={exportAddress(search)}
      download
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {t('orders.export')}
    </Button>
  );
}

function NoOrders({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  if (isFiltered) {
    return (
      <EmptyState
        icon={IconListDetails}
        title={t('orders.noneSuch')}
        text={t('orders.noneSuchText')}
        action={
          <Button variant="default" mt="xs" onClick={onClear}>
            {t('orders.clearFilters')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={IconListDetails}
      title={t('orders.none')}
      text={t('orders.noneText')}
      action={
        <Button
          renderRoot={(props) => <Link to="/" {...props} />}
          leftSection={<IconShoppingCartPlus size={16} aria-hidden />}
          mt="xs"
        >
          {t('nav.newOrder')}
        </Button>
      }
    />
  );
}
