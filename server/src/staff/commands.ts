import {
  type Actor,
  type Amount,
  AppError,
  formatAmount,
  type StaffArea,
  type StaffId,
  staffAreas,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { type StaffMember, selectStaff } from './queries.ts';
import {
  type Changer,
  checkGrant,
  checkSomebodyIsLeft,
  mayChangeStaff,
  sortAreas,
} from './rules.ts';

export type StaffInput = {
  /** As it stands in audit rows from then on: 1 to 40 of `a-z 0-9 . _ -`. */
  name: string;
  areas: readonly StaffArea[];
  /** How much they may give to customers a day, in 10⁻⁸; null: as much as they like. */
  dailyLimit: Amount | null;
};

export type StaffChanges = Partial<Omit<StaffInput, 'name'>> & {
  status?: StaffMember['status'];
};

const nameForm = /^[a-z0-9][a-z0-9._-]{0,39}$/;
/** Commands on the machine and the parts of the panel write under these names. */
const reservedNames = ['cli', 'system'];

/**
 * Adds a member of staff; how they sign in is set up apart from that.
 * @throws AppError as `insertStaff`
 */
export async function addStaff(ctx: Ctx, actor: Actor, input: StaffInput): Promise<StaffId> {
  const at = ctx.clock.now();
  return inTransaction(ctx.db, (tx) => insertStaff(tx, { actor, at, ...input }));
}

/**
 * Writes a member of staff, within a transaction that may give them a login as well.
 * @throws AppError `not_allowed` also for areas or a limit beyond the actor's own, `invalid_input`,
 *   `conflict` for a name that is or was taken
 */
export async function insertStaff(
  tx: Tx,
  input: StaffInput & { actor: Actor; at: Date },
): Promise<StaffId> {
  const { actor, at } = input;
  requireStaff(actor, 'staff');
  const name = input.name.trim();
  if (!nameForm.test(name)) {
    throw new AppError('invalid_input', 'a name is 1 to 40 of a-z, 0-9, ".", "_" and "-"', {
      detail: 'name',
    });
  }
  if (reservedNames.includes(name))
    throw new AppError('conflict', `${name} is the panel's own`, { detail: 'name' });
  const after = { areas: cleanAreas(input.areas), dailyLimit: cleanLimit(input.dailyLimit) };
  const all = await lockStaff(tx);
  checkGrant(findChanger(actor, all), undefined, after);
  const inserted = await tx
    .insertInto('staff')
    .values({ name, areas: after.areas, daily_limit: after.dailyLimit, created_at: at })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) {
    throw new AppError('conflict', `the name ${name} is taken`, { detail: 'name' });
  }
  const subject = `staff:${inserted.id}`;
  const added = { name, ...toAudit({ ...after, status: 'active' }) };
  await recordAudit(tx, { actor, action: 'staff.add', subject, after: added, at });
  return inserted.id;
}

/**
 * Changes what a member of staff may do, or suspends or reactivates them.
 * @throws AppError `not_allowed` also for areas or a limit beyond the actor's own, `not_found`,
 *   `invalid_input`, `conflict` when nobody who may change staff would be left
 */
export async function updateStaff(
  ctx: Ctx,
  actor: Actor,
  input: { staffId: StaffId; changes: StaffChanges },
): Promise<void> {
  requireStaff(actor, 'staff');
  const { staffId, changes } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const all = await lockStaff(tx);
    const before = all.find((member) => member.id === staffId);
    if (before === undefined) throw new AppError('not_found', `no member of staff ${staffId}`);
    const after: StaffMember = {
      ...before,
      status: changes.status ?? before.status,
      areas: changes.areas === undefined ? before.areas : cleanAreas(changes.areas),
      dailyLimit:
        changes.dailyLimit === undefined ? before.dailyLimit : cleanLimit(changes.dailyLimit),
    };
    checkGrant(findChanger(actor, all), before, after);
    checkSomebodyIsLeft(
      all,
      all.map((member) => (member === before ? after : member)),
    );
    await tx
      .updateTable('staff')
      .set({ status: after.status, areas: after.areas, daily_limit: after.dailyLimit })
      .where('id', '=', staffId)
      .execute();
    await recordAudit(tx, {
      actor,
      action: 'staff.update',
      subject: `staff:${staffId}`,
      before: toAudit(before),
      after: toAudit(after),
      at,
    });
  });
}

/** All of them: they are few, and what one may do depends on who else is there. */
function lockStaff(tx: Tx): Promise<StaffMember[]> {
  return selectStaff(tx).orderBy('id').forUpdate().execute();
}

/**
 * The actor as stored now: what their session was opened with may have been taken from them.
 * @throws AppError `not_allowed`
 */
function findChanger(actor: Actor, all: readonly StaffMember[]): Changer {
  if (actor.kind === 'system') return 'full';
  if (actor.kind === 'staff' && actor.access === 'full') return 'full';
  const access = actor.kind === 'staff' && actor.access !== 'full' ? actor.access : undefined;
  const member = all.find((one) => one.id === access?.staffId);
  if (member !== undefined && mayChangeStaff(member)) return member;
  throw new AppError('not_allowed', 'they may not change staff any more', { detail: 'staff' });
}

function cleanAreas(areas: readonly StaffArea[]): StaffArea[] {
  const unknown = areas.find((area) => !staffAreas.includes(area));
  if (unknown !== undefined) throw new AppError('invalid_input', `no area "${unknown}"`);
  return sortAreas(areas);
}

function cleanLimit(limit: Amount | null): Amount | null {
  if (limit !== null && limit < 0n) {
    throw new AppError('invalid_input', 'a daily limit is 0 or more', { detail: 'dailyLimit' });
  }
  return limit;
}

function toAudit(member: Pick<StaffMember, 'areas' | 'dailyLimit' | 'status'>) {
  const { areas, dailyLimit, status } = member;
  return { status, areas, dailyLimit: dailyLimit === null ? null : formatAmount(dailyLimit) };
}
