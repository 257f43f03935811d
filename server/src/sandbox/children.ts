import { chargeFor, parseRate } from '../base/index.ts';
import { balanceAt, progressOf, stopsAtMs, subscriptionEnd } from './delivery.ts';
import { journalAmount, type Order, record, type State } from './state.ts';

type Due = { parent: Order; atMs: number; link: string; quantity: number };

/**
 * Makes the orders that runs and announced posts have become due for, in the order of their times.
 * Nothing runs in between calls, so a call that looks makes what should be there by now.
 */
export function makeDueChildren(state: State, nowMs: number): void {
  if (state.openParents.size === 0) return;
  const due = [...state.openParents]
    .flatMap((parent) =>
      parent.dripFeed === undefined
        ? duePosts(state, parent, nowMs)
        : dueRuns(state, parent, nowMs),
    )
    .sort((a, b) => a.atMs - b.atMs || a.parent.id - b.parent.id);
  for (const parent of state.openParents) {
    if (parent.subscription !== undefined) parent.subscription.isPaused = false;
  }
  for (const child of due) makeChild(state, child, nowMs);
  for (const parent of state.openParents) {
    if (progressOf(state, parent, nowMs).finalAtMs !== undefined) state.openParents.delete(parent);
  }
}

function makeChild(state: State, due: Due, nowMs: number): void {
  const { parent, link, quantity } = due;
  const { subscription } = parent;
  if (subscription?.isPaused) return;
  const charge = chargeFor(parseRate(parent.service.rate, 'rate'), BigInt(quantity));
  if (subscription !== undefined && charge > balanceAt(state, nowMs)) {
    subscription.isPaused = true;
    return;
  }
  record(state, {
    kind: 'child',
    at: new Date(due.atMs).toISOString(),
    order: state.nextOrderId,
    parent: parent.id,
    link,
    quantity,
    charge: journalAmount(charge),
  });
}

function dueRuns(state: State, parent: Order, nowMs: number): Due[] {
  const { runs, intervalMs } = parent.dripFeed ?? { runs: 0, intervalMs: 0 };
  const stopMs = stopsAtMs(state, parent);
  const due: Due[] = [];
  for (let run = parent.childIds.length; run < runs; run += 1) {
    const atMs = parent.atMs + run * intervalMs;
    if (atMs > nowMs || atMs >= stopMs) break;
    due.push({ parent, atMs, link: parent.link, quantity: parent.quantity });
  }
  return due;
}

function duePosts(state: State, parent: Order, nowMs: number): Due[] {
  const { subscription } = parent;
  if (subscription === undefined) return [];
  const { min, max, announced, posts = announced.length } = subscription;
  const endMs = subscriptionEnd(state, parent).atMs;
  const made = parent.childIds.length;
  return announced.slice(made, Math.max(made, posts)).flatMap((post, index) => {
    if (post.dueAtMs > nowMs || post.dueAtMs >= endMs) return [];
    // Any amount between the bounds will do, if it is the same after a restart.
    const quantity = min + (((made + index) * 7919) % (max - min + 1));
    // What waited for balance begins when it is there.
    const atMs = subscription.isPaused ? nowMs : post.dueAtMs;
    return [{ parent, atMs, link: post.link, quantity }];
  });
}
