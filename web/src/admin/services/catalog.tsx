import type { UniqueIdentifier } from '@dnd-kit/core';
import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCategory } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { CategorySection } from './category-section.tsx';
import { useServiceChoice } from './choice.ts';
import { DragArea } from './drag.tsx';
import { Filters } from './filters.tsx';
import { findInCatalog, isFiltering, noFilter } from './finder.ts';
import { beforeWhich } from './place.ts';
import type { Catalog } from './queries.ts';
import { useMoves } from './use-catalog.ts';

/** Up to so many services all categories are open at first. */
const openAtFirstMax = 150;

/** The table of services: found, put into order, changed where they stand. */
export function CatalogTable({ catalog }: { catalog: Catalog }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const isWide = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false });
  const [filter, setFilter] = useState(noFilter);
  const choice = useServiceChoice();
  const open = useOpenCategories(catalog);
  const wanted = useDeferredValue(filter);
  const found = useMemo(() => findInCatalog(catalog, wanted), [catalog, wanted]);
  const isFixed = isFiltering(filter);
  const drag = useDrag(catalog, choice.chosen);
  const count = found.reduce((total, { services }) => total + services.length, 0);
  return (
    <Stack gap="md">
      <Filters filter={filter} onChange={setFilter} providers={catalog.providers} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {t('services.count', { count, shown: format.number(count) })}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={open.toggleAll}>
          {open.isAllOpen ? t('services.collapse') : t('services.expand')}
        </Button>
      </Group>
      {found.length === 0 && (
        <EmptyState
          icon={IconCategory}
          title={t('services.noMatch')}
          text={t('services.noMatchText')}
        />
      )}
      <DragArea nameOf={drag.nameOf} onDrop={drag.onDrop}>
        <SortableContext
          items={found.map(({ id }) => `c${id}`)}
          strategy={verticalListSortingStrategy}
        >
          {found.map((category) => (
            <CategorySection
              key={category.id}
              category={category}
              isOpen={isFixed ? !open.closed.has(category.id) : open.opened.has(category.id)}
              onToggle={() => open.toggle(category.id, isFixed)}
              choice={choice}
              isWide={isWide ?? true}
              isFixed={isFixed}
            />
          ))}
        </SortableContext>
      </DragArea>
      <BulkBar catalog={catalog} chosen={choice.chosen} onClear={choice.clear} />
    </Stack>
  );
}

/** What is open; while a filter is on, what was closed by hand is kept apart. */
function useOpenCategories(catalog: Catalog) {
  const ids = catalog.categories.map(({ id }) => id);
  const [opened, setOpened] = useState<ReadonlySet<number>>(() => {
    const count = catalog.categories.reduce((total, { services }) => total + services.length, 0);
    return new Set(count <= openAtFirstMax ? ids : []);
  });
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const flip = (before: ReadonlySet<number>, id: number) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  };
  const isAllOpen = ids.every((id) => opened.has(id));
  return {
    opened,
    closed,
    isAllOpen,
    toggle: (id: number, isFiltered: boolean) =>
      isFiltered
        ? setClosed((before) => flip(before, id))
        : setOpened((before) => flip(before, id)),
    toggleAll: () => {
      setOpened(new Set(isAllOpen ? [] : ids));
      setClosed(new Set(isAllOpen ? ids : []));
    },
  };
}

/** What a drop means: ids are `s12` for services and `c3` for categories. */
function useDrag(catalog: Catalog, chosen: ReadonlySet<number>) {
  const { moveServices, moveCategory } = useMoves();
  const numberOf = (id: UniqueIdentifier) => Number(String(id).slice(1));
  const isService = (id: UniqueIdentifier) => String(id).startsWith('s');
  const homeOf = (serviceId: number) =>
    catalog.categories.find(({ services }) => services.some(({ id }) => id === serviceId));
  const nameOf = (id: UniqueIdentifier) => {
    const number = numberOf(id);
    if (!isService(id)) return catalog.categories.find((each) => each.id === number)?.name ?? '';
    return homeOf(number)?.services.find((each) => each.id === number)?.name ?? '';
  };
  const onDrop = (moved: UniqueIdentifier, over: UniqueIdentifier) => {
    const [movedId, overId] = [numberOf(moved), numberOf(over)];
    if (!isService(moved)) {
      const target = isService(over) ? homeOf(overId)?.id : overId;
      if (target === undefined || target === movedId) return;
      moveCategory(movedId, beforeWhich(catalog.categories, movedId, target));
      return;
    }
    // Who drags one of the chosen drags them all.
    const ids = chosen.has(movedId) ? [...chosen] : [movedId];
    if (!isService(over)) {
      moveServices(ids, { categoryId: overId, beforeId: null });
      return;
    }
    const home = homeOf(overId);
    if (home === undefined || ids.includes(overId)) return;
    const beforeId = firstUnmoved(home.services, beforeWhich(home.services, movedId, overId), ids);
    moveServices(ids, { categoryId: home.id, beforeId });
  };
  return { nameOf, onDrop };
}

/** The first from a row on that stays where it is. */
function firstUnmoved(
  rows: readonly { id: number }[],
  from: number | null,
  ids: readonly number[],
): number | null {
  const start = rows.findIndex(({ id }) => id === from);
  if (start === -1) return null;
  return rows.slice(start).find(({ id }) => !ids.includes(id))?.id ?? null;
}
