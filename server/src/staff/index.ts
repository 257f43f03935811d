/**
 * Who works for the panel: their areas, their daily limit, whether they may come in.
 * Invariants: nobody gives away more than they have, areas or limit, and nobody widens their own;
 * somebody who may change staff is always left; a name is never changed or given to another.
 */
export {
  addStaff,
  insertStaff,
  type StaffChanges,
  type StaffInput,
  updateStaff,
} from './commands.ts';
export { listStaff, readStaff, type StaffMember } from './queries.ts';
