import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconUser } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { AddRoute } from './add-route.tsx';
import { DragArea } from './drag.tsx';
import { type ServiceDetail, servicesKey } from './queries.ts';
import { RouteCard } from './route-card.tsx';
import { type RouteDraft, routeKey, toRoutes, useRouteDrafts } from './route-drafts.ts';

const routesMax = 20;

/** Who delivers a service, in order of preference, with how they did. */
export function RoutesSection({ service }: { service: ServiceDetail }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const [isAdding, adding] = useDisclosure();
  const { routes, isDirty, ...drafts } = useRouteDrafts(service);
  const saving = useSaveRoutes(service.id, drafts.reset);
  const keys = routes.map(routeKey);
  const nameOf = (key: unknown) => routes.find((route) => routeKey(route) === key)?.provider ?? '';
  return (
    <Section
      title={t('services.routes.title')}
      description={t('services.routes.text')}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} aria-hidden />}
          disabled={routes.length >= routesMax}
          onClick={adding.open}
        >
          {t('services.routes.add')}
        </Button>
      }
    >
      {routes.length === 0 && (
        <EmptyState
          icon={IconUser}
          title={t('services.routes.empty')}
          text={t('services.routes.emptyText')}
        />
      )}
      <DragArea nameOf={nameOf} onDrop={(moved, over) => drafts.move(String(moved), String(over))}>
        <SortableContext items={keys} strategy={verticalListSortingStrategy}>
          <Stack gap="sm" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
            {routes.map((route, index) => (
              <RouteCard
                key={routeKey(route)}
                service={service}
                route={route}
                place={index + 1}
                onChange={(changes) => drafts.change(routeKey(route), changes)}
                onRemove={() => drafts.remove(routeKey(route))}
              />
            ))}
          </Stack>
        </SortableContext>
      </DragArea>
      <ProblemAlert error={saving.error} />
      {isDirty && (
        <Group gap="sm">
          <Button loading={saving.isPending} onClick={() => saving.mutate(routes)}>
            {t('services.routes.save')}
          </Button>
          <Button variant="subtle" color="gray" onClick={drafts.reset}>
            {words('states.cancel')}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {t('services.routes.unsaved')}
          </Text>
        </Group>
      )}
      <AddRoute isOpen={isAdding} onClose={adding.close} routes={routes} onAdd={drafts.add} />
    </Section>
  );
}

function useSaveRoutes(id: number, onDone: () => void) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (routes: readonly RouteDraft[]) =>
      call(
        adminApi.services[':serviceId'].routes.$put({
          param: { serviceId: String(id) },
          json: { routes: toRoutes(routes) },
        }),
      ),
    onSuccess: async ({ unknown }) => {
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      onDone();
      const count = unknown.length;
      showDone(
        count === 0 ? t('services.routes.saved') : t('services.routes.savedUnknown', { count }),
      );
    },
  });
}
