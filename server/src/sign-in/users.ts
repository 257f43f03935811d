import { z } from 'zod';
import { type Actor, AppError, type CustomerId, type StaffId } from '../base/index.ts';
import { insertCustomer, type NewCustomer, requireStaff } from '../customers/index.ts';
import { type Ctx, constraintName, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { insertStaff, type StaffInput } from '../staff/index.ts';
import { insertPasswordToken, newId } from './links.ts';

/** Whose login it is. */
export type UserOwner = { customerId: CustomerId } | { staffId: StaffId };

export type Invitation = {
  userId: string;
  /** Sets the password once, at `passwordLink(origin, token)`; it is shown to nobody else. */
  token: string;
};

const emailForm = z.email().max(254);
/** Columns that one user has alone, and what to say when it has one. */
const taken: Readonly<Record<string, { message: string; detail: string }>> = {
  users_email_key: { message: 'this e-mail address has a login already', detail: 'email' },
  users_customer_id_key: { message: 'this customer has a login already', detail: 'login' },
  users_staff_id_key: { message: 'this member of staff has a login already', detail: 'login' },
};

/**
 * Lets a customer or a member of staff sign in who could not so far, with the password that they
 * set by the link. Whoever invites vouches for the e-mail address.
 * @throws AppError `not_allowed` also for staff with a permission beyond the actor's own,
 *   `invalid_input` for no e-mail address, `not_found`, `conflict` when either has a login already
 */
export async function inviteUser(
  ctx: Ctx,
  actor: Actor,
  input: { owner: UserOwner; email: string },
): Promise<Invitation> {
  const at = ctx.clock.now();
  return changeUsers(ctx, async (tx) => {
    const userId = await insertUser(tx, { actor, ...input, at });
    return { userId, token: await insertPasswordToken(tx, userId, at) };
  });
}

/**
 * Creates a customer together with who signs in for them: both, or neither.
 * @throws AppError as `createCustomer` and `inviteUser`
 */
export async function inviteCustomer(
  ctx: Ctx,
  actor: Actor,
  input: NewCustomer & { email: string },
): Promise<Invitation & { customerId: CustomerId }> {
  requireStaff(actor, 'customers');
  const { email, ...customer } = input;
  const at = ctx.clock.now();
  return changeUsers(ctx, async (tx) => {
    const customerId = await insertCustomer(tx, { ...customer, actor, at });
    const userId = await insertUser(tx, { actor, owner: { customerId }, email, at });
    return { customerId, userId, token: await insertPasswordToken(tx, userId, at) };
  });
}

/**
 * Adds a member of staff together with their login: both, or neither.
 * @throws AppError as `insertStaff` and `inviteUser`
 */
export async function inviteStaff(
  ctx: Ctx,
  actor: Actor,
  input: StaffInput & { email: string },
): Promise<Invitation & { staffId: StaffId }> {
  const { email, ...member } = input;
  const at = ctx.clock.now();
  return changeUsers(ctx, async (tx) => {
    const staffId = await insertStaff(tx, { actor, at, ...member });
    const userId = await insertUser(tx, { actor, owner: { staffId }, email, at });
    return { staffId, userId, token: await insertPasswordToken(tx, userId, at) };
  });
}

/**
 * Makes a login with a password that is known already, for the demo.
 * @throws AppError as `inviteUser`
 */
export async function addUser(
  ctx: Ctx,
  actor: Actor,
  input: { owner: UserOwner; email: string; password: string },
): Promise<void> {
  // Commands that make no login need not load it.
  const { hashPassword } = await import('better-auth/crypto');
  const passwordHash = await hashPassword(input.password);
  const at = ctx.clock.now();
  await changeUsers(ctx, async (tx) => {
    const userId = await insertUser(tx, { actor, ...input, at });
    await tx
      .insertInto('user_credentials')
      .values({
        id: newId(),
        user_id: userId,
        provider: 'credential',
        account: userId,
        password_hash: passwordHash,
        created_at: at,
        updated_at: at,
      })
      .execute();
  });
}

/**
 * Makes a link by which a user who lost the password sets a new one, where no mail reaches them.
 * @throws AppError `not_allowed` as `inviteUser`, `not_found` for no user with this address
 */
export async function createPasswordToken(
  ctx: Ctx,
  actor: Actor,
  input: { email: string },
): Promise<Invitation> {
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const user = await tx
      .selectFrom('users')
      .select(['id', 'customer_id as customerId', 'staff_id as staffId'])
      .where('email', '=', input.email.trim().toLowerCase())
      .executeTakeFirst();
    if (user === undefined) {
      requireStaff(actor, 'customers');
      throw new AppError('not_found', 'nobody signs in with this e-mail address');
    }
    const owner = ownerOf(user);
    await requireRightOver(tx, actor, owner);
    await recordAudit(tx, {
      actor,
      action: 'user.password_link',
      subject: `user:${user.id}`,
      ...(user.customerId === null ? {} : { customerId: user.customerId }),
      at,
    });
    return { userId: user.id, token: await insertPasswordToken(tx, user.id, at) };
  });
}

