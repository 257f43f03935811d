import type { MiddlewareHandler } from 'hono';
import { type Actor, AppError, type StaffArea } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import type { Mailer } from '../mail/index.ts';
import type { OrdersCtx, Placement } from '../orders/index.ts';
import type { PaymentsCtx } from '../payments/index.ts';
import type { ProvidersCtx } from '../providers/index.ts';
import { requireProven, type SignedIn, type SignIn } from '../sign-in/index.ts';
import type { ClientOptions } from './client.ts';
import type { LiveHub } from './live.ts';
import type { ReadinessReader } from './readiness.ts';

export type CustomerActor = Actor & { kind: 'customer' };
export type StaffActor = Actor & { kind: 'staff' };

/** What handlers find that anybody signed in may ask. */
export type SignedInEnv = { Variables: { signedIn: SignedIn } };
/** What handlers of the customer API find in their context. */
export type CustomerEnv = { Variables: { signedIn: SignedIn; actor: CustomerActor } };
/** What handlers of the admin API find in theirs. */
export type AdminEnv = { Variables: { signedIn: SignedIn; actor: StaffActor } };

export type CustomerApiContext = OrdersCtx &
  PaymentsCtx & {
    placement: Placement;
    signIn: SignIn;
    live: LiveHub;
  };
export type AccountApiContext = CustomerApiContext & ClientOptions;
export type AdminApiContext = AccountApiContext &
  ProvidersCtx & { mailer: Mailer; readiness: ReadinessReader };

/** Lets everybody pass who is signed in, customers and staff. */
export function requireSignedIn(signIn: SignIn): MiddlewareHandler<SignedInEnv> {
  return async (c, next) => {
    const signedIn = await signIn.readSignedIn(c.req.raw.headers);
    if (signedIn === null) throw new AppError('not_signed_in', 'sign in first');
    c.set('signedIn', signedIn);
    await next();
  };
}

/** Lets only signed-in customers (and staff who act as one) pass. */
export function requireCustomer(signIn: SignIn): MiddlewareHandler<CustomerEnv> {
  return async (c, next) => {
    const signedIn = await signIn.readSignedIn(c.req.raw.headers);
    if (signedIn === null) throw new AppError('not_signed_in', 'sign in first');
    if (signedIn.actor.kind !== 'customer') {
      throw new AppError('not_allowed', 'this is for customers; staff use /api/admin');
    }
    c.set('signedIn', signedIn);
    c.set('actor', signedIn.actor);
    await next();
  };
}

/** Lets only signed-in staff pass who are not acting as a customer. */
export function requireStaffMember(signIn: SignIn): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const signedIn = await signIn.readSignedIn(c.req.raw.headers);
    if (signedIn === null) throw new AppError('not_signed_in', 'sign in first');
    if (signedIn.actor.kind !== 'staff') throw new AppError('not_allowed', 'this is for staff');
    requireFactor(signedIn);
    c.set('signedIn', signedIn);
    c.set('actor', signedIn.actor);
    await next();
  };
}

/** @throws AppError `second_factor_required`; its detail is what is missing */
function requireFactor({ staff }: SignedIn): void {
  const missing = staff?.missingFactor ?? null;
  if (missing === null) return;
  throw new AppError('second_factor_required', 'staff need TOTP or a passkey here', {
    detail: missing,
  });
}

/** Lets only staff read who have the permission for an area; commands check it for themselves. */
export function requireArea(area: StaffArea): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    requireStaff(c.var.actor, area);
    await next();
  };
}

/**
 * Lets only staff do what moves money, or hands somebody a login, whose sign-in or confirmation
 * is fresh.
 */
export function requireFresh(ctx: AdminApiContext): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    requireProven(ctx, c.var.signedIn);
    await next();
  };
}
