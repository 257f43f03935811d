import {
  type Actor,
  type Amount,
  type Clock,
  type CustomerId,
  dayMs,
  type StaffAccess,
  type StaffArea,
  staffAreas,
} from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { hashToken } from './tokens.ts';

/**
 * What keeps a member of staff to their own account where a second factor is required: they have
 * `none`, or have a passkey and signed in without it.
 */
export type MissingFactor = 'none' | 'passkey';

/** A session that is used goes on for so long; then its owner signs in again. */
export const sessionMsMax = 90 * dayMs;

type SignedInStaff = {
  name: string;
  missingFactor: MissingFactor | null;
  /** What they may give to customers a day, in 10⁻⁸; null: as much as they like. */
  dailyLimit: Amount | null;
};

/** Who a request comes from. */
export type SignedIn = {
  user: { id: string; name: string; email: string; emailConfirmed: boolean; twoFactor: boolean };
  sessionId: string;
  /** When they last showed who they are: as they signed in, or asked again since. */
  provenAt: Date;
  /** The customer they are, or act as. */
  customerId: CustomerId | null;
  /** Who really is signed in, also while they act as a customer. */
  staff: (StaffAccess & SignedInStaff) | null;
  /** What commands are given. */
  actor: Actor;
};

/**
 * Reads a session by its token, in one statement. Suspended staff have none; staff who lack a
 * second factor that they need have one without any permission.
 */
export async function findSignedIn(
  ctx: { db: Db; clock: Clock },
  token: string,
): Promise<SignedIn | null> {
  const now = ctx.clock.now();
  const row = await ctx.db
    .selectFrom('user_sessions as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .leftJoin('staff as t', 't.id', 'u.staff_id')
    .innerJoin('settings as g', (join) => join.onTrue())
    .select(['s.id as sessionId', 's.created_at as signedInAt', 's.confirmed_at as confirmedAt'])
    .select(['s.acting_customer_id as actingCustomerId'])
    .select(['u.id', 'u.name', 'u.email', 'u.email_confirmed as emailConfirmed'])
    .select(['u.two_factor as twoFactor', 'u.customer_id as customerId'])
    .select(['t.id as staffId', 't.name as staffName', 't.status as staffStatus', 't.areas'])
    .select('t.daily_limit as dailyLimit')
    .select(['s.by_passkey as isByPasskey', 'g.staff_second_factor as isFactorRequired'])
    .select((eb) =>
      eb
        .exists(eb.selectFrom('passkeys as p').select('p.id').whereRef('p.user_id', '=', 'u.id'))
        .$castTo<boolean>()
        .as('hasPasskey'),
    )
    .where('s.token_hash', '=', hashToken(token))
    .where('s.expires_at', '>', now)
    .where('s.created_at', '>', new Date(now.getTime() - sessionMsMax))
    .executeTakeFirst();
  if (row === undefined || row.staffStatus === 'suspended') return null;
  const { id, name, email, emailConfirmed, twoFactor, sessionId } = row;
  const who = {
    user: { id, name, email, emailConfirmed, twoFactor },
    sessionId,
    provenAt: row.confirmedAt ?? row.signedInAt,
  };
  if (row.customerId !== null) {
    const { customerId } = row;
    const actor: Actor = { kind: 'customer', customerId, keyId: null };
    return { ...who, customerId, staff: null, actor };
  }
  if (row.staffId === null || row.staffName === null) return null;
  const missingFactor = findMissingFactor(row);
  const areas = new Set(missingFactor === null ? (row.areas ?? []).filter(isArea) : []);
  const access: StaffAccess = { staffId: row.staffId, areas };
  const { staffName, dailyLimit } = row;
  const staff = { ...access, name: staffName, missingFactor, dailyLimit };
  const customerId = row.actingCustomerId;
  // Who lost the permission acts as nobody any more.
  if (customerId !== null && areas.has('customers')) {
    const actor: Actor = { kind: 'customer', customerId, keyId: null, actingStaff: staff.name };
    return { ...who, customerId, staff, actor };
  }
  return { ...who, customerId: null, staff, actor: { kind: 'staff', name: staff.name, access } };
}

function findMissingFactor(row: {
  isFactorRequired: boolean;
  twoFactor: boolean;
  isByPasskey: boolean;
  hasPasskey: boolean;
}): MissingFactor | null {
  // Whoever has TOTP can't have signed in without it.
  if (!row.isFactorRequired || row.twoFactor || row.isByPasskey) return null;
  return row.hasPasskey ? 'passkey' : 'none';
}

function isArea(text: string): text is StaffArea {
  return (staffAreas as readonly string[]).includes(text);
}
