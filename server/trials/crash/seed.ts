import {
  type CustomerId,
  fakeClock,
  hourMs,
  type OrderId,
  type ProviderId,
  type ServiceId,
  secondMs,
  silentLog,
} from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { createDeliveryQueues, forwardDue, pollDue } from '../../src/fulfilment/index.ts';
import { addProvider, findProvider } from '../../src/providers/index.ts';
import { type App, openRuntime } from '../../src/runtime/index.ts';
import { place } from '../../tests/concurrency/peers.ts';
import { until } from '../../tests/delivery/processes.ts';
import { makeCustomer, makeService, staff } from '../../tests/factories.ts';
import type { FakeUpstream } from '../../tests/fake-upstream.ts';
import { testSecret } from '../../tests/harness.ts';

/** One who calls the API. */
export type Caller = { customerId: CustomerId; key: string };

/** Whom a panel sells to, and what. */
export type Seed = {
  callers: readonly Caller[];
  /** Delivered by the upstream, may be cancelled and refilled. */
  plain: ServiceId;
  /** The same in runs. */
  drip: ServiceId;
  /** A subscription that runs. */
  subscription: OrderId;
  /** Orders that were completed long enough ago to be refilled. */
  refillable: { caller: Caller; order: OrderId }[];
};

const callerCount = 4;
/** A refill may be asked for a day after the order was completed. */
const longAgoMs = 30 * hourMs;
const callsPerSecondMax = 100_000;
const ordersPerRound = 200;

/** Fills an empty panel, as of a day and more ago. */
export async function seedPanel(
  databaseUrl: string,
  options: { upstream: FakeUpstream; refillable: number },
): Promise<Seed> {
  const clock = fakeClock(new Date(Date.now() - longAgoMs));
  const runtime = await openRuntime({
    ...{ databaseUrl, dataDir: '', databaseUser: '', connectionsMax: 4, clock, log: silentLog },
    ...{ secret: testSecret, privateAddresses: 'allow' },
  });
  try {
    const { app } = runtime;
    const callers = await makeCallers(app);
    const sold = await sell(app, options.upstream);
    const subscription = await subscribe(app, callers);
    const refillable = await placeOld(app, { callers, plain: sold.plain, ...options });
    const provider = await findProvider(app.db, sold.providerId);
    const ctx = { ...app, ...createDeliveryQueues(app) };
    const sending = { limit: ordersPerRound, brake: { isSet: false } };
    while ((await forwardDue(ctx, provider, sending)) > 0);
    await until('the old orders are completed', async () => {
      clock.advance(secondMs);
      await pollDue(ctx, provider, 20);
      return (await countOpen(app)) === 0;
    });
    return { callers, ...sold, subscription, refillable };
  } finally {
    await runtime.close();
  }
}

async function makeCallers(app: App): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (let count = 0; count < callerCount; count += 1) {
    const caller = await makeCustomer({ app }, { funds: '1000000' });
    const { customerId } = caller;
    await updateCustomer(app, staff, { customerId, changes: { callsPerSecondMax } });
    callers.push(caller);
  }
  return callers;
}

async function sell(app: App, upstream: FakeUpstream) {
  const providerId: ProviderId = await addProvider(app, staff, {
    ...{ name: 'Upstream', url: upstream.url, key: upstream.key },
    ...{ callsPerMinuteMax: 6_000_000, addTimeoutMs: 2_000, requestIdField: 'request_id' },
  });
  const rules = { rate: '5', cancel: true, refill: true, refillDays: 30 };
  const plain = await makeService({ app }, rules);
  const drip = await makeService({ app }, { ...rules, dripfeed: true });
  for (const serviceId of [plain, drip]) {
    await setRoutes(app, staff, { serviceId, routes: [{ providerId, externalId: '1' }] });
  }
  await app.catalog.refresh();
  return { providerId, plain, drip };
}

async function subscribe(app: App, [caller]: readonly Caller[]): Promise<OrderId> {
  if (caller === undefined) throw new Error('there is a caller');
  const service = await makeService({ app }, { rate: '5', type: 'Subscriptions' });
  const fields = { service, username: 'crash', min: 100, max: 200, delay: 0 };
  return place(app, caller.customerId, fields);
}

async function placeOld(
  app: App,
  from: { callers: readonly Caller[]; plain: ServiceId; refillable: number },
): Promise<Seed['refillable']> {
  const perCaller = Math.ceil(from.refillable / from.callers.length);
  const placing = from.callers.flatMap((caller) =>
    Array.from({ length: perCaller }, async (_, at) => {
      const link = `https://crash.example/old/${at}`;
      const fields = { service: from.plain, link, quantity: 100 };
      return { caller, order: await place(app, caller.customerId, fields) };
    }),
  );
  return Promise.all(placing);
}

async function countOpen(app: App): Promise<number> {
  const found = await app.db
    .selectFrom('orders')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('kind', '=', 'single')
    .where('completed_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(found.count);
}
