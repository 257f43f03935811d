import { AppError, type CustomerId, type OrderId, silentLog } from '../../src/base/index.ts';
import { placeOrder } from '../../src/orders/index.ts';
import { type App, openRuntime, type Runtime } from '../../src/runtime/index.ts';
import { type TestPanel, testSecret } from '../harness.ts';

/** A second server on the panel's database, with its own pool, queues and caches. */
export function openPeer(
  panel: TestPanel,
  options: { databaseUrl?: string; connectionsMax?: number } = {},
): Promise<Runtime> {
  return openRuntime({
    databaseUrl: options.databaseUrl ?? panel.databaseUrl,
    dataDir: '',
    databaseUser: '',
    connectionsMax: options.connectionsMax ?? 4,
    secret: testSecret,
    privateAddresses: 'allow',
    clock: panel.clock,
    log: silentLog,
  });
}

/** Places an order past HTTP and its rate limit, at list price. */
export function place(
  app: App,
  customerId: CustomerId,
  fields: Record<string, string | number>,
): Promise<OrderId> {
  return placeOrder(
    app,
    { kind: 'customer', customerId, keyId: null },
    {
      terms: { discountBasisPoints: 0, ownRates: new Map() },
      fields: new Map(Object.entries(fields).map(([name, value]) => [name, String(value)])),
    },
  );
}

/** How often each outcome came: `ok`, or the code of the refusal. */
export async function tally(attempts: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.allSettled(attempts)) {
    const name = outcome.status === 'fulfilled' ? 'ok' : refusalName(outcome.reason);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function refusalName(reason: unknown): string {
  return reason instanceof AppError ? reason.code : String(reason);
}

/** `count` calls, started without waiting for each other. */
export function times<T>(count: number, call: (index: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, (_, index) => call(index));
}
