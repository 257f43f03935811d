import { Anchor, Grid, Group, Stack } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { OrderActions } from './actions.tsx';
import { Children } from './children.tsx';
import { OrderFacts } from './facts.tsx';
import { OrderHistory } from './history.tsx';
import { OrderParameters } from './parameters.tsx';
import { orderQuery } from './queries.ts';
import { OrderRefills } from './refills.tsx';

/** One order: what was ordered, how far it is, what happened, what may be asked for. */
export default function OrderPage() {
  const { t } = useTranslation();
  const { orderId = '' }: { orderId?: string } = useParams({ strict: false });
  const answer = useQuery(orderQuery(orderId));
  return (
    <Page
      title={t('orders.one', { id: orderId })}
      description={
        <Anchor component={Link} to="/orders" size="sm" inline>
          <Group gap={4} component="span" display="inline-flex">
            <IconArrowLeft size={14} aria-hidden />
            {t('orders.back')}
          </Group>
        </Anchor>
      }
      actions={answer.data && <StatusBadge status={answer.data.order.status} />}
    >
      <Loaded query={answer}>
        {(data) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Stack gap="lg">
                <OrderFacts order={data.order} />
                <OrderParameters order={data.order} />
                {data.order.kind !== 'single' && <Children parent={data.order} />}
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 4 }}>
              <Stack gap="lg">
                <OrderActions answer={data} />
                <OrderHistory {...data} />
                {data.refills.length > 0 && <OrderRefills refills={data.refills} />}
              </Stack>
            </Grid.Col>
          </Grid>
        )}
      </Loaded>
    </Page>
  );
}
