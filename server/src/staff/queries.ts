import type { Amount, StaffArea, StaffId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** A member of staff. */
export type StaffMember = {
  id: StaffId;
  name: string;
  status: 'active' | 'suspended';
  areas: StaffArea[];
  /** How much they may give to customers a day (UTC), in 10⁻⁸; null: as much as they like. */
  dailyLimit: Amount | null;
  createdAt: Date;
};

/** All who work or worked for the panel, oldest first: they are never deleted. */
export function listStaff(db: Db): Promise<StaffMember[]> {
  return selectStaff(db).orderBy('id').execute();
}

/** One member of staff; undefined for an unknown one. */
export function readStaff(db: Db, staffId: StaffId): Promise<StaffMember | undefined> {
  return selectStaff(db).where('id', '=', staffId).executeTakeFirst();
}

/** The rows of staff; the areas are those that the commands, their only writers, keep to. */
export function selectStaff(db: Db) {
  return db
    .selectFrom('staff')
    .select(['id', 'name', 'status', 'created_at as createdAt'])
    .select((eb) => eb.ref('areas').$castTo<StaffArea[]>().as('areas'))
    .select('daily_limit as dailyLimit');
}
