import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { Section } from '../../kit/section.tsx';
import { useOrderColumns } from './columns.tsx';
import type { Order, OrderRow } from './queries.ts';

const pageSize = '20';

/** The runs of a drip-feed, or the posts of a subscription, newest first. */
export function Children({ parent }: { parent: Order }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const columns = useOrderColumns();
  const title = t(parent.kind === 'drip_feed' ? 'orders.runsListed' : 'orders.postsListed');
  const pages = usePages<OrderRow>(['orders', 'list', { parent: parent.id }], (cursor) =>
    call(
      customerApi.orders.$get({
        query: {
          parent: String(parent.id),
          limit: pageSize,
          ...(cursor !== undefined && { cursor }),
        },
      }),
    ),
  );
  return (
    <Section title={title}>
      <DataList<OrderRow>
        label={title}
        columns={columns.filter(
          ({ key }) => key !== (parent.kind === 'drip_feed' ? 'service' : ''),
        )}
        keyOf={({ id }) => String(id)}
        onOpen={({ id }) => void navigate({ to: `/orders/${id}` })}
        empty={<EmptyState title={t('orders.noParts')} text={t('orders.noPartsText')} />}
        {...pages}
      />
    </Section>
  );
}
