import { Anchor, Stack, Text } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { PaymentBadge } from './payment-badge.tsx';
import type { PaymentRow } from './queries.ts';

/** All payments of the customer, whatever became of them. */
export function Payments({ onShow }: { onShow: (paymentId: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const pages = usePages<PaymentRow>(['funds', 'payments', 'all'], (cursor) =>
    call(customerApi.funds.payments.$get({ query: { ...(cursor !== undefined && { cursor }) } })),
  );
  return (
    <DataList<PaymentRow>
      label={t('funds.payments')}
      keyOf={({ id }) => String(id)}
      onOpen={({ id }) => onShow(id)}
      empty={
        <EmptyState
          icon={IconReceipt}
          title={t('funds.noPayments')}
          text={t('funds.noPaymentsText')}
        />
      }
      columns={[
        {
          key: 'payment',
          label: t('funds.number'),
          render: ({ id, createdAt }) => (
            <Stack gap={0} align="flex-start">
              <Anchor
                component="button"
                type="button"
                size="sm"
                fw={600}
                onClick={() => onShow(id)}
              >
                {t('funds.payment', { id })}
              </Anchor>
              <Text size="xs" c="dimmed" className="figures">
                {format.moment(createdAt)}
              </Text>
            </Stack>
          ),
        },
        { key: 'method', label: t('funds.method'), render: ({ methodName }) => methodName },
        {
          key: 'amount',
          label: t('funds.toPay'),
          isFigure: true,
          render: ({ amount }) => format.money(amount),
        },
        {
          key: 'credit',
          label: t('funds.credited'),
          isFigure: true,
          render: ({ credit, creditedAt }) => (creditedAt === null ? '–' : format.money(credit)),
        },
        {
          key: 'state',
          label: t('orders.status'),
          width: 140,
          render: ({ state }) => <PaymentBadge state={state} />,
        },
      ]}
      {...pages}
    />
  );
}
