/**
 * Who signs in: users, who are a customer or a member of staff each; their sessions, passwords,
 * second factors and passkeys.
 * Invariants: no token, password, secret or link that lets somebody in is stored in clear; there is
 * no user without a customer or a member of staff; a session that was ended, and one of suspended
 * staff, counts for nothing from that commit on; who acts as a customer is named in what they do;
 * what moves money needs a sign-in or a confirmation of the last 10 minutes.
 */
export { startActing, stopActing } from './acting.ts';
export { type Confirming, requireProven } from './confirm.ts';
export { type CustomerLogin, readCustomerLogin } from './customer-login.ts';
export { passwordLink } from './links.ts';
export {
  dropExpired,
  listSessions,
  revokeOtherSessions,
  revokeSession,
  type SessionSummary,
} from './sessions.ts';
export { type Client, createSignIn, type SignIn, type SignInOptions } from './sign-in.ts';
export type { SignedIn } from './signed-in.ts';
export { endStaffSessions, resetFactors } from './staff-access.ts';
export { listStaffLogins, type StaffLogin } from './staff-logins.ts';
export {
  addUser,
  createPasswordToken,
  type Invitation,
  inviteCustomer,
  inviteStaff,
  inviteUser,
  type UserOwner,
} from './users.ts';
