import assert from 'node:assert/strict';
import type { PanelService, ServiceList } from '@panelwright/sdk';
import { formatRate, type ProviderId, type ServiceId } from '../src/base/index.ts';
import { applyListing, importServices } from '../src/catalog/index.ts';
import { addProvider, type ProviderChanges, updateProvider } from '../src/providers/index.ts';
import { staff } from './factories.ts';
import type { TestPanel } from './harness.ts';

let counter = 0;

/** A provider that nothing is ever sent to. */
export async function makeProvider(
  panel: TestPanel,
  changes: ProviderChanges = {},
): Promise<ProviderId> {
  counter += 1;
  const name = `Listed ${counter}`;
  const url = 'http://127.0.0.1:9/api/v2';
  const providerId = await addProvider(panel.app, staff, { name, url, key: `key-${counter}` });
  if (Object.keys(changes).length > 0) {
    await updateProvider(panel.app, staff, { providerId, changes });
  }
  return providerId;
}

/** A row of a provider's list, as the client reads it: by default a plain one at 1 per 1000. */
export function listedRow(service: number, changes: Partial<PanelService> = {}): PanelService {
  return {
    service: `${service}`,
    name: `Upstream service ${service}`,
    category: 'Upstream',
    type: 'Default',
    typeKnown: true,
    typeText: 'Default',
    rate: '1',
    min: 10,
    max: 1000,
    dripfeed: true,
    refill: false,
    cancel: true,
    description: null,
    averageTime: null,
    separator: false,
    ...changes,
  };
}

/** The list of these rows. */
export function listOf(...services: PanelService[]): ServiceList {
  return { services, warnings: [] };
}

/** Lets a provider list these rows. */
export function list(
  panel: Pick<TestPanel, 'app'>,
  providerId: ProviderId,
  ...rows: PanelService[]
) {
  return applyListing(panel.app, staff, { provider: { id: providerId }, list: listOf(...rows) });
}

/** What services cost by the catalog of now. */
export async function ratesOf(
  panel: Pick<TestPanel, 'app'>,
  ids: readonly (ServiceId | undefined)[],
): Promise<string[]> {
  await panel.app.catalog.refresh();
  const { services } = panel.app.catalog.current();
  return ids.map((id) => {
    const service = id === undefined ? undefined : services.get(id);
    assert(service);
    return formatRate(service.rate);
  });
}

/** Lists rows at a new provider and imports them at 20% above cost: its id, and the services'. */
export async function importRows(
  panel: TestPanel,
  rows: PanelService[],
  changes: ProviderChanges = {},
): Promise<{ providerId: ProviderId; serviceIds: ServiceId[] }> {
  const providerId = await makeProvider(panel, changes);
  await list(panel, providerId, ...rows);
  const input = { providerId, markupBasisPoints: 2_000 };
  const { created } = await importServices(panel.app, staff, input);
  await panel.app.catalog.refresh();
  return { providerId, serviceIds: created.map(({ serviceId }) => serviceId) };
}
