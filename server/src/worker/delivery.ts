import type { ProviderId } from '../base/index.ts';
import { expireCancels, resolveCancels } from '../cancels/index.ts';
import { createDeliveryQueues, expireLeases, type PollCtx } from '../fulfilment/index.ts';
import { readProviders } from '../providers/index.ts';
import { expireRefills } from '../refills/index.ts';
import { type Lane, startLane } from './lane.ts';

/** Delivery to all providers. */
export type Delivery = {
  /** Sees which providers there are and how they are set; called every second. */
  refresh: () => Promise<void>;
  /** Sends nothing more, and resolves when every answer on its way is written. */
  stop: () => Promise<void>;
};

/**
 * Starts a lane for each provider, and one for each that is added later.
 * @param ctx its signal is the one to stop by, together with `stop`
 */
export function startDelivery(ctx: Omit<PollCtx, 'settler'> & { leaving: AbortSignal }): Delivery {
  const laneCtx = { ...ctx, ...createDeliveryQueues(ctx), asking: { lists: 0 } };
  const lanes = new Map<ProviderId, Lane>();
  let isStopped = false;
  return {
    refresh: async () => {
      const providers = await readProviders(ctx.db);
      for (const provider of providers) {
        if (isStopped) return;
        const lane = lanes.get(provider.id);
        if (lane === undefined) lanes.set(provider.id, startLane(laneCtx, provider));
        else lane.update(provider);
      }
      while ((await expireLeases(ctx)) > 0);
      while ((await expireRefills(ctx)) > 0);
      while ((await expireCancels(ctx)) > 0);
      while ((await resolveCancels(ctx)) > 0);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