function ownerOf(user: { customerId: CustomerId | null; staffId: StaffId | null }): UserOwner {
  if (user.customerId !== null) return { customerId: user.customerId };
  if (user.staffId !== null) return { staffId: user.staffId };
  throw new Error('a user is a customer or a member of staff');
}

async function changeUsers<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(ctx.db, work);
  } catch (error) {
    const refusal = taken[constraintName(error)];
    if (refusal === undefined) throw error;
    throw new AppError('conflict', refusal.message, { detail: refusal.detail, cause: error });
  }
}

async function insertUser(
  tx: Tx,
  input: { actor: Actor; owner: UserOwner; email: string; at: Date },
): Promise<string> {
  const { actor, owner, at } = input;
  const email = emailForm.safeParse(input.email.trim().toLowerCase());
  if (!email.success) {
    throw new AppError('invalid_input', `"${input.email}" is no e-mail address`, {
      detail: 'email',
    });
  }
  const name = await requireRightOver(tx, actor, owner);
  const id = newId();
  await tx
    .insertInto('users')
    .values({
      id,
      name,
      email: email.data,
      email_confirmed: true,
      customer_id: 'customerId' in owner ? owner.customerId : null,
      staff_id: 'staffId' in owner ? owner.staffId : null,
      created_at: at,
      updated_at: at,
    })
    .execute();
  await recordAudit(tx, {
    actor,
    action: 'user.add',
    subject: `user:${id}`,
    ...('customerId' in owner ? { customerId: owner.customerId } : {}),
    after: { email: email.data, ...owner },
    at,
  });
  return id;
}

/**
 * Whoever hands out a login could use it: so only for customers, and for staff who may no more.
 * @returns the owner's name
 */
export async function requireRightOver(tx: Tx, actor: Actor, owner: UserOwner): Promise<string> {
  if ('customerId' in owner) {
    requireStaff(actor, 'customers');
    const customer = await tx
      .selectFrom('customers')
      .select('name')
      .where('id', '=', owner.customerId)
      .executeTakeFirst();
    if (customer === undefined) throw new AppError('not_found', `no customer ${owner.customerId}`);
    return customer.name;
  }
  requireStaff(actor, 'staff');
  const target = await readRights(tx, owner.staffId);
  if (target === undefined) throw new AppError('not_found', `no member of staff ${owner.staffId}`);
  if (actor.kind !== 'staff' || actor.access === 'full') return target.name;
  const own = await readRights(tx, actor.access.staffId);
  const extra = target.areas.find((area) => own?.areas.includes(area) !== true);
  const isRicher =
    own?.daily_limit !== null &&
    (target.daily_limit === null || target.daily_limit > (own?.daily_limit ?? 0n));
  if (extra !== undefined || isRicher) {
    throw new AppError('not_allowed', `${target.name} may do more than ${actor.name}`, {
      detail: extra ?? 'daily_limit',
    });
  }
  return target.name;
}

function readRights(tx: Tx, staffId: StaffId) {
  return tx
    .selectFrom('staff')
    .select(['name', 'areas', 'daily_limit'])
    .where('id', '=', staffId)
    .executeTakeFirst();
}
