import { Alert, Anchor, Button, Grid, Group, Stack, Switch, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { BackLink } from '../../kit/back-link.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { PriceSection } from './price-section.tsx';
import {
  catalogQuery,
  type ServiceDetail,
  serviceQuery,
  servicesKey,
  updateService,
} from './queries.ts';
import { RoutesSection } from './routes-section.tsx';
import { ServiceForm } from './service-form.tsx';
import { changesOf, type ServiceValues, valuesOf } from './service-values.ts';
import { useSaveService } from './use-catalog.ts';

/** Everything of one service. */
export default function ServicePage() {
  const { t } = useTranslation('admin');
  const { serviceId = '' }: { serviceId?: string } = useParams({ strict: false });
  const query = useQuery(serviceQuery(serviceId));
  const title = t('services.number', { id: serviceId });
  if (query.data === undefined) {
    return (
      <Page title={title} actions={<BackLink to="/admin/services" label={t('services.back')} />}>
        {query.error ? (
          <ErrorState error={query.error} reset={() => void query.refetch()} />
        ) : (
          <PageSkeleton />
        )}
      </Page>
    );
  }
  const { name, category } = query.data;
  return (
    <Page
      title={name}
      description={`${title} · ${category}`}
      actions={
        <>
          <BackLink to="/admin/services" label={t('services.back')} />
          <Duplicate id={serviceId} />
        </>
      }
    >
      <Detail key={serviceId} service={query.data} />
    </Page>
  );
}

function Detail({ service }: { service: ServiceDetail }) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const save = async (values: ServiceValues, before: ServiceValues) => {
    await updateService(service.id, changesOf(before, values));
    await queryClient.invalidateQueries({ queryKey: servicesKey });
    showDone(t('services.saved'));
  };
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="lg">
          <RoutesSection service={service} />
          <ServiceForm
            initial={valuesOf(service)}
            submitText={t('services.form.save')}
            isNew={false}
            onSubmit={save}
          />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }} order={{ base: -1, md: 1 }}>
        <Stack gap="lg">
          <SaleSection service={service} />
          <PriceSection service={service} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function SaleSection({
  service: { id, name, enabled, offBy, hidden },
}: {
  service: ServiceDetail;
}) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const showProblem = useShowProblem();
  const saving = useSaveService();
  const { data } = useQuery(catalogQuery);
  const row = data?.categories.flatMap(({ services }) => services).find((each) => each.id === id);
  const why = offBy === 'sync' ? t('services.offBySync') : t('services.offByStaff');
  return (
    <Section title={t('services.form.state')}>
      <Switch
        label={t('services.onSale')}
        aria-label={t('services.onSaleOf', { name })}
        description={enabled ? undefined : why}
        checked={enabled}
        disabled={saving.isPending}
        onChange={(event) =>
          saving.mutate(
            { id, changes: { enabled: event.currentTarget.checked } },
            { onError: showProblem },
          )
        }
      />
      {hidden && (
        <Text size="sm" c="dimmed">
          {t('services.flagHint.hidden')}
        </Text>
      )}
      {row?.heldRate !== undefined && (
        <Alert color="yellow" p="sm">
          <Group justify="space-between" gap="xs">
            <Text size="sm" className="figures">
              {t('services.priceWaits', { rate: format.amount(row.heldRate) })}
            </Text>
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link to={'/admin/services' as string} search={{ view: 'changes' }} {...props} />
              )}
            >
              {t('services.waiting.decide')}
            </Anchor>
          </Group>
        </Alert>
      )}
    </Section>
  );
}

function Duplicate({ id }: { id: string }) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const duplicating = useMutation({
    mutationFn: () =>
      call(adminApi.services[':serviceId'].duplicate.$post({ param: { serviceId: id } })),
    onSuccess: async (copy) => {
      showDone(t('services.duplicated', { id: copy.id }));
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      await navigate({ to: `/admin/services/${copy.id}` as string });
    },
    onError: showProblem,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconCopy size={16} aria-hidden />}
      loading={duplicating.isPending}
      onClick={() => duplicating.mutate()}
    >
      {t('services.duplicate')}
    </Button>
  );
}
