import type { OrderId, ProviderId, ServiceId } from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import {
  createDeliveryQueues,
  expireLeases,
  type ForwardCtx,
  forwardDue,
  type PollCtx,
  pollDue,
  reconcileDue,
} from '../../src/fulfilment/index.ts';
import { addProvider, findProvider, type Provider } from '../../src/providers/index.ts';
import {
  countAdds,
  createSandbox,
  type Sandbox,
  type SandboxOptions,
  type ServedSandbox,
  serveSandbox,
} from '../../src/sandbox/index.ts';
import { makeService, staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';

/** A fake upstream of a test panel, on the panel's clock, and the work for it, step by step. */
export type Upstream = {
  sandbox: Sandbox;
  served: ServedSandbox;
  /** What calls to the sandbox have as `key`. */
  key: string;
  providerId: ProviderId;
  ctx: ForwardCtx & PollCtx;
  provider: () => Promise<Provider>;
  /** A service of the panel that is delivered by one of the sandbox's. */
  sell: (options?: Parameters<typeof makeService>[1] & Selling) => Promise<ServiceId>;
  /** Sends what is due, once. */
  forward: (limit?: number) => Promise<number>;
  poll: () => Promise<number>;
  /** Takes attempts without an answer for unknown, and looks into what is unknown. */
  reconcile: () => Promise<number>;
  close: () => Promise<void>;
};

export type Selling = {
  /** The sandbox's service; default 1, a plain one. */
  external?: string;
  isDelegated?: boolean;
  guardsMargin?: boolean;
};

type Options = Partial<SandboxOptions> & {
  name?: string;
  requestIdField?: string;
  addTimeoutMs?: number;
};

let counter = 0;

/** Serves a sandbox and adds it to the panel as a provider without a rate limit to speak of. */
export async function openUpstream(panel: TestPanel, options: Options = {}): Promise<Upstream> {
  counter += 1;
  const key = `upstream-key-${counter}-0123456789`;
  const sandbox = createSandbox({ key, clock: panel.clock, balance: '100000.00', ...options });
  const served = await serveSandbox(sandbox, { host: '127.0.0.1', port: 0 });
  const providerId = await addProvider(panel.app, staff, {
    name: options.name ?? `Upstream ${counter}`,
    url: served.url,
    key,
    callsPerMinuteMax: 6_000_000,
    addTimeoutMs: options.addTimeoutMs ?? 5_000,
    ...(options.requestIdField === undefined ? {} : { requestIdField: options.requestIdField }),
  });
  const ctx: ForwardCtx & PollCtx = {
    ...panel.app,
    ...createDeliveryQueues(panel.app),
  };
  const provider = () => findProvider(panel.app.db, providerId);
  return {
    sandbox,
    served,
    key,
    providerId,
    ctx,
    provider,
    sell: async ({ external = '1', isDelegated, guardsMargin, ...service } = {}) => {
      const serviceId = await makeService(panel, { rate: '5', cancel: true, ...service });
      const route = { providerId, externalId: external, isDelegated, guardsMargin };
      await setRoutes(panel.app, staff, { serviceId, routes: [dropUndefined(route)] });
      await panel.app.catalog.refresh();
      return serviceId;
    },
    forward: async (limit = 100) =>
      forwardDue(ctx, await provider(), { limit, brake: { isSet: false } }),
    poll: async () => pollDue(ctx, await provider(), 20),
    reconcile: async () => {
      await expireLeases(panel.app);
      return reconcileDue(ctx, await provider());
    },
    close: async () => {
      served.release('reset');
      await served.stop();
      sandbox.close();
    },
  };
}

function dropUndefined<T extends object>(value: T): T {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as T; // the same fields, less those that say nothing
}

/** Places an order over the API and answers its id. */
export async function place(
  panel: TestPanel,
  fields: Record<string, string | number>,
): Promise<OrderId> {
  const reply = Object(await panel.call({ action: 'add', ...fields }));
  if (reply.order === undefined) throw new Error(`refused: ${JSON.stringify(reply)}`);
  return BigInt(reply.order) as OrderId;
}

/** How an order's delivery stands. */
export async function deliveryOf(panel: TestPanel, orderId: OrderId) {
  return panel.app.db
    .selectFrom('deliveries')
    .selectAll()
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow();
}

/** An order as its customer's `status` shows it. */
export async function statusOf(
  panel: TestPanel,
  key: string,
  order: OrderId,
): Promise<Record<string, unknown>> {
  return Object(await panel.call({ key, action: 'status', order: String(order) }));
}

/** How many orders a sandbox has made for a link. */
export function addsIn(upstream: Pick<Upstream, 'sandbox'>, link: string): number {
  return countAdds(upstream.sandbox.journal(), 'link').get(link) ?? 0;
}
