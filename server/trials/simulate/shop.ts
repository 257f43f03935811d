import { type Clock, parseRate, type Rate, secondMs } from '../../src/base/index.ts';
import {
  createService,
  importServices,
  type RouteInput,
  type ServiceInput,
  setRoutes,
  syncProvider,
} from '../../src/catalog/index.ts';
import { addProvider, updateProvider } from '../../src/providers/index.ts';
import {
  createSandbox,
  type SandboxServiceType,
  sandboxServices,
} from '../../src/sandbox/index.ts';
import type { Random } from '../../tests/random.ts';
import { type Provider, type ProviderKind, type Service, staff, type World } from './world.ts';

const kinds: readonly ProviderKind[] = ['by_request_id', 'by_ids', 'by_staff'];
const requestIdField = 'request_id';
const addTimeoutMs = 300 * secondMs;

/** Adds the upstreams of a world, and what is sold of them. */
export async function openShop(
  world: World,
  options: { random: Random; clock: Clock },
): Promise<void> {
  for (const kind of kinds) world.providers.push(await addUpstream(world, kind, options.clock));
  for (const type of plainTypes) {
    const ways = [options.random(3)];
    await addService(world, { type, ways, cancel: true, refill: true, refillDays: 30 });
  }
  const [first, second] = [options.random(3), options.random(3)];
  const both = first === second ? [first] : [first, second];
  const fine = { cancel: true, refill: true, refillDays: 30 };
  await addService(world, { type: 'Default', ways: both, ...fine });
  await addService(world, { type: 'Default', ways: [second], ...fine, denyDuplicates: true });
  await addService(world, { type: 'Default', ways: [], ...fine });
  await addService(world, { type: 'Default', ways: both, ...fine, dripfeed: true });
  const delegated = { cancel: true, isDelegated: true };
  await addService(world, { type: 'Default', ways: [first], ...delegated, dripfeed: true });
  await addService(world, { type: 'Subscriptions', ways: [first], cancel: true });
  await addService(world, { type: 'Subscriptions', ways: [second], ...delegated });
  await addService(world, { type: 'Default', ways: [first], rate: '0.5' });
  await importSome(world);
  await world.app.catalog.refresh();
}

const plainTypes: readonly SandboxServiceType[] = [
  'Package',
  'Custom Comments',
  'Mentions with Hashtags',
  'Comment Replies',
  'Poll',
  'Web Traffic',
];

async function addUpstream(world: World, kind: ProviderKind, clock: Clock): Promise<Provider> {
  const number = world.providers.length + 1;
  const name = `Zulieferer-${number}`;
  const host = `upstream-${number}.invalid`;
  const key = `upstream-key-${number}-0123456789abcdef`;
  const idField = kind === 'by_request_id' ? { requestIdField } : {};
  const sandbox = createSandbox({ key, clock, balance: '100000.00', ...idField });
  world.network.hosts.set(host, { sandbox, timeoutMs: addTimeoutMs, isDown: false });
  const id = await addProvider(world.app, staff, {
    ...{ name, key, addTimeoutMs, ...idField },
    url: `http://${host}/api/v2`,
    callsPerMinuteMax: 6_000_000,
  });
  if (kind === 'by_ids') {
    await updateProvider(world.app, staff, { providerId: id, changes: { idsIncrease: true } });
  }
  await syncProvider(world.app, staff, id);
  return { id, kind, name, host, key, sandbox };
}

type Sold = Partial<Omit<ServiceInput, 'rate'>> & {
  type: SandboxServiceType;
  /** The upstreams it goes to, by their place. */
  ways: readonly number[];
  isDelegated?: boolean;
  rate?: string;
};

async function addService(world: World, sold: Sold): Promise<void> {
  const { ways, isDelegated = false, rate = '20', ...input } = sold;
  const number = world.model.services.length + 1;
  const bounds = boundsOf(sold.type);
  const id = await createService(world.app, staff, {
    ...{ name: `Service ${number}`, category: 'All', ...bounds, ...input },
    rate: parseRate(rate, 'rate'),
  });
  const routes = routesOf(world, sold);
  await setRoutes(world.app, staff, { serviceId: id, routes });
  world.model.services.push({
    ...{ id, ...bounds, type: sold.type, isEnabled: true, isImported: false },
    list: parseRate(rate, 'rate'),
    hasRuns: sold.dripfeed === true,
    deniesDuplicates: sold.denyDuplicates === true,
  });
}

/** The routes of a service that is sold by these upstreams. */
export function routesOf(
  { providers }: World,
  { type, ways, isDelegated = false }: Pick<Sold, 'type' | 'ways' | 'isDelegated'>,
): RouteInput[] {
  // Each post of a subscription that is the panel's own is a plain order there.
  const there = type === 'Subscriptions' && !isDelegated ? 'Default' : type;
  const externalId = String(sandboxServices.find((one) => one.type === there)?.service ?? 1);
  return ways.flatMap((way) => {
    const provider = providers[way];
    return provider === undefined ? [] : [{ providerId: provider.id, externalId, isDelegated }];
  });
}

function boundsOf(type: SandboxServiceType): { min: number; max: number } {
  const isPackage = type === 'Package';
  const isLines = type === 'Custom Comments' || type === 'Comment Replies';
  return isPackage ? { min: 1, max: 1 } : { min: isLines ? 1 : 50, max: isLines ? 500 : 5_000 };
}

/** Two services that follow the price of their upstream. */
async function importSome(world: World): Promise<void> {
  const provider = world.providers.at(-1);
  if (provider === undefined) return;
  await importServices(world.app, staff, {
    providerId: provider.id,
    externalIds: ['1', '2'],
    markupBasisPoints: 10_000,
  });
  await learnImported(world);
}

/** Learns what services cost now that follow an upstream's list. */
export async function learnImported(world: World): Promise<void> {
  const known = new Map(world.model.services.map((service) => [service.id, service]));
  const rows = await world.owner.sql<
    (Pick<Service, 'id' | 'type' | 'min' | 'max'> & {
      rate: bigint;
      enabled: boolean;
      dripfeed: boolean;
      deny: boolean;
    })[]
  >`select id, type, rate, min, max, enabled, dripfeed, deny_duplicates as deny from services
    order by id`;
  for (const row of rows) {
    const { id, type, min, max } = row;
    const now = { min, max, list: row.rate as Rate, isEnabled: row.enabled };
    const service = known.get(id);
    if (service?.isImported) Object.assign(service, now);
    if (service !== undefined) continue;
    const rest = { isImported: true, hasRuns: row.dripfeed, deniesDuplicates: row.deny };
    world.model.services.push({ id, type, ...now, ...rest });
  }
}
