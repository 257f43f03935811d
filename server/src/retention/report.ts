import type { Db } from '../db/index.ts';
import { readParts } from './parts.ts';
import { type Policy, readPolicy } from './policy.ts';
import { dropsAt, type GonePart, type MonthState, type Part, stateOf } from './rules.ts';

/** The policy, what there is by months, and what is gone. */
export type Retention = {
  policy: Policy;
  /** Oldest first. */
  months: (Omit<Part, 'name'> & {
    state: MonthState;
    /** When it may go; null: never. */
    dropsAt: Date | null;
  })[];
  /** Newest first, at most a hundred. */
  archived: (GonePart & { fileBytes: bigint; droppedAt: Date; droppedBy: string })[];
};

const archivedShown = 100;

/** Reads what there is by months and what the policy does with it next. */
export async function readRetention(db: Db, now: Date): Promise<Retention> {
  const [policy, parts, archived] = await Promise.all([
    readPolicy(db),
    readParts(db),
    db
      .selectFrom('archived_months')
      .select(['history', 'from_time as from', 'until_time as until', 'row_count as rows'])
      .select(['kept_count as kept', 'file', 'file_bytes as fileBytes'])
      .select(['dropped_at as droppedAt', 'dropped_by as droppedBy'])
      .orderBy('id', 'desc')
      .limit(archivedShown)
      .execute(),
  ]);
  const months = parts.map(({ name: _, ...part }) => ({
    ...part,
    state: stateOf(part, policy, now),
    dropsAt: dropsAt(part, policy),
  }));
  return { policy, months, archived };
}
