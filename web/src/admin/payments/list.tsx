import { Button, Stack, Text } from '@mantine/core';
import { IconCreditCard } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { RowButton } from '../../kit/row-button.tsx';
import { PaymentBadges } from './badges.tsx';
import { listKey, type PaymentRow } from './queries.ts';
import type { PaymentSearch } from './search.ts';

type Props = {
  search: PaymentSearch;
  onOpen: (id: number) => void;
  /** Undefined where there is nothing to clear. */
  onClear?: () => void;
};

/** Payments, newest first. */
export function PaymentList({ search, onOpen, onClear }: Props) {
  const { t } = useTranslation('admin');
  const columns = useColumns(onOpen);
  const { method, customer, ...rest } = search;
  const query = {
    ...(rest.state && { state: rest.state }),
    ...(rest.flag && { flag: rest.flag }),
    ...(rest.wants && { wants: rest.wants }),
    ...(method !== undefined && { method: String(method) }),
    ...(customer !== undefined && { customer: String(customer) }),
  };
  const pages = usePages<PaymentRow>([...listKey, query], (cursor) =>
    call(adminApi.payments.$get({ query: { ...query, ...(cursor && { cursor }) } })),
  );
  const isFiltered = onClear !== undefined && Object.keys(query).length > 0;
  return (
    <DataList<PaymentRow>
      label={t('payments.title')}
      columns={columns}
      keyOf={({ id }) => String(id)}
      onOpen={({ id }) => onOpen(id)}
      empty={
        <EmptyState
          icon={IconCreditCard}
          title={t(isFiltered ? 'payments.noneSuch' : 'payments.none')}
          text={t(isFiltered ? 'payments.noneSuchText' : 'payments.noneText')}
          action={
            isFiltered && (
              <Button variant="default" mt="xs" onClick={onClear}>
                {t('payments.clearFilters')}
              </Button>
            )
          }
        />
      }
      {...pages}
    />
  );
}

function useColumns(onOpen: Props['onOpen']): Column<PaymentRow>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'customer',
      label: t('customers.customer'),
      render: ({ id, customerId, customerName, createdAt }) => (
        <Stack gap={0} align="flex-start">
          <RowButton
            label={`${customerName}, ${t('payments.number', { id })}`}
            onOpen={() => onOpen(id)}
          >
            {customerName}
          </RowButton>
          <Text size="xs" c="dimmed" className="figures">
            {t('payments.line', { id, customer: customerId, at: format.moment(createdAt) })}
          </Text>
        </Stack>
      ),
    },
    { key: 'method', label: t('payments.method'), render: ({ methodName }) => methodName },
    {
      key: 'state',
      label: t('payments.state'),
      render: (payment) => <PaymentBadges payment={payment} />,
    },
    {
      key: 'amount',
      label: t('payments.amount'),
      isFigure: true,
      render: ({ amount }) => format.money(amount),
    },
    {
      key: 'credit',
      label: t('payments.credit'),
      isFigure: true,
      render: ({ credit }) => <strong>{format.money(credit)}</strong>,
    },
  ];
}
