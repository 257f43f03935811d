import type { Actor, ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { inTransaction, recordAudit } from '../db/index.ts';
import {
  auditFields,
  cleanFields,
  columnsOf,
  type ProviderChanges,
  refusingTakenName,
} from './fields.ts';
import { lockProvider, type Provider, type ProviderState } from './provider.ts';
import { isSameOrigin } from './secret.ts';
import type { ProvidersCtx } from './upstreams.ts';

/** How a provider is after a change. */
export type ProviderUpdate = { state: ProviderState; hasKey: boolean };

/**
 * Changes a provider. An address of another scheme, host or port blanks the stored key, unless a
 * new one comes along, and forgets the balance: whoever can change the address must not be sent the
 * key. A new key sets a provider on again that was paused because of its key.
 * @throws AppError `not_allowed`, `not_found`, `invalid_input`, `conflict` for a name that is taken
 */
export async function updateProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  input: { providerId: ProviderId; changes: ProviderChanges },
): Promise<ProviderUpdate> {
  requireStaff(actor, 'providers');
  const { providerId } = input;
  const changes = cleanFields(input.changes);
  const at = ctx.clock.now();
  return refusingTakenName(changes.name ?? '', () =>
    inTransaction(ctx.db, async (tx) => {
      const before = await lockProvider(tx, providerId);
      if (changes.url !== undefined && !before.isSandbox) {
        ctx.upstreams.checkUrl(new URL(changes.url));
      }
      const url = changes.url ?? before.url;
      const hasMoved = !isSameOrigin(before.url, url);
      const keySealed = sealedAfter(ctx, { before, url, key: changes.key, hasMoved });
      const isBack = changes.key !== undefined && before.pausedBy === 'key';
      const after: ProviderUpdate = {
        state: isBack ? 'on' : before.state,
        hasKey: keySealed !== null,
      };
      await tx
        .updateTable('providers')
        .set({
          ...columnsOf(changes),
          key_sealed: keySealed,
          state: after.state,
          paused_by: isBack ? null : before.pausedBy,
          ...(hasMoved ? { balance: null, balance_at: null } : {}),
        })
        .where('id', '=', providerId)
        .execute();
      const isBlanked = before.keySealed !== null && !after.hasKey;
      await recordAudit(tx, {
        actor,
        action: 'provider.update',
        subject: `provider:${providerId}`,
        before: { ...auditFields(pickChanged(before, changes)), state: before.state },
        after: {
          ...auditFields(changes),
          state: after.state,
          ...(isBlanked ? { key: 'blanked' } : {}),
        },
        at,
      });
      return after;
    }),
  );
}

function sealedAfter(
  ctx: ProvidersCtx,
  change: { before: Provider; url: string; key: string | undefined; hasMoved: boolean },
): Uint8Array | null {
  const { before, url, key, hasMoved } = change;
  if (key !== undefined) return ctx.upstreams.seal({ providerId: before.id, url }, key);
  return hasMoved ? null : before.keySealed;
}

/** What the fields that change were before. */
function pickChanged(before: Provider, changes: ProviderChanges): ProviderChanges {
  const { key: _, ...rest } = changes;
  const names = Object.keys(rest);
  return Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)));
}
