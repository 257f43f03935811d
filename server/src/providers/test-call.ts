import { type Actor, AppError, type ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { findProvider } from './provider.ts';
import { takeCallSlots } from './slots.ts';
import type { ProvidersCtx } from './upstreams.ts';

/** What a provider answered about itself. The balance is its own text, in its own currency. */
export type TestCall = { balance: string; currency: string | null; tookMs: number };

/**
 * Asks a provider for its balance, whatever its state, at once: the slot is only counted.
 * @throws AppError `not_allowed`, `not_found`, or `conflict` with what is wrong with the provider
 *   as its detail
 */
export async function testProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  providerId: ProviderId,
): Promise<TestCall> {
  requireStaff(actor, 'providers');
  const provider = await findProvider(ctx.db, providerId);
  const upstream = ctx.upstreams.open(provider);
  await takeCallSlots(ctx.db, { providerId, count: 1, now: ctx.clock.now() });
  const startMs = performance.now();
  const reading = await upstream.balance();
  if (!reading.ok) {
    const why = ctx.upstreams.lastFailure(providerId);
    throw new AppError('conflict', `provider "${provider.name}" does not work: ${why}`, {
      detail: why,
    });
  }
  return { ...reading.value, tookMs: Math.round(performance.now() - startMs) };
}
