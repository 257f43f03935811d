import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { SearchField } from '../../kit/search-field.tsx';
import { RowLink } from '../row-link.tsx';
import { NewCustomer } from './new-customer.tsx';
import { type CustomerRow, listKey } from './queries.ts';
import { CustomerStatus } from './status.tsx';

const statuses = ['active', 'suspended'] as const;
type Search = { search?: string; status?: (typeof statuses)[number] };

/** Customers: found, created, gone to. */
export default function CustomersPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const search = readSearch(useSearch({ strict: false }));
  const [isMaking, setMaking] = useState(false);
  const columns = useColumns();
  const pages = usePages<CustomerRow>([...listKey, search], (cursor) =>
    call(adminApi.customers.$get({ query: { ...search, ...(cursor && { cursor }) } })),
  );
  const change = (next: Search) =>
    void navigate({ to: '/admin/customers', search: readSearch(next), replace: true });
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page
      title={t('customers.title')}
      description={t('customers.description')}
      actions={
        <Button
          leftSection={<IconUserPlus size={16} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          {t('customers.new')}
        </Button>
      }
    >
      <Filters search={search} onChange={change} />
      <DataList<CustomerRow>
        label={t('customers.title')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={({ id }) => void navigate({ to: `/admin/customers/${id}` })}
        empty={
          <EmptyState
            icon={IconUsers}
            title={t(isFiltered ? 'customers.noneSuch' : 'customers.none')}
            text={t(isFiltered ? 'customers.noneSuchText' : 'customers.noneText')}
          />
        }
        {...pages}
      />
      {isMaking && <NewCustomer onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Filters({ search, onChange }: { search: Search; onChange: (next: Search) => void }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  return (
    <Group gap="sm" align="flex-end">
      <SearchField
        label={words('states.search')}
        placeholder={t('customers.searchFor')}
        value={search.search ?? ''}
        onChange={(text) => onChange({ ...search, search: text })}
      />
      <SegmentedControl
        aria-label={t('customers.status')}
        value={search.status ?? 'all'}
        onChange={(status) => onChange({ ...search, status: status as 'active' })}
        data={[
          { value: 'all', label: words('states.all') },
          ...statuses.map((value) => ({ value, label: t(`customers.statuses.${value}`) })),
        ]}
      />
    </Group>
  );
}

function useColumns(): Column<CustomerRow>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    { key: 'name', label: t('customers.customer'), render: (row) => <Name row={row} /> },
    {
      key: 'status',
      label: t('customers.status'),
      width: 120,
      render: ({ status }) => <CustomerStatus status={status} />,
    },
    {
      key: 'discount',
      label: t('customers.discount'),
      isFigure: true,
      width: 110,
      render: ({ discountBasisPoints }) =>
        discountBasisPoints === 0 ? '–' : format.percent(discountBasisPoints / 10_000, 2),
    },
    {
      key: 'balance',
      label: t('customers.balance'),
      isFigure: true,
      width: 180,
      render: ({ balance }) => (
        <Text span size="sm" fw={600} {...(balance.startsWith('-') && { className: 'loss' })}>
          {format.money(balance)}
        </Text>
      ),
    },
    {
      key: 'created',
      label: t('customers.since'),
      isFigure: true,
      width: 140,
      render: ({ createdAt }) => format.day(createdAt),
    },
  ];
}

function Name({ row: { id, name, email } }: { row: CustomerRow }) {
  const { t } = useTranslation('admin');
  return (
    <Stack gap={0}>
      <RowLink to={`/admin/customers/${id}`} name={name} />
      <Text size="xs" c="dimmed" className="long figures">
        {id} · {email ?? t('customers.noLogin')}
      </Text>
    </Stack>
  );
}

/** Reads the address; what makes no sense there is left out. */
function readSearch(given: Readonly<Record<string, unknown>>): Search {
  const search = String(given.search ?? '').trim();
  const status = statuses.find((each) => each === given.status);
  return { ...(search !== '' && { search }), ...(status && { status }) };
}
