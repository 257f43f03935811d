import { idsPerRequestMax } from '@panelwright/sdk';
import { forwardCancels } from '../cancels/index.ts';
import {
  type Brake,
  batchLimit,
  claimDue,
  type ForwardCtx,
  inFlightMax,
  type PollCtx,
  pollDue,
  reconcileDue,
  rerouteDue,
  sendIntent,
  takesOrders,
} from '../fulfilment/index.ts';
import { isHeldBack, type Provider } from '../providers/index.ts';
import { followRefills, forwardRefills } from '../refills/index.ts';
import { createPauses } from './pauses.ts';

/** The work for one provider, apart from all others: one that hangs holds up nobody else. */
export type Lane = {
  /** Goes on with the provider as it is now. */
  update: (provider: Provider) => void;
  /** Sends nothing more, and resolves when every answer on its way is written. */
  stop: () => Promise<void>;
};

const idleMs = 500;
const roomMs = 20;
const failedMs = 2_000;
/** However far ahead its slots are, orders are moved to other providers this often. */
const rerouteMs = 10_000;
/** How far ahead of its slots the rate limit may be used up: all kinds of calls shall get some. */
const slotsAheadMs = 1_000;
/** Lists of 100 orders asked for at a time, and how many such rounds overlap. */
const pollListsMax = 20;
const pollRounds = 2;
/**
 * Lists of all providers at a time, though each may ask for one: what a worker has in memory grows
 * with it, some 3 kB an order, and not with the providers.
 */
const allListsMax = 100;
/** Refills and cancellations go as one list at a time. */
const requestsPerList = idsPerRequestMax;

/** What the loops of all providers share: how many lists they ask for at the moment. */
type LaneCtx = ForwardCtx & PollCtx & { leaving: AbortSignal; asking: { lists: number } };

/** Starts the loops of a provider: forwarding, following, what is unknown, what is asked for. */
export function startLane(ctx: LaneCtx, first: Provider): Lane {
  let provider = first;
  let isStopped = false;
  let brake: Brake = { isSet: false };
  const pauses = createPauses();
  const sending = new Set<Promise<void>>();

  async function repeat(task: () => Promise<number>): Promise<void> {
    while (!isStopped) {
      try {
        await pauses.wait(await task());
      } catch (error) {
        if (error === ctx.leaving.reason) return;
        ctx.log.error({ error, provider: provider.id }, 'work for a provider failed');
        await pauses.wait(failedMs);
      }
    }
  }

  /** @returns how long to pause before the next round, in milliseconds */
  async function forward(): Promise<number> {
    if ((await rerouteDue(ctx, provider)) > 0) return 0;
    if (isLeftAlone(ctx, provider) || !takesOrders(provider) || brake.isSet) return idleMs;
    // Taking orders costs a transaction: a moment's wait makes room for many in the next one.
    if (sending.size > inFlightMax / 2) await pauses.wait(roomMs);
    const room = inFlightMax - sending.size;
    if (room === 0) return roomMs;
    const limit = batchLimit(provider, room);
    const { intents, taken } = await claimDue(ctx, provider, limit);
    for (const intent of intents) {
      const sent = sendIntent(ctx, intent, { provider, brake }).catch((error: unknown) =>
        ctx.log.error({ error, orderId: intent.orderId }, 'an order was not sent as it should'),
      );
      sending.add(sent);
      void sent.then(() => sending.delete(sent));
    }
    const aheadMs = (intents.at(-1)?.sendAt.getTime() ?? 0) - ctx.clock.now().getTime();
    // Rerouting goes on meanwhile.
    return Math.max(taken < limit ? idleMs : 0, Math.min(aheadMs - slotsAheadMs, rerouteMs));
  }

  async function reconcile(): Promise<number> {
    return (await reconcileDue(ctx, provider)) === 0 ? idleMs : 0;
  }

  const loops = [
    repeat(forward),
    ...Array.from({ length: pollRounds }, () => repeat(() => follow(ctx, provider))),
    repeat(reconcile),
    repeat(() => passRequests(ctx, provider)),
  ];
  return {
    update: (now) => {
      // The provider may have been stopped by an answer; seen as on again, it is sent to again.
      if (brake.isSet && takesOrders(now)) brake = { isSet: false };
      // Staff who stop a provider stop what was taken for it and is not sent, too.
      else if (!takesOrders(now)) brake.isSet = true;
      provider = now;
    },
    stop: async () => {
      isStopped = true;
      brake.isSet = true;
      pauses.end();
      await Promise.all(loops);
      await Promise.all(sending);
    },
  };
}

/** Whether a provider has asked for a pause: what is taken now would only wait. */
function isLeftAlone(ctx: ForwardCtx | PollCtx, provider: Provider): boolean {
  return isHeldBack(provider, ctx.clock.now());
}

/** @returns how long to pause, as every loop's task does */
async function follow(ctx: LaneCtx, provider: Provider): Promise<number> {
  if (isLeftAlone(ctx, provider)) return idleMs;
  const lists = listsToAsk(provider.callsPerMinuteMax, ctx.asking.lists);
  ctx.asking.lists += lists;
  try {
    return (await pollDue(ctx, provider, lists)) === 0 ? idleMs : 0;
  } finally {
    ctx.asking.lists -= lists;
  }
}

/** Refills and cancellations; what customers ask for comes before questions. */
async function passRequests(ctx: ForwardCtx, provider: Provider): Promise<number> {
  if (isLeftAlone(ctx, provider)) return idleMs;
  const cancels = await forwardCancels(ctx, provider, requestsPerList);
  const refills = await forwardRefills(ctx, provider, requestsPerList);
  const followed = await followRefills(ctx, provider, requestsPerList);
  return cancels + refills + followed === 0 ? idleMs : 0;
}

/**
 * How many lists a provider that may be called so often is asked for in one round, beside so many
 * that are under way: half of what is left, so that who comes next finds some, too.
 */
export function listsToAsk(callsPerMinuteMax: number, underWay: number): number {
  const perSecond = Math.floor(callsPerMinuteMax / 60);
  const share = Math.ceil((allListsMax - underWay) / 2);
  return Math.max(1, Math.min(perSecond, pollListsMax, share));
}
