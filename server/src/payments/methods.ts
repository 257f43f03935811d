import { type Actor, AppError, assert, type PaymentMethodId, zero } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { inTransaction, recordAudit, rowLock, type Tx, takeTurn } from '../db/index.ts';
import type { PaymentsCtx } from './gateways.ts';
import { lockMethod, type Method, type MethodKind, neededSecrets } from './method.ts';
import {
  auditFields,
  cleanFields,
  columnsOf,
  type MethodFields,
  type MethodSecrets,
  mergeSecrets,
  refusingTakenName,
} from './method-fields.ts';

export type MethodInput = Pick<MethodFields, 'name' | 'min' | 'max'> &
  Partial<MethodFields> & { kind: MethodKind; secrets?: MethodSecrets };

/** Any of what staff set; a kind stays what it is. */
export type MethodChanges = Partial<MethodFields> & { secrets?: MethodSecrets };

/**
 * Adds a way to pay, behind the others; it is offered once it is enabled and has its secrets. These
 * are stored encrypted. Needs the area `settings`, not `payments`: whoever confirms payments must
 * not be able to say where money goes.
 * @throws AppError `not_allowed` also without PANELWRIGHT_SECRET when there are secrets to store,
 *   `invalid_input`, `conflict` for a name that is taken
 */
export async function addMethod(
  ctx: PaymentsCtx,
  actor: Actor,
  input: MethodInput,
): Promise<PaymentMethodId> {
  requireStaff(actor, 'settings');
  const { kind, secrets: given = {}, ...rest } = input;
  const fields = cleanFields({
    instructions: '',
    instructionsZh: '',
    enabled: false,
    feeBasisPoints: 0,
    feeFixed: zero,
    bonusTiers: [],
    ...rest,
  });
  const secrets = mergeSecrets({}, given, neededSecrets[kind]);
  const at = ctx.clock.now();
  return refusingTakenName(fields.name, () =>
    inTransaction(ctx.db, async (tx) => {
      await takeTurn(tx, ['payment_methods', ofAllMethods]);
      const position = await nextPosition(tx);
      const { id } = await tx
        .insertInto('payment_methods')
        .values({ ...columnsOf(fields), kind, position, created_at: at })
        .returning('id')
        .executeTakeFirstOrThrow();
      // Secrets are bound to the id, which is known only now.
      await storeSecrets(tx, ctx, { id, secrets });
      const subject = `payment_method:${id}`;
      const after = { kind, ...auditFields(fields, given) };
      await recordAudit(tx, { actor, action: 'payment_method.add', subject, after, at });
      return id;
    }),
  );
}

/**
 * Changes a way to pay. Payments that were started keep the terms they were started with.
 * @throws AppError `not_allowed` also without PANELWRIGHT_SECRET when there are secrets to store,
 *   `not_found`, `invalid_input`, `conflict` for a name that is taken, or when the stored secrets
 *   don't open and not all of them are given anew
 */
export async function updateMethod(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { methodId: PaymentMethodId; changes: MethodChanges },
): Promise<void> {
  requireStaff(actor, 'settings');
  const { secrets: given, ...changes } = input.changes;
  const at = ctx.clock.now();
  await refusingTakenName(changes.name ?? '', () =>
    inTransaction(ctx.db, async (tx) => {
      const before = await lockMethod(tx, input.methodId);
      const { id, kind } = before;
      const fields = cleanFields({ ...before, ...changes });
      await tx.updateTable('payment_methods').set(columnsOf(fields)).where('id', '=', id).execute();
      if (given !== undefined) {
        const held = secretsBefore(ctx, before, given);
        const secrets = mergeSecrets(held, given, neededSecrets[kind]);
        await storeSecrets(tx, ctx, { id, secrets });
      }
      await recordAudit(tx, {
        actor,
        action: 'payment_method.update',
        subject: `payment_method:${id}`,
        before: auditFields(pickChanged(before, changes)),
        after: auditFields(pickChanged(fields, changes), given),
        at,
      });
      return id;
    }),
  );
}

/**
 * Moves a method before another one, or to the end.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function moveMethod(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { methodId: PaymentMethodId; before: PaymentMethodId | null },
): Promise<void> {
  requireStaff(actor, 'settings');
  const { methodId, before } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    // All of them: two moves at once must not leave two methods in one place.
    const rows = await tx
      .selectFrom('payment_methods')
      .select(['id', 'position'])
      .orderBy('id')
      .modifyEnd(await rowLock(tx, ['payment_methods', ofAllMethods]))
      .execute();
    const ordered = rows.toSorted((one, other) => one.position - other.position);
    const ids = ordered.map(({ id }) => id).filter((id) => id !== methodId);
    const place = before === null ? ids.length : ids.indexOf(before);
    const isThere = rows.some(({ id }) => id === methodId);
    if (!isThere || (place === -1 && before !== methodId)) {
      throw new AppError('not_found', `no payment method ${isThere ? before : methodId}`);
    }
    if (before === methodId) return;
    ids.splice(place, 0, methodId);
    for (const [position, id] of ids.entries()) {
      await tx.updateTable('payment_methods').set({ position }).where('id', '=', id).execute();
    }
    const subject = `payment_method:${methodId}`;
    const after = { order: ids };
    await recordAudit(tx, { actor, action: 'payment_method.move', subject, after, at });
  });
}

/** Numbers none, and is the number under which they are added and moved. */
const ofAllMethods = 0;
const methodsMax = 50;

async function nextPosition(tx: Tx): Promise<number> {
  const rows = await tx.selectFrom('payment_methods').select('position').execute();
  if (rows.length >= methodsMax) {
    throw new AppError('conflict', `there are ${methodsMax} payment methods already`);
  }
  return Math.max(-1, ...rows.map(({ position }) => position)) + 1;
}

async function storeSecrets(
  tx: Tx,
  ctx: PaymentsCtx,
  input: { id: PaymentMethodId; secrets: MethodSecrets },
): Promise<void> {
  const names = Object.keys(input.secrets);
  const sealed = names.length === 0 ? null : ctx.gateways.seal(input.id, input.secrets);
  await tx
    .updateTable('payment_methods')
    .set({ secrets: names, secrets_sealed: sealed })
    .where('id', '=', input.id)
    .execute();
}

/** What is replaced altogether need not open: so a lost PANELWRIGHT_SECRET can be got over. */
function secretsBefore(ctx: PaymentsCtx, method: Method, given: MethodSecrets): MethodSecrets {
  const isReplaced = method.secrets.every((name) => given[name] !== undefined);
  return isReplaced ? {} : ctx.gateways.open(method);
}

function pickChanged(fields: MethodFields, changes: Partial<MethodFields>): Partial<MethodFields> {
  const names = Object.keys(changes);
  const picked = Object.entries(fields).filter(([name]) => names.includes(name));
  assert(picked.length === names.length, 'a change names fields of a method');
  return Object.fromEntries(picked);
}
