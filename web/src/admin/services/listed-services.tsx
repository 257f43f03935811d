import { Box, Button, Center, Group, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import type { InferResponseType } from 'hono/client';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { SearchField } from '../../kit/search-field.tsx';
import classes from './catalog.module.css';
import { servicesKey } from './queries.ts';

const listedApi = adminApi.providers[':providerId'].catalog.services;
export type Listed = InferResponseType<typeof listedApi.$get, 200>['rows'][number];

type Props = {
  provider: { id: number; currency: string };
  /** Only what is in this category there. */
  category?: string;
  /** What can be done with one of them. */
  actionOf: (listed: Listed) => ReactNode;
  /** Why there may be nothing, in place of the usual words. */
  emptyText?: string;
};

/** What a provider sells, by its stored catalog, searched as one types. */
export function ListedServices({ provider, category, actionOf, emptyText }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const [search, setSearch] = useState('');
  const pages = usePages<Listed>(
    [...servicesKey, 'listed', provider.id, category, search],
    (cursor) =>
      call(
        listedApi.$get({
          param: { providerId: String(provider.id) },
          query: {
            ...(cursor && { cursor }),
            ...(category !== undefined && { category }),
            ...(search !== '' && { search }),
          },
        }),
      ),
  );
  return (
    <Stack gap="sm">
      <Group>
        <SearchField
          label={t('services.routes.search')}
          placeholder={t('services.routes.searchHint')}
          value={search}
          onChange={setSearch}
        />
      </Group>
      <ScrollArea.Autosize mah={340} type="auto" className={classes.preview}>
        {pages.rows === undefined &&
          (pages.error ? (
            <ErrorState error={pages.error} reset={pages.onRetry} />
          ) : (
            <Skeleton h={160} />
          ))}
        {pages.rows?.length === 0 && (
          <EmptyState
            title={t('services.routes.noResult')}
            text={emptyText ?? t('services.routes.noResultText')}
          />
        )}
        <Box component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {pages.rows?.map((listed) => (
            <ListedRow
              key={listed.externalId}
              listed={listed}
              currency={provider.currency}
              action={actionOf(listed)}
            />
          ))}
        </Box>
        {pages.onMore && (
          <Center p="xs">
            <Button
              size="xs"
              variant="default"
              onClick={pages.onMore}
              loading={pages.isMoreLoading}
            >
              {words('states.more')}
            </Button>
          </Center>
        )}
      </ScrollArea.Autosize>
    </Stack>
  );
}

type RowProps = { listed: Listed; currency: string; action: ReactNode };

function ListedRow({ listed, currency, action }: RowProps) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { externalId, name, category, cost, min, max, isMissing } = listed;
  const bounds = min !== null && max !== null && `${format.number(min)} – ${format.number(max)}`;
  return (
    <Group component="li" wrap="nowrap" gap="sm" px="sm" py={8} className={classes.listed}>
      <Stack gap={0} flex={1} miw={0}>
        <Text size="sm" className="long">
          <Text span c="dimmed" className="figures">
            {externalId}
          </Text>{' '}
          {name}
        </Text>
        <Text size="xs" c="dimmed" className="long">
          {[category, bounds, isMissing && t('services.routes.missing')]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </Stack>
      <Text size="sm" fw={600} className="figures">
        {cost === null ? '–' : format.money(cost, currency)}
      </Text>
      {action}
    </Group>
  );
}
