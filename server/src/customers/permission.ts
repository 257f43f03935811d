import { type Actor, AppError } from '../base/index.ts';

/**
 * Stops a customer from doing what only staff or the system may.
 * @throws AppError `not_allowed`
 */
export function requireStaff(actor: Actor): void {
  if (actor.kind === 'customer') throw new AppError('not_allowed', 'only staff may do this');
}
