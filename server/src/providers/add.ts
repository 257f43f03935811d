import type { Actor, ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { inTransaction, recordAudit } from '../db/index.ts';
import {
  auditFields,
  cleanFields,
  columnsOf,
  type ProviderInput,
  refusingTakenName,
} from './fields.ts';
import type { ProvidersCtx } from './upstreams.ts';

/**
 * Adds an upstream panel; it is `on` at once. Its key is stored encrypted.
 * @throws AppError `not_allowed` for a customer and without PANELWRIGHT_SECRET, `invalid_input`,
 *   `conflict` for a name that is taken
 */
export async function addProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  input: ProviderInput & { isSandbox?: boolean },
): Promise<ProviderId> {
  requireStaff(actor, 'providers');
  const { isSandbox = false, ...given } = input;
  const fields = cleanFields(given);
  const { name, url, key } = fields;
  if (!isSandbox) ctx.upstreams.checkUrl(new URL(url));
  const at = ctx.clock.now();
  return refusingTakenName(name, () =>
    inTransaction(ctx.db, async (tx) => {
      const { id } = await tx
        .insertInto('providers')
        .values({ ...columnsOf(fields), name, url, is_sandbox: isSandbox, created_at: at })
        .returning('id')
        .executeTakeFirstOrThrow();
      // The key is bound to the id, which is known only now.
      const sealed = ctx.upstreams.seal({ providerId: id, url }, key);
      await tx.updateTable('providers').set({ key_sealed: sealed }).where('id', '=', id).execute();
      await recordAudit(tx, {
        actor,
        action: 'provider.add',
        subject: `provider:${id}`,
        after: auditFields(fields),
        at,
      });
      return id;
    }),
  );
}
