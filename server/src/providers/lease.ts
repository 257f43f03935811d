import type { Answers, NotSent } from '@panelwright/sdk';
import { type Clock, secondMs } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';
import type { Provider } from './provider.ts';
import { untilSlot } from './slots.ts';

/** Beyond the time an answer may take: for the clocks of workers, and for writing it down. */
const leaseGraceMs = 30 * secondMs;

/** How long what is sent in a slot is its worker's alone; after this others take it for unknown. */
export function leaseUntil(provider: Pick<Provider, 'addTimeoutMs'>, sendAt: Date): Date {
  return new Date(sendAt.getTime() + provider.addTimeoutMs + leaseGraceMs);
}

/** A list that is written down as being sent: when its turn is, and how long it is its worker's. */
export type LeasedList = { ids: readonly string[]; sendAt: Date; leaseUntil: Date };

/**
 * Sends a list once, in its slot and within its lease; too late, or by a worker that stops, it is
 * not sent at all.
 * @returns the outcome of each id
 */
export async function sendLeased<Outcome>(
  { clock, leaving }: Pick<Ctx, 'clock'> & { leaving?: AbortSignal },
  provider: Pick<Provider, 'addTimeoutMs'>,
  list: LeasedList & { send: (ids: readonly string[]) => Promise<Answers<Outcome>> },
): Promise<(id: string) => Outcome | NotSent> {
  await untilSlot(clock, list.sendAt, leaving);
  const maySend = !leaving?.aborted && mayStillSend(clock, provider, list.leaseUntil);
  const answers = maySend ? (await list.send(list.ids)).answers : undefined;
  return (id) => answers?.get(id) ?? notSent;
}

const notSent: NotSent = { outcome: 'notSent', reason: 'aborted', retryAfterMs: null };

/** Whether an answer would still come within the lease: a worker held up past it sends nothing. */
export function mayStillSend(
  clock: Clock,
  provider: Pick<Provider, 'addTimeoutMs'>,
  until: Date,
): boolean {
  return clock.now().getTime() + provider.addTimeoutMs < until.getTime();
}
