import { Button, Divider, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ListedServices } from './listed-services.tsx';
import { type Catalog, catalogQuery } from './queries.ts';
import { type RouteDraft, routeKey } from './route-drafts.ts';

type Provider = Catalog['providers'][number];
type ListProps = {
  routes: readonly RouteDraft[];
  onAdd: (route: RouteDraft) => void;
};
type Props = ListProps & { isOpen: boolean; onClose: () => void };

/** Finds the service of a provider that becomes a route. */
export function AddRoute({ isOpen, onClose, routes, onAdd }: Props) {
  const { t } = useTranslation('admin');
  const { data } = useQuery(catalogQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const providers = data?.providers ?? [];
  const provider = providers.find(({ id }) => String(id) === chosen) ?? providers[0];
  const add = (route: RouteDraft) => {
    onAdd(route);
    onClose();
  };
  return (
    <Modal opened={isOpen} onClose={onClose} size="lg" title={t('services.routes.addTitle')}>
      <Stack gap="md">
        <Select
          label={t('services.provider')}
          data={providers.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={provider === undefined ? null : String(provider.id)}
          onChange={setChosen}
          allowDeselect={false}
          placeholder={t('services.importing.noProviders')}
          disabled={providers.length === 0}
        />
        {provider && <Finder key={provider.id} provider={provider} routes={routes} onAdd={add} />}
      </Stack>
    </Modal>
  );
}

function Finder({ provider, routes, onAdd }: ListProps & { provider: Provider }) {
  const { t } = useTranslation('admin');
  const used = new Set(routes.map(routeKey));
  const isUsed = (externalId: string) =>
    used.has(routeKey({ providerId: provider.id, externalId }));
  return (
    <>
      <ListedServices
        provider={provider}
        actionOf={({ externalId, name, ...listed }) => (
          <Button
            size="xs"
            variant="light"
            disabled={isUsed(externalId)}
            aria-label={t('services.routes.useNamed', { name })}
            onClick={() =>
              onAdd({
                ...newRoute(provider, externalId),
                listed: {
                  ...{ name, category: listed.category, type: listed.type },
                  ...{ min: listed.min, max: listed.max, isMissing: listed.isMissing },
                  ...{ cost: null, providerCost: listed.cost, currency: provider.currency },
                },
              })
            }
          >
            {t(isUsed(externalId) ? 'services.routes.used' : 'services.routes.use')}
          </Button>
        )}
      />
      <Divider />
      <ByNumber isUsed={isUsed} onUse={(externalId) => onAdd(newRoute(provider, externalId))} />
    </>
  );
}

type ByNumberProps = { isUsed: (id: string) => boolean; onUse: (id: string) => void };

function ByNumber({ isUsed, onUse }: ByNumberProps) {
  const { t } = useTranslation('admin');
  const [text, setText] = useState('');
  const id = text.trim();
  return (
    <Group align="flex-end" gap="sm">
      <TextInput
        flex={1}
        label={t('services.routes.byId')}
        description={t('services.routes.byIdHint')}
        maxLength={50}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button variant="default" disabled={id === '' || isUsed(id)} onClick={() => onUse(id)}>
        {t(id !== '' && isUsed(id) ? 'services.routes.used' : 'services.routes.use')}
      </Button>
    </Group>
  );
}

function newRoute({ id, name }: Provider, externalId: string): RouteDraft {
  return {
    ...{ providerId: id, provider: name, externalId },
    ...{ isDelegated: false, guardsMargin: true, listed: null, quality: null },
  };
}
