import { Anchor, Text } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { useAreas } from '../use-areas.ts';
import { type Line, paramOf, statementKey } from './queries.ts';

/** A reference that the page made, so that the same is not done twice, tells nobody anything. */
const madeUp = /^(staff-)?[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Every transfer of a customer's wallet, newest first. */
export function Statement({ customerId }: { customerId: number }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const pages = usePages<Line>(statementKey(customerId), (cursor) =>
    call(
      adminApi.customers[':customerId'].statement.$get({
        ...paramOf(customerId),
        query: { ...(cursor && { cursor }) },
      }),
    ),
  );
  return (
    <DataList<Line>
      label={t('customers.tabs.statement')}
      keyOf={({ number }) => String(number)}
      empty={
        <EmptyState
          icon={IconReceipt}
          title={t('customers.noLines')}
          text={t('customers.noLinesText')}
        />
      }
      columns={[
        { key: 'what', label: t('customers.what'), render: (line) => <What line={line} /> },
        {
          key: 'at',
          label: t('customers.at'),
          render: ({ createdAt }) => format.moment(createdAt),
        },
        {
          key: 'number',
          label: '#',
          isFigure: true,
          width: 80,
          isWideOnly: true,
          render: ({ number }) => format.number(number),
        },
        {
          key: 'change',
          label: t('customers.change'),
          isFigure: true,
          render: ({ change }) => (
            <Text span size="sm" fw={600} {...(!change.startsWith('-') && { className: 'gain' })}>
              {change.startsWith('-') ? format.money(change) : `+${format.money(change)}`}
            </Text>
          ),
        },
        {
          key: 'balance',
          label: t('customers.balance'),
          isFigure: true,
          render: ({ balanceAfter }) => format.money(balanceAfter),
        },
      ]}
      {...pages}
    />
  );
}

function What({ line: { account, reference, orderId, change } }: { line: Line }) {
  const { t } = useTranslation('admin');
  const mayOpen = useAreas().has('orders') && orderId !== null;
  const isBack = account === 'sales' && !change.startsWith('-');
  const source = useSource(reference, orderId);
  return (
    <>
      <Text size="sm" fw={600}>
        {t(isBack ? 'customers.accounts.refund' : `customers.accounts.${account}`)}
      </Text>
      {mayOpen ? (
        <Anchor
          size="xs"
          className="figures"
          renderRoot={(props) => <Link to={`/admin/orders/${orderId}`} {...props} />}
        >
          {source}
        </Anchor>
      ) : (
        <Text size="xs" c="dimmed" className="long figures">
          {source}
        </Text>
      )}
    </>
  );
}

/** What a line came from, in words; a reference that staff gave stands as they wrote it. */
function useSource(reference: string, orderId: number | null): string {
  const { t } = useTranslation('admin');
  if (orderId !== null) return t('customers.fromOrder', { id: orderId });
  const payment = /^payment:(\d+):/.exec(reference)?.[1];
  if (payment !== undefined) return t('payments.number', { id: payment });
  const given = reference.replace(/^(deposits|bonuses|adjustments):/, '');
  return madeUp.test(given) ? '' : given;
}
