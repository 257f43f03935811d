import { Badge, Button, ScrollArea, Tabs } from '@mantine/core';
import { IconDownload, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { CatalogTable } from './catalog.tsx';
import { ChangesFeed } from './changes.tsx';
import { catalogQuery } from './queries.ts';
import { WaitingPrices } from './waiting.tsx';

/** In the address: `changes` are the ones that wait for a decision. */
const views = { list: 'list', changes: 'waiting', history: 'changes' } as const;
const viewNames = ['list', 'changes', 'history'] as const;

/** What is sold: all services, prices that wait for a decision, and what has changed. */
export default function ServicesPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const given: { view?: string } = useSearch({ strict: false });
  const view = viewNames.find((name) => name === given.view) ?? 'list';
  const { data } = useQuery(catalogQuery);
  return (
    <Page title={t('services.title')} description={t('services.description')} actions={<Actions />}>
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(next) =>
          void navigate({
            to: '/admin/services',
            search: next === null || next === 'list' ? {} : { view: next },
          })
        }
      >
        <ScrollArea type="never">
          <Tabs.List mb="md" style={{ flexWrap: 'nowrap' }}>
            {viewNames.map((name) => (
              <Tabs.Tab
                key={name}
                value={name}
                rightSection={
                  name === 'changes' &&
                  data !== undefined &&
                  data.waiting > 0 && (
                    <Badge size="sm" color="orange" className="figures">
                      {data.waiting}
                    </Badge>
                  )
                }
              >
                {t(`services.tabs.${views[name]}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        <Tabs.Panel value={view}>
          {view === 'list' && <Services />}
          {view === 'changes' && <WaitingPrices />}
          {view === 'history' && <ChangesFeed />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Services() {
  const { t } = useTranslation('admin');
  const query = useQuery(catalogQuery);
  return (
    <Loaded query={query}>
      {(catalog) =>
        catalog.categories.every(({ services }) => services.length === 0) ? (
          <EmptyState title={t('services.empty')} text={t('services.emptyText')} />
        ) : (
          <CatalogTable catalog={catalog} />
        )
      }
    </Loaded>
  );
}

function Actions() {
  const { t } = useTranslation('admin');
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        renderRoot={(props) => <Link to={'/admin/services/import' as string} {...props} />}
      >
        {t('services.import')}
      </Button>
      <Button
        leftSection={<IconPlus size={16} aria-hidden />}
        renderRoot={(props) => <Link to={'/admin/services/new' as string} {...props} />}
      >
        {t('services.add')}
      </Button>
    </>
  );
}
