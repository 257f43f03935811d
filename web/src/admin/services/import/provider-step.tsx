import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../kit/error-state.tsx';
import { ProblemAlert } from '../../../kit/problem-alert.tsx';
import { Section } from '../../../kit/section.tsx';
import { type Catalog, servicesKey } from '../queries.ts';
import { categoriesQuery, fetchCatalog } from './queries.ts';
import { SyncSection } from './sync-section.tsx';

type Provider = Catalog['providers'][number];
type Props = {
  providers: readonly Provider[];
  provider: Provider;
  onChoose: (id: number) => void;
  onNext: () => void;
};

/** Whose services, and whether their catalog is here. */
export function ProviderStep({ providers, provider, onChoose, onNext }: Props) {
  const { t } = useTranslation('admin');
  return (
    <>
      <Section title={t('services.importing.steps.provider')}>
        <Radio.Group
          aria-label={t('services.importing.steps.provider')}
          value={String(provider.id)}
          onChange={(value) => onChoose(Number(value))}
        >
          <Stack gap="xs">
            {providers.map(({ id, name, currency }) => (
              <Radio.Card key={id} value={String(id)} p="sm" radius="md">
                <Group wrap="nowrap">
                  <Radio.Indicator />
                  <Text fw={600} className="long">
                    {name}
                  </Text>
                  <Text size="sm" c="dimmed">
                    {currency}
                  </Text>
                </Group>
              </Radio.Card>
            ))}
          </Stack>
        </Radio.Group>
        <StoredCatalog key={provider.id} providerId={provider.id} onNext={onNext} />
      </Section>
      <SyncSection key={`sync${provider.id}`} provider={provider} />
    </>
  );
}

function StoredCatalog({ providerId, onNext }: { providerId: number; onNext: () => void }) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const { data, error, refetch } = useQuery(categoriesQuery(providerId));
  const fetching = useMutation({
    mutationFn: () => fetchCatalog(providerId),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: servicesKey }),
  });
  if (error && !data) return <ErrorState error={error} reset={() => void refetch()} />;
  const count = data?.categories.reduce((sum, { services }) => sum + services, 0) ?? 0;
  const isHere = count > 0;
  const { data: done } = fetching;
  return (
    <Stack gap="md">
      {data && !isHere && (
        <Text size="sm" c="dimmed">
          {t('services.importing.noCatalog')}. {t('services.importing.noCatalogText')}
        </Text>
      )}
      {isHere && !done && (
        <Text size="sm" c="dimmed">
          {t('services.importing.stored', { count })}
        </Text>
      )}
      {done && (
        <Alert color="teal" p="sm" role="status">
          {t('services.importing.fetched', { count: done.listed })}
          {done.followed > 0 &&
            ` ${t('services.importing.followed', {
              count: done.followed,
              applied: done.applied,
              held: done.held,
            })}`}
        </Alert>
      )}
      <ProblemAlert error={fetching.error} />
      <Group>
        <Button onClick={onNext} disabled={!isHere}>
          {t('services.importing.next')}
        </Button>
        <Button
          variant={isHere ? 'default' : 'filled'}
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={fetching.isPending}
          onClick={() => fetching.mutate()}
        >
          {t('services.importing.fetch')}
        </Button>
      </Group>
    </Stack>
  );
}
