import { type Amount, AppError, type StaffArea, staffAreas } from '../base/index.ts';
import type { StaffMember } from './queries.ts';

/** Who changes staff: a member as stored now, or whoever may do everything. */
export type Changer = StaffMember | 'full';

/** What a member of staff may do. */
export type Grant = Pick<StaffMember, 'areas' | 'dailyLimit'>;

/**
 * Refuses to give what the giver doesn't have. What somebody had before may stay. Pure.
 * @param before what the member had; undefined for a new one
 * @throws AppError `not_allowed`; its detail is the area, or `daily_limit`
 */
export function checkGrant(changer: Changer, before: Grant | undefined, after: Grant): void {
  if (changer === 'full') return;
  const extra = after.areas.find(
    (area) => !changer.areas.includes(area) && before?.areas.includes(area) !== true,
  );
  if (extra !== undefined) {
    const message = `${changer.name} can't give "${extra}" without having it`;
    throw new AppError('not_allowed', message, { detail: extra });
  }
  const isWider = before === undefined || isAbove(after.dailyLimit, before.dailyLimit);
  if (isWider && isAbove(after.dailyLimit, changer.dailyLimit)) {
    const message = `${changer.name} can't give a daily limit above their own`;
    throw new AppError('not_allowed', message, { detail: 'daily_limit' });
  }
}

/** Whether a limit allows more than another; null allows everything. */
function isAbove(limit: Amount | null, other: Amount | null): boolean {
  if (other === null) return false;
  return limit === null || limit > other;
}

/**
 * Refuses a change after which nobody could change staff any more. Pure.
 * @throws AppError `conflict`
 */
export function checkSomebodyIsLeft(
  before: readonly StaffMember[],
  after: readonly StaffMember[],
): void {
  if (!before.some(mayChangeStaff) || after.some(mayChangeStaff)) return;
  throw new AppError('conflict', 'nobody who may change staff would be left');
}

/** Whether a member may add and change others. */
export function mayChangeStaff(member: StaffMember): boolean {
  return member.status === 'active' && member.areas.includes('staff');
}

/** Areas once each, in their usual order. */
export function sortAreas(areas: readonly StaffArea[]): StaffArea[] {
  return staffAreas.filter((area) => areas.includes(area));
}
