import { Anchor, Button, Grid, Group, Stack, Text } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { offerQuery } from '../services.ts';
import { OrderFields } from './order-fields.tsx';
import { OrderSummary } from './order-summary.tsx';
import { ServiceDetails } from './service-details.tsx';
import { ServicePicker } from './service-picker.tsx';
import { type Again, useOrderForm } from './use-order-form.ts';

/** One order: the service, what its type asks for, the price while one types. */
export default function NewOrderPage() {
  const { t } = useTranslation();
  const offer = useSuspenseQuery(offerQuery).data;
  const again: Again = useSearch({ strict: false });
  // A new key begins a new form, with a new request id.
  const [formKey, setFormKey] = useState(0);
  if (offer.services.length === 0) {
    return (
      <Page title={t('newOrder.title')}>
        <EmptyState title={t('newOrder.noServices')} text={t('newOrder.noServicesText')} />
      </Page>
    );
  }
  return (
    <Page title={t('newOrder.title')} description={t('newOrder.description')}>
      <OrderForm
        key={formKey}
        again={formKey === 0 ? again : {}}
        onPlaced={() => setFormKey(formKey + 1)}
      />
    </Page>
  );
}

function OrderForm({ again, onPlaced }: { again: Again; onPlaced: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const offer = useSuspenseQuery(offerQuery).data;
  const form = useOrderForm(offer, again, {
    onPlaced: ({ id }) => {
      showDone(t('newOrder.placed', { id }));
      void queryClient.invalidateQueries({ queryKey: ['session'] });
      void queryClient.invalidateQueries({ queryKey: ['orders'] });
      onPlaced();
    },
  });
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 7 }}>
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
                <>
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
                </>
              )}
            </Stack>
          </form>
        </Section>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Section title={t('newOrder.details')}>
          {form.service ? (
            <ServiceDetails service={form.service} favourites={offer.favourites} />
          ) : (
            <Text c="dimmed" size="sm">
              {t('newOrder.chooseFirst')}
            </Text>
          )}
        </Section>
      </Grid.Col>
    </Grid>
  );
}
