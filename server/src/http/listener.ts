import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { type Amount, type Batcher, type CustomerId, type Peers, secondMs } from '../base/index.ts';
import { createRecentCalls, type Keyring } from '../customers/index.ts';
import type { Db, StorageWatch } from '../db/index.ts';
import { readProviderLoads } from '../fulfilment/index.ts';
import type { Mailer } from '../mail/index.ts';
import { createOrderReader, type OrdersCtx, type Placement } from '../orders/index.ts';
import type { PaymentsCtx } from '../payments/index.ts';
import type { ProvidersCtx } from '../providers/index.ts';
import type { SignIn } from '../sign-in/index.ts';
import {
  type ApiHandler,
  createApiHandler,
  createHttpCalls,
  createServicesRenderer,
  statusEntry,
} from './api-v2/index.ts';
import { createPages } from './app.ts';
import { addressFor, type ClientOptions } from './client.ts';
import { createLiveHub } from './live.ts';
import { createMetrics } from './metrics.ts';
import { createReadiness } from './readiness.ts';

export type HttpContext = OrdersCtx &
  PaymentsCtx &
  ProvidersCtx & {
    keyring: Keyring;
    placement: Placement;
    reads: Db;
    balanceReader: Batcher<CustomerId, Amount>;
    signIn: SignIn;
    mailer: Mailer;
    storage: StorageWatch;
  };

/** All that answers requests, without a port. */
export type Listener = {
  /** Answers any request; resolves when its answer is on its way. Never rejects. */
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** What answers `/api/v2`. */
  api: ApiHandler;
  /** Everything else. */
  pages: Hono;
  /** Ends what stays open for as long as somebody looks. */
  stop: () => void;
  /** Stores what was to be stored after the answers. */
  flush: () => Promise<void>;
};

const recentCallsMs = 2_000;
const lastUseMs = 15 * secondMs;

/**
 * Puts together what answers: `/api/v2` by its own handler, everything else by the pages' router.
 * @param options `isStopping` says whether the process takes nothing new
 */
export function createListener(
  ctx: HttpContext,
  options: ClientOptions & { isStopping: () => boolean; peers?: Peers | undefined },
): Listener {
  const { peers } = options;
  const metrics = createMetrics(() => readProviderLoads(ctx.db, ctx.clock.now()), peers);
  const recentCalls = createRecentCalls(ctx);
  const api = createApiHandler({
    ctx: {
      ...ctx,
      renderServices: createServicesRenderer(),
      orderReader: createOrderReader(ctx.reads, (order) =>
        statusEntry(order, ctx.catalog.current().settings.currency),
      ),
    },
    keyring: ctx.keyring,
    clock: ctx.clock,
    log: ctx.log,
    peers,
    recentCalls,
    onCall: metrics.observeCall,
  });
  const handleApiCall = createHttpCalls(api, addressFor(options));
  const live = createLiveHub(ctx);
  const leaving = new AbortController();
  const storeCalls = () => recentCalls.store(leaving.signal);
  const storeUses = () =>
    ctx.keyring
      .flushLastUse()
      .catch((error: unknown) => ctx.log.warn({ error }, 'the last use of keys is not stored'));
  const storing = [
    setInterval(() => void storeCalls(), recentCallsMs),
    setInterval(() => void storeUses(), lastUseMs),
  ];
  const pages = createPages({
    ...ctx,
    live,
    metrics,
    publicUrl: options.publicUrl,
    isProxyTrusted: options.isProxyTrusted,
    readiness: createReadiness({ ...ctx, isStopping: options.isStopping }),
  });
  const handlePage = getRequestListener(pages.fetch);
  return {
    api,
    pages,
    answer: async (request, response) => {
      await (isApiCall(request.url ?? '')
        ? handleApiCall(request, response)
        : handlePage(request, response));
    },
    stop: () => {
      live.close();
      storing.forEach(clearInterval);
      leaving.abort();
    },
    flush: async () => void (await Promise.all([storeCalls(), storeUses()])),
  };
}

function isApiCall(url: string): boolean {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return path === '/api/v2' || path === '/api/v2/';
}
