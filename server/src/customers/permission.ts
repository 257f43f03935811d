import { type Actor, AppError, type StaffArea } from '../base/index.ts';

/**
 * Stops everybody from doing what only the system and staff with a permission may.
 * @throws AppError `not_allowed`; its detail is the area that a member of staff lacks
 */
export function requireStaff(actor: Actor, area: StaffArea): void {
  if (actor.kind === 'customer') throw new AppError('not_allowed', 'only staff may do this');
  if (actor.kind === 'system' || actor.access === 'full' || actor.access.areas.has(area)) return;
  throw new AppError('not_allowed', `${actor.name} lacks the permission "${area}"`, {
    detail: area,
  });
}
