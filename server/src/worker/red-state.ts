import type { Ctx } from '../db/index.ts';
import { judgeDispatch, readDispatchState } from '../fulfilment/index.ts';

/**
 * Watches whether dispatch stands still, a provider is stopped or an order is unknown for long, and
 * tells the log when such a state begins or becomes another, and when it ends: not while it lasts.
 * @returns looks once
 */
export function createRedStateWatch(ctx: Ctx): () => Promise<void> {
  let told = '';
  return async () => {
    const now = ctx.clock.now();
    const state = await readDispatchState(ctx.db, now);
    const failing = judgeDispatch(state, now).filter(({ ok }) => !ok);
    const providers = state.stopped;
    const seen = JSON.stringify([failing.map(({ name }) => name), providers]);
    if (seen === told) return;
    const wasGreen = told === '' || told === greenText;
    told = seen;
    if (failing.length > 0) {
      const checks = Object.fromEntries(failing.map(({ name, detail }) => [name, detail]));
      ctx.log.error({ checks, providers }, 'delivery is in the red state');
    } else if (!wasGreen) ctx.log.info({}, 'delivery is out of the red state');
  };
}

const greenText = JSON.stringify([[], []]);
