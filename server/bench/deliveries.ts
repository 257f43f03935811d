import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TransactionSql } from 'postgres';
import type { Actor, ProviderId } from '../src/base/index.ts';
import { setRoutes } from '../src/catalog/index.ts';
import { addProvider } from '../src/providers/index.ts';
import { describeMemory, watchMemory } from './memory.ts';
import type { FilledPanel, Panel } from './panel.ts';
import { runProcess } from './processes.ts';
import { seedCustomers, seedServices } from './seed.ts';
import { type Measurement, median, type Session } from './session.ts';
import { startUpstream, type Upstream, type UpstreamCounts } from './upstream.ts';

/** What is delivered in a measurement, and how it is counted at the upstream. */
export type DeliveryLoad = {
  providers: number;
  /** How an order waits: to be sent, or asked for. */
  state: 'due' | 'following';
  count: (counts: UpstreamCounts) => number;
  reference: { kind: 'add' | 'status'; connections: number };
};

const quantity = 1_000;
const servicesMade = 100;
/** One order in so many changes from one poll to the next. */
const pollsPerChange = 10;
const actor: Actor = { kind: 'system', name: 'bench' };
const bareCaller = fileURLToPath(new URL('bare-caller.ts', import.meta.url));
const graceMs = 15_000;
/** Until the worker's code is compiled and its heap has the size that it works with. */
const warmUpSeconds = 5;

/**
 * Measures how fast a worker, a process of its own, does the work that waits at an upstream,
 * against a bare client that makes the same calls and keeps nothing. Both take turns; of each the
 * median counts.
 */
export async function measureDelivery(
  session: Session,
  panel: Panel,
  load: DeliveryLoad,
): Promise<Measurement> {
  const orders = load.state === 'following' ? session.size : 0;
  const upstream = await startUpstream(session, { orders, quantity, pollsPerChange });
  const values: number[] = [];
  const references: number[] = [];
  try {
    await seedDeliveries(panel, upstream, { ...load, orders: session.size });
    const served = await panel.serve('worker');
    await delay(Math.min(warmUpSeconds, session.secondsPerRun) * 1_000);
    const watch = watchMemory(served.process.pid);
    for (let round = 0; round < session.rounds; round += 1) {
      values.push(await countDuring(upstream, load.count, session.secondsPerRun));
    }
    const memory = watch.stop();
    await served.process.stop();
    const bare = await startUpstream(session, { orders, quantity, pollsPerChange });
    for (let round = 0; round < session.rounds; round += 1) {
      references.push(await callBare(session, bare, load));
    }
    await bare.process.stop();
    const value = median(values, (one) => one);
    const reference = median(references, (one) => one);
    const { note, misses } = describeMemory('worker', memory);
    return {
      ...{ value, reference, p50Ms: null, p99Ms: null, rssMiB: memory.maxMiB, misses },
      note: `${session.size} orders; ${note}`,
    };
  } finally {
    await upstream.process.stop();
  }
}

/** What arrives at the upstream per second. */
export async function countDuring(
  upstream: Upstream,
  count: DeliveryLoad['count'],
  seconds: number,
): Promise<number> {
  const before = count(await upstream.counts());
  const startedMs = performance.now();
  await delay(seconds * 1_000);
  const after = count(await upstream.counts());
  const perSecond = (after - before) / ((performance.now() - startedMs) / 1_000);
  if (!(perSecond > 0)) throw new Error('nothing arrived at the upstream');
  return perSecond;
}

async function callBare(session: Session, upstream: Upstream, load: DeliveryLoad): Promise<number> {
  const { kind, connections } = load.reference;
  const numbers = [connections, session.secondsPerRun, session.size].map(String);
  const args = [bareCaller, upstream.url, kind, ...numbers];
  const printed = await runProcess(
    { command: process.execPath, args },
    { signal: session.signal, timeoutMs: session.secondsPerRun * 1_000 + graceMs },
  );
  const { perSecond } = Object(JSON.parse(printed));
  if (!(perSecond > 0)) throw new Error(`the bare client failed: ${printed}`);
  return perSecond;
}

