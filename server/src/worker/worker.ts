import { hourMs } from '../base/index.ts';
import { closeCancels } from '../cancels/index.ts';
import { syncDueProviders } from '../catalog/index.ts';
import type { Keyring } from '../customers/index.ts';
import { dropOldMails, type MailCtx, sendDueMails } from '../mail/index.ts';
import {
  createDuePosts,
  createDueRuns,
  expireSubscriptions,
  type OrdersCtx,
} from '../orders/index.ts';
import { expirePayments } from '../payments/index.ts';
import { type ProvidersCtx, pruneCalls, watchBalances } from '../providers/index.ts';
import { dropExpired } from '../sign-in/index.ts';
import { startDelivery } from './delivery.ts';
import { createRedStateWatch } from './red-state.ts';

export type WorkerCtx = OrdersCtx & ProvidersCtx & MailCtx & { keyring: Keyring };
export type Worker = { stop: () => Promise<void> };

const tickMs = 1_000;
const lastUseMs = 15_000;
const closeCancelsMs = 15_000;
const healthMs = 10_000;
const pruneMs = hourMs;
/** Often enough that a provider out of funds, asked every minute, is seen in time. */
const balancesMs = 5_000;
const redStateMs = 5_000;
const syncMs = 60_000;
const expirePaymentsMs = 60_000;

/**
 * Does what falls due: delivery to providers and what comes back, their catalogs and balances,
 * drip-feed runs, posts of subscriptions, subscriptions that expire. Any number of workers share
 * one database; what is due is claimed by row locks. A failed task is logged and tried again at
 * the next tick.
 */
export function startWorker(ctx: WorkerCtx): Worker {
  let isStopped = false;
  const leaving = new AbortController();
  const delivery = startDelivery({ ...ctx, leaving: leaving.signal });
  const loops = [
    every(tickMs, () => delivery.refresh()),
    every(healthMs, () => ctx.upstreams.flush()),
    every(pruneMs, () => untilNone(() => pruneCalls(ctx.db, ctx.clock.now()))),
    every(balancesMs, async () => {
      await watchBalances(ctx, leaving.signal);
    }),
    every(redStateMs, createRedStateWatch(ctx)),
    every(syncMs, async () => {
      await syncDueProviders(ctx, leaving.signal);
    }),
    every(tickMs, () => untilNone(() => createDueRuns(ctx))),
    every(tickMs, () => untilNone(() => createDuePosts(ctx))),
    every(tickMs, () => untilNone(() => expireSubscriptions(ctx))),
    every(closeCancelsMs, () => untilNone(() => closeCancels(ctx))),
    every(expirePaymentsMs, () => untilNone(() => expirePayments(ctx))),
    every(tickMs, () => untilNone(() => sendDueMails(ctx))),
    every(pruneMs, () => dropOldMails(ctx)),
    every(pruneMs, () => dropExpired(ctx)),
    every(lastUseMs, () => ctx.keyring.flushLastUse()),
  ];

  function every(ms: number, task: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> = Promise.resolve();
    let timer: NodeJS.Timeout | undefined;
    const tick = () => {
      running = task()
        .catch((error: unknown) => ctx.log.error({ error }, 'a task of the worker failed'))
        .then(() => {
          if (!isStopped) timer = setTimeout(tick, ms);
        });
    };
    tick();
    return async () => {
      clearTimeout(timer);
      await running;
    };
  }

  async function untilNone(task: () => Promise<number>): Promise<void> {
    while (!isStopped && (await task()) > 0);
  }

  return {
    stop: async () => {
      isStopped = true;
      leaving.abort();
      await Promise.all([delivery.stop(), ...loops.map((stop) => stop())]);
    },
  };
}
