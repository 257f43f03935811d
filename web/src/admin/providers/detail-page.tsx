import { Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/client.ts';
import { BackLink } from '../../kit/back-link.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { NotFound } from '../../kit/not-found.tsx';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
import { SyncSection } from '../services/import/sync-section.tsx';
import { StateBadges } from './badges.tsx';
import { CatalogSection } from './catalog.tsx';
import { Overview } from './overview.tsx';
import { type Provider, providerQuery } from './queries.ts';
import { ProviderSettings } from './settings.tsx';
import { StateMenu } from './state-menu.tsx';
import { TestCall } from './test-call.tsx';

const tabs = ['overview', 'catalog', 'settings'] as const;
type Tab = (typeof tabs)[number];

/** One provider: how it does, what it sells, what it is set to. */
export default function ProviderPage() {
  const { providerId = '' }: { providerId?: string } = useParams({ strict: false });
  const { data: provider, error, refetch } = useQuery(providerQuery(Number(providerId)));
  if (provider !== undefined) return <Shown key={provider.id} provider={provider} />;
  if (error === null) return <PageSkeleton />;
  const isUnknown = error instanceof Problem && ['not_found', 'invalid_input'].includes(error.code);
  return isUnknown ? (
    <NotFound />
  ) : (
    <ErrorState error={error} reset={() => void refetch()} isPage />
  );
}

function Shown({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const { tab: asked }: { tab?: string } = useSearch({ strict: false });
  const tab = tabs.find((each) => each === asked) ?? 'overview';
  const open = (next: string | null) =>
    void navigate({
      to: `/admin/providers/${provider.id}`,
      search: next === 'overview' || next === null ? {} : { tab: next },
      replace: true,
    });
  return (
    <Page
      title={provider.name}
      description={
        <Stack component="span" gap={4}>
          <StateBadges provider={provider} />
          <Text span size="sm" c="dimmed" className="long">
            {provider.url}
          </Text>
        </Stack>
      }
      actions={
        <>
          <BackLink to="/admin/providers" label={t('providers.back')} />
          <TestCall provider={provider} />
          <StateMenu provider={provider} />
        </>
      }
    >
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="lg">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`providers.tabs.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Panel tab={tab} provider={provider} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Panel({ tab, provider }: { tab: Tab; provider: Provider }) {
  switch (tab) {
    case 'overview':
      return <Overview provider={provider} />;
    case 'catalog':
      return (
        <Stack gap="lg">
          <CatalogSection provider={provider} />
          <SyncSection provider={provider} />
        </Stack>
      );
    case 'settings':
      return <ProviderSettings provider={provider} />;
  }
}
