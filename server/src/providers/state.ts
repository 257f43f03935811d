import type { Actor, ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { lockProvider, type Provider, type ProviderState } from './provider.ts';

/**
 * Sets a provider on, lets it finish what it has (`draining`), or stops all calls to it.
 * @returns whether that was a change
 * @throws AppError `not_allowed`, `not_found`
 */
export async function setProviderState(
  ctx: Ctx,
  actor: Actor,
  input: { providerId: ProviderId; state: ProviderState },
): Promise<boolean> {
  requireStaff(actor, 'providers');
  const { providerId, state } = input;
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const before = await lockProvider(tx, providerId);
    const pausedBy = state === 'paused' ? 'staff' : null;
    return changeState(tx, before, { state, pausedBy, at, actor });
  });
}

/**
 * Pauses a provider that has no funds left or refuses its key; a block for whoever learns of it.
 * A draining provider is sent no orders, so for want of funds it goes on draining.
 * @returns whether that was a change: no for one that is paused already
 * @throws AppError `not_found`
 */
export async function pauseProvider(
  tx: Tx,
  input: { providerId: ProviderId; by: 'funds' | 'key'; at: Date; actor: Actor },
): Promise<boolean> {
  const { by, at, actor } = input;
  const before = await lockProvider(tx, input.providerId);
  const isLeft = before.state === 'paused' || (before.state === 'draining' && by === 'funds');
  if (isLeft) return false;
  return changeState(tx, before, { state: 'paused', pausedBy: by, at, actor });
}

/** Sets a provider on that had no funds; a block. The caller has locked the row. */
export async function resumeFunded(
  tx: Tx,
  before: Provider,
  input: { at: Date; actor: Actor },
): Promise<boolean> {
  return changeState(tx, before, { state: 'on', pausedBy: null, ...input });
}

type StateChange = {
  state: ProviderState;
  pausedBy: Provider['pausedBy'];
  at: Date;
  actor: Actor;
};

async function changeState(tx: Tx, before: Provider, change: StateChange): Promise<boolean> {
  const { state, pausedBy, at, actor } = change;
  if (before.state === state && before.pausedBy === pausedBy) return false;
  await tx
    .updateTable('providers')
    .set({ state, paused_by: pausedBy })
    .where('id', '=', before.id)
    .execute();
  await recordAudit(tx, {
    actor,
    action: 'provider.state',
    subject: `provider:${before.id}`,
    before: { state: before.state, pausedBy: before.pausedBy },
    after: { state, pausedBy },
    at,
  });
  return true;
}
