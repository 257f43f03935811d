import {
  type Actor,
  AppError,
  type CategoryId,
  formatRate,
  int32Max,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Json, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { cleanCategoryName, findOrCreateCategory } from './categories.ts';
import { changeCatalog } from './change.ts';
import { dropHeldRates, insertChanges } from './change-rows.ts';
import { createdChange, diffSale, type SaleState } from './change-rules.ts';
import type { ServiceType } from './snapshot.ts';
import { readBasis } from './sync-rows.ts';

export type ServiceInput = {
  name: string;
  /** A category's name; it is created, as the last one, when there is none of that name. */
  category: string;
  type: ServiceType;
  rate: Rate;
  min: number;
  max: number;
  refill?: boolean;
  refillDays?: number | null;
  cancel?: boolean;
  dripfeed?: boolean;
  denyDuplicates?: boolean;
  enabled?: boolean;
  hidden?: boolean;
  description?: string;
  averageTime?: string;
  position?: number;
};

/**
 * Creates a service, by default the last one of its category.
 * @throws AppError `not_allowed`, `invalid_input` naming the field and its bounds
 */
export async function createService(
  ctx: Ctx,
  actor: Actor,
  input: ServiceInput,
): Promise<ServiceId> {
  requireStaff(actor, 'services');
  validateService(input);
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const categoryId = await findOrCreateCategory(tx, cleanCategoryName(input.category));
    const { id } = await tx
      .insertInto('services')
      .values({
        ...toRow(input),
        category_id: categoryId,
        disabled_by: input.enabled === false ? 'staff' : null,
        position: input.position ?? (await nextPosition(tx, categoryId)),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const subject = `service:${id}`;
    const after = describe(input);
    await recordAudit(tx, { actor, action: 'service.create', subject, after, at });
    const created = createdChange(id, toRow(input));
    await insertChanges(tx, [created], { actor, state: 'applied', at });
    await notifyChange(tx, { kind: 'catalog' });
    return id;
  });
}

/**
 * Changes fields of a service; the others stay.
 * @throws AppError `not_allowed`, `not_found`, `invalid_input` naming the field and its bounds
 */
export async function updateService(
  ctx: Ctx,
  actor: Actor,
  input: { serviceId: ServiceId; changes: Partial<ServiceInput> },
): Promise<void> {
  requireStaff(actor, 'services');
  const { serviceId, changes } = input;
  const at = ctx.clock.now();
  await changeCatalog(ctx.db, async (tx) => {
    // The category before the service, as who moves services to it.
    const moved =
      changes.category === undefined
        ? {}
        : { category_id: await findOrCreateCategory(tx, cleanCategoryName(changes.category)) };
    const before = await readInput(tx, serviceId);
    const after = { ...before, ...changes };
    validateService(after);
    await tx
      .updateTable('services')
      .set({
        ...toRow(after),
        ...moved,
        // Also what a sync took off sale stays off once staff say so.
        ...(changes.enabled === undefined ? {} : { disabled_by: changes.enabled ? null : 'staff' }),
        ...(changes.position === undefined ? {} : { position: changes.position }),
      })
      .where('id', '=', serviceId)
      .execute();
    await recordAudit(tx, {
      actor,
      action: 'service.update',
      subject: `service:${serviceId}`,
      before: describe(before),
      after: describe(after),
      at,
    });
    const states = { before: toRow(before), after: toRow(after) };
    await recordChanges(tx, { serviceId, states, actor, at });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

/** Tells of the change, and lets it stand against the provider's value of now. */
async function recordChanges(
  tx: Tx,
  change: {
    serviceId: ServiceId;
    states: { before: SaleState; after: SaleState };
    actor: Actor;
    at: Date;
  },
): Promise<void> {
  const { serviceId, states, actor, at } = change;
  if (diffSale(serviceId, states).length === 0) return;
  const basis = await readBasis(tx, serviceId);
  const drafts = diffSale(serviceId, states, { basis });
  if (drafts.some(({ kind }) => kind === 'rate')) await dropHeldRates(tx, [serviceId]);
  await insertChanges(tx, drafts, { actor, state: 'applied', at });
}

async function readInput(tx: Tx, serviceId: ServiceId): Promise<ServiceInput> {
  const row = await tx
    .selectFrom('services as s')
    .innerJoin('categories as c', 'c.id', 's.category_id')
    .selectAll('s')
    .select('c.name as category')
    .where('s.id', '=', serviceId)
    .forNoKeyUpdate('s')
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no service ${serviceId}`);
  return {
    name: row.name,
    category: row.category,
    type: row.type,
    rate: row.rate,
    min: row.min,
    max: row.max,
    refill: row.refill,
    refillDays: row.refill_days,
    cancel: row.cancel,
    dripfeed: row.dripfeed,
    denyDuplicates: row.deny_duplicates,
    enabled: row.enabled,
    hidden: row.hidden,
    description: row.description,
    averageTime: row.average_time,
  };
}

function toRow(input: ServiceInput) {
  return {
    name: input.name.trim(),
    type: input.type,
    rate: input.rate,
    min: input.min,
    max: input.max,
    refill: input.refill ?? false,
    refill_days: input.refillDays ?? null,
    cancel: input.cancel ?? false,
    dripfeed: input.dripfeed ?? false,
    deny_duplicates: input.denyDuplicates ?? false,
    enabled: input.enabled ?? true,
    hidden: input.hidden ?? false,
    description: input.description ?? '',
    average_time: input.averageTime ?? '',
  };
}

/** The input as an audit row keeps it: JSON has no bigint. */
function describe(input: ServiceInput): Json {
  return { ...input, rate: formatRate(input.rate) };
}

function validateService(input: ServiceInput): void {
  const { min, max, refillDays } = input;
  if (input.name.trim() === '' || input.name.length > 500) {
    throw new AppError('invalid_input', "a service's name has 1 to 500 characters");
  }
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min || max > int32Max) {
    throw new AppError('invalid_input', `min and max must satisfy 1 ≤ min ≤ max ≤ ${int32Max}`);
  }
  if (
    refillDays !== undefined &&
    refillDays !== null &&
    !(refillDays > 0 && refillDays <= 36_500)
  ) {
    throw new AppError('invalid_input', 'refill days are 1 to 36500; leave them out for no limit');
  }
  if (input.dripfeed && input.type !== 'Default' && input.type !== 'Web Traffic') {
    throw new AppError('invalid_input', `a ${input.type} service has no drip-feed`);
  }
}

async function nextPosition(tx: Tx, categoryId: CategoryId): Promise<number> {
  const row = await tx
    .selectFrom('services')
    .select((eb) => eb.fn.max('position').as('position'))
    .where('category_id', '=', categoryId)
    .executeTakeFirst();
  return (row?.position ?? 0) + 1;
}
