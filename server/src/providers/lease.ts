import { type Clock, secondMs } from '../base/index.ts';
import type { Provider } from './provider.ts';

/** Beyond the time an answer may take: for the clocks of workers, and for writing it down. */
const leaseGraceMs = 30 * secondMs;

/** How long what is sent in a slot is its worker's alone; after this others take it for unknown. */
export function leaseUntil(provider: Pick<Provider, 'addTimeoutMs'>, sendAt: Date): Date {
  return new Date(sendAt.getTime() + provider.addTimeoutMs + leaseGraceMs);
}

/** Whether an answer would still come within the lease: a worker held up past it sends nothing. */
export function mayStillSend(
  clock: Clock,
  provider: Pick<Provider, 'addTimeoutMs'>,
  until: Date,
): boolean {
  return clock.now().getTime() + provider.addTimeoutMs < until.getTime();
}
