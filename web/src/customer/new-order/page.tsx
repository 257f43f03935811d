import { Alert, Anchor, Box, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import { orderQuery } from '../orders/queries.ts';
import { offerQuery } from '../services.ts';
import { PlacedNotice } from './placed-notice.tsx';
import { ServiceDetails } from './service-details.tsx';
import { ServicePicker } from './service-picker.tsx';
import { type Start, type StartSearch, startFromOrder, startFromSearch } from './start.ts';
import { type Placed, useOrderForm } from './use-order-form.ts';

// What a service asks for is drawn once one is chosen.
const OrderFields = lazy(() => import('./order-fields.tsx'));
const OrderSummary = lazy(() => import('./order-summary.tsx'));

/** One order: the service, what its type asks for, the price while one types. */
export default function NewOrderPage() {
  const { t } = useTranslation();
  const offer = useSuspenseQuery(offerQuery).data;
  const search: StartSearch = useSearch({ strict: false });
  const again = useQuery({
    ...orderQuery(String(search.again)),
    enabled: search.again !== undefined,
    // Read once: what changes of that order while one writes must not undo it.
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
  });
  const [placed, setPlaced] = useState<Placed & { isSubscription: boolean }>();
  // A new key begins a new form, with a new request id.
  const [formKey, setFormKey] = useState(0);
  if (offer.services.length === 0) {
    return (
      <Page title={t('newOrder.title')}>
        <EmptyState title={t('newOrder.noServices')} text={t('newOrder.noServicesText')} />
      </Page>
    );
  }
  // What is asked for in vain is asked for again, and must not take the form away meanwhile.
  if (again.isLoading && !again.isFetchedAfterMount) return <PageSkeleton />;
  const start = again.data ? startFromOrder(again.data.order) : startFromSearch(search);
  const isGone =
    start.service !== undefined && !offer.services.some(({ id }) => id === start.service);
  return (
    <Page title={t('newOrder.title')} description={t('newOrder.description')}>
      {placed && <PlacedNotice {...placed} placed={placed} onClose={() => setPlaced(undefined)} />}
      {formKey === 0 && again.error && <ProblemAlert error={again.error} />}
      {formKey === 0 && isGone && (
        <Alert color="yellow" role="status">
          {t('newOrder.serviceGone')}
        </Alert>
      )}
      <OrderForm
        key={formKey}
        start={formKey === 0 ? start : startFromSearch({})}
        onPlaced={(order) => {
          setPlaced(order);
          setFormKey(formKey + 1);
          window.scrollTo({ top: 0 });
        }}
      />
    </Page>
  );
}

type FormProps = {
  start: Start;
  onPlaced: (placed: Placed & { isSubscription: boolean }) => void;
};

function OrderForm({ start, onPlaced }: FormProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const offer = useSuspenseQuery(offerQuery).data;
  const form = useOrderForm(offer, start, {
    onPlaced: (placed) => {
      void queryClient.invalidateQueries({ queryKey: ['session'] });
      void queryClient.invalidateQueries({ queryKey: ['orders'] });
      onPlaced({ ...placed, isSubscription: form.service?.type === 'Subscriptions' });
    },
  });
  return (
    <Box className="beside">
      <Section>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            form.place();
          }}
          noValidate
        >
          <Stack gap="md">
            <ServicePicker offer={offer} chosen={form.service} onChoose={form.choose} />
            {form.service && (
              <Suspense fallback={<Skeleton h={180} aria-busy="true" />}>
                <OrderFields
                  offer={offer}
                  service={form.service}
                  values={form.values}
                  errors={form.errors}
                  hasDripFeed={form.hasDripFeed}
                  onChange={form.setValue}
                  onDripFeed={form.setDripFeed}
                />
                <OrderSummary charge={form.charge} plan={form.plan} problem={form.problem} />
                <Group justify="space-between">
                  <Button type="submit" size="md" loading={form.isPlacing}>
                    {t('newOrder.place')}
                  </Button>
                  <Anchor component={Link} to="/mass-order" size="sm">
                    {t('nav.massOrder')}
                  </Anchor>
                </Group>
              </Suspense>
            )}
          </Stack>
        </form>
      </Section>
      <Section title={t('newOrder.details')}>
        {form.service ? (
          <ServiceDetails service={form.service} favourites={offer.favourites} />
        ) : (
          <Text c="dimmed" size="sm">
            {t('newOrder.chooseFirst')}
          </Text>
        )}
      </Section>
    </Box>
  );
}