/** So many providers, all of them this upstream, which set no limit. */
export async function addProviders(
  panel: FilledPanel,
  { url }: Upstream,
  count: number,
): Promise<ProviderId[]> {
  const providers: ProviderId[] = [];
  for (let number = 1; number <= count; number += 1) {
    // A filled folder has providers of its own, and of earlier runs.
    const name = `Upstream ${number} at ${new URL(url).host}`;
    const input = { name, url, key: 'bench-key', callsPerMinuteMax: 6_000_000 };
    providers.push(await addProvider(panel.app, actor, input));
  }
  return providers;
}

/** The services that `orderBody` orders, dealt to providers in turn; without any staff deliver. */
export async function routeServices(
  panel: FilledPanel,
  providers: readonly ProviderId[],
): Promise<void> {
  const services = await panel.app.db
    .selectFrom('services')
    .select('id')
    .orderBy('id')
    .limit(servicesMade)
    .execute();
  for (const [at, { id: serviceId }] of services.entries()) {
    const providerId = providers[at % providers.length];
    const routes = providerId === undefined ? [] : [{ providerId, externalId: '1' }];
    await setRoutes(panel.app, actor, { serviceId, routes });
  }
}

type Filling = Omit<DeliveryLoad, 'reference'> & { orders: number };

/** Orders of many customers at the upstream, dealt to the providers in turn. */
export async function seedDeliveries(
  panel: Panel,
  upstream: Upstream,
  load: Filling,
): Promise<void> {
  const customers = await seedCustomers(panel);
  await seedServices(panel, servicesMade);
  const providers = await addProviders(panel, upstream, load.providers);
  const ids = customers.map(({ customerId }) => customerId);
  const { sql } = panel.owner;
  await sql.begin((session) => fillTables(session, { ids, providers, load }));
  await sql`select setval('order_ids', ${load.orders}::int)`;
  await sql.unsafe('vacuum analyze');
}

/**
 * Inserts the orders and their deliveries. Their references hold by how they are made, and indexes
 * are built at once: a million orders take 20 s, and took 50 s checked and indexed row by row.
 */
async function fillTables(
  session: TransactionSql,
  input: { ids: readonly number[]; providers: readonly number[]; load: Filling },
): Promise<void> {
  const { ids, providers, load } = input;
  const isFollowed = load.state === 'following';
  await session`set local session_replication_role = replica`;
  await session`set local maintenance_work_mem = '256MB'`;
  const indexes = await session<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and tablename in ('orders', 'deliveries')
      and indexname not in (select conname from pg_constraint)`;
  for (const { name } of indexes) await session.unsafe(`drop index ${name}`);
  // One in ten is Pending here and In progress there: that one changes when it is asked for.
  await session`
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      start_count, remains, created_at, updated_at, has_delivery)
    select (${ids}::int[])[1 + n % ${ids.length}::int], n, 1 + n % ${servicesMade}::int, 'Default',
      'single', case when ${isFollowed} and n % 10 > 0 then 'In progress' else 'Pending' end,
      'https://example.com/p/' || n, ${quantity}, 0,
      case when ${isFollowed} and n % 10 > 0 then n end, ${quantity}, now(), now(), true
    from generate_series(1, ${load.orders}::int) n`;
  await session`
    insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
      route_position, state, due_at, external_id, attempts, seen, poll_seconds, created_at,
      accepted_at)
    select customer_id, id, service_id,
      (${providers}::int[])[1 + id % ${providers.length}::int], '1', 1, ${load.state},
      now() - interval '1 hour' + id * interval '1 microsecond',
      case when ${isFollowed} then id::text end, case when ${isFollowed} then 1 else 0 end,
      case when ${isFollowed} and id % 10 > 0 then 'In progress|' || id || '|' || remains || '|||'
        when ${isFollowed} then 'Pending||' || remains || '|||' end,
      case when ${isFollowed} then 3600 else 0 end, now() - interval '1 day',
      case when ${isFollowed} then now() - interval '1 day' end
    from orders`;
  for (const { definition } of indexes) await session.unsafe(definition);
}
