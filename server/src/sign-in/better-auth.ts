import { passkey } from '@better-auth/passkey';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { dayMs, minuteMs, secondMs } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';
import { createAdapter } from './adapter.ts';
import type { TakeAttempt } from './attempts.ts';
import { isEasyToGuess } from './easy-passwords.ts';
import { confirmLinkMs, type Letters, languageOf, resetLinkMs } from './letters.ts';
import { dropOpenLinks } from './links.ts';
import { isStaffSuspended } from './new-user.ts';
import { addressHeader } from './request.ts';
import { fieldsOf, passkeySchema, twoFactorSchema } from './schema.ts';
import { cookiePrefix } from './tokens.ts';
import { claimCode } from './used-codes.ts';

export type AuthContext = Ctx & { letters: Letters; takeAttempt: TakeAttempt };

export type Auth = {
  handle: (request: Request) => Promise<Response>;
  /** Whether a password, or a code of the second factor, is the one of who sends these headers. */
  prove: (headers: Headers, proof: Proof) => Promise<boolean>;
};

/** What shows once more who somebody is. */
export type Proof = { password: string } | { code: string };

const seconds = (ms: number) => ms / secondMs;
const sessionMs = 30 * dayMs;
const extendAfterMs = dayMs;
/** How lately one must have signed in to add a passkey. */
const freshMs = dayMs;
const passwordLettersMin = 10;
const passwordLettersMax = 128;
const nameLettersMax = 200;
const codeFailuresMax = 10;
const codeLockMs = 15 * minuteMs;

/** Where a passkey signs somebody in. */
const passkeyPath = '/passkey/verify-authentication';

/** Where new passwords come, and what they are called there. */
const passwordFields: Readonly<Record<string, string>> = {
  '/sign-up/email': 'password',
  '/change-password': 'newPassword',
  '/reset-password': 'newPassword',
};

/** Where a password or an address has changed that links were made for. */
const endsLinks = new Set(['/change-password', '/verify-email']);

/** Where a code of an authenticator app is given, to sign in or to confirm. */
const codePath = '/two-factor/verify-totp';
/** As the library answers a wrong one. */
const usedCode = { code: 'INVALID_CODE', message: 'Invalid code' };

/** Per address; what guesses passwords or codes, or makes mails, is held back most. */
const limits = {
  '/sign-in/email': { window: seconds(minuteMs), max: 10 },
  '/sign-up/email': { window: seconds(10 * minuteMs), max: 10 },
  '/two-factor/*': { window: seconds(minuteMs), max: 15 },
  '/passkey/*': { window: seconds(minuteMs), max: 30 },
  '/change-password': { window: seconds(minuteMs), max: 10 },
  '/change-email': { window: seconds(10 * minuteMs), max: 5 },
  '/request-password-reset': { window: seconds(10 * minuteMs), max: 5 },
  '/send-verification-email': { window: seconds(10 * minuteMs), max: 5 },
  '/reset-password': { window: seconds(minuteMs), max: 10 },
} as const;

/** There are no other providers of identity, and users end with their customer. */
const absentPaths = [
  '/sign-in/social',
  '/link-social',
  '/unlink-account',
  '/list-accounts',
  '/account-info',
  '/get-access-token',
  '/refresh-token',
  '/update-session',
  '/delete-user',
  '/delete-user/callback',
];

/**
 * The library that signs users in, for one origin: passwords, links, TOTP, passkeys. It is loaded
 * only where somebody may sign in.
 */
export async function createAuth(
  ctx: AuthContext,
  input: { origin: string; secret: string },
): Promise<Auth> {
  const options = { ...optionsOf(ctx, input), ...hooksOf(ctx) } satisfies BetterAuthOptions;
  const adapter = await createAdapter(ctx, options);
  const { handler, api } = betterAuth({ ...options, database: () => adapter });
  return {
    handle: handler,
    prove: async (headers, proof) => {
      const proving =
        'code' in proof
          ? api.verifyTOTP({ headers, body: { code: proof.code } })
          : api.verifyPassword({ headers, body: { password: proof.password } });
      return proving.then(
        () => true,
        (error: unknown) => {
          if (isAPIError(error) && error.statusCode < 500) return false;
          throw error;
        },
      );
    },
  };
}

function optionsOf(ctx: AuthContext, input: { origin: string; secret: string }) {
  const isSecure = input.origin.startsWith('https:');
  const fields = fieldsOf({ sessionMs, extendAfterMs, freshMs });
  return {
    appName: 'Panelwright',
    baseURL: input.origin,
    secret: input.secret,
    ...fields,
    user: { ...fields.user, changeEmail: addressChangesOf(ctx) },
    ...accountsOf(ctx),
    plugins: pluginsOf(input.origin),
    disabledPaths: absentPaths,
    rateLimit: {
      enabled: true,
      customStorage: storageOf(ctx.takeAttempt),
      window: seconds(minuteMs),
      max: 200,
      customRules: limits,
    },
    advanced: {
      // The prefix `__Host-` is stricter than the library's own.
      cookiePrefix: cookiePrefix(isSecure),
      useSecureCookies: false,
      defaultCookieAttributes: {
        secure: isSecure,
        httpOnly: true,
        sameSite: 'strict',
        path: '/',
      },
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { validateSchema: false },
    },
    telemetry: { enabled: false },
    logger: {
      level: 'warn',
      log: (level, message, ...details) => {
        const error = details.find((detail) => detail instanceof Error);
        ctx.log[level](error === undefined ? {} : { error }, `sign-in: ${message}`);
      },
    },
    onAPIError: {
      // What is no refusal goes on to where it is logged and answered.
      onError: (error) => {
        if (!isAPIError(error)) throw error;
        if (error.statusCode >= 500) ctx.log.error({ error }, 'sign-in failed');
      },
    },
  } satisfies BetterAuthOptions;
}

/** Second factors: TOTP, and passkeys for one origin. */
function pluginsOf(origin: string) {
  return [
    twoFactor({
      schema: twoFactorSchema,
      // No browser is spared the second factor: it would be for 30 days, and after a reset.
      trustDeviceMaxAge: 0,
      accountLockout: {
        enabled: true,
        maxFailedAttempts: codeFailuresMax,
        durationSeconds: seconds(codeLockMs),
      },
    }),
    passkey({
      origin: origin,
      rpID: new URL(origin).hostname,
      schema: passkeySchema,
      authenticatorSelection: { userVerification: 'required' },
      registration: {
        afterVerification: ({ verification: { registrationInfo } }) =>
          refuseUnverified(registrationInfo?.userVerified),
      },
      authentication: {
        afterVerification: ({ verification: { authenticationInfo } }) =>
          refuseUnverified(authenticationInfo.userVerified),
      },
    }),
  ] satisfies BetterAuthOptions['plugins'];
}

/** Counts as the panel does, and so with the other processes that answer on the same port. */
function storageOf(takeAttempt: TakeAttempt) {
  return {
    consume: async (key, rule) => {
      const waitSeconds = takeAttempt(key, rule);
      return { allowed: waitSeconds === 0, retryAfter: waitSeconds === 0 ? null : waitSeconds };
    },
  } satisfies NonNullable<BetterAuthOptions['rateLimit']>['customStorage'];
}

/** E-mail address and password, and the mails that go with them. */
function accountsOf({ db, letters }: AuthContext) {
  return {
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      minPasswordLength: passwordLettersMin,
      maxPasswordLength: passwordLettersMax,
      resetPasswordTokenExpiresIn: seconds(resetLinkMs),
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }, request) => letters.resetPassword(user, token, request),
      onPasswordReset: async ({ user }, request) => {
        await dropOpenLinks(db, user.id);
        await letters.passwordChanged(user, request);
      },
      onExistingUserSignUp: ({ user }, request) => letters.addressInUse(user, request),
    },
    emailVerification: {
      sendOnSignUp: true,
      sendOnSignIn: true,
      autoSignInAfterVerification: true,
      expiresIn: seconds(confirmLinkMs),
      sendVerificationEmail: ({ user, url }, request) => letters.confirmAddress(user, url, request),
    },
  } satisfies BetterAuthOptions;
}

/** Both addresses have to agree: the old one first. */
function addressChangesOf({ letters }: AuthContext) {
  return {
    enabled: true,
    sendChangeEmailConfirmation: ({ user, newEmail, url }, request) =>
      letters.changeAddress(user, { newAddress: newEmail, url }, request),
  } satisfies NonNullable<BetterAuthOptions['user']>['changeEmail'];
}

/** What this panel has to say before users and sessions are made. */
function hooksOf(ctx: AuthContext) {
  return {
    hooks: {
      before: createAuthMiddleware(async ({ path, body }) => {
        const given: Readonly<Record<string, unknown>> = Object(body);
        const passwordName = passwordFields[path];
        if (passwordName !== undefined) await refuseEasy(ctx, given, passwordName);
        if (path === '/sign-up/email') await refuseClosed(ctx);
        if (path !== '/change-password') return undefined;
        // Whoever learned the old password is out, whatever the page has asked for.
        return { context: { body: { ...given, revokeOtherSessions: true } } };
      }),
      after: createAuthMiddleware(async (context) => {
        const { authCookies, internalAdapter, newSession, returned, secret } = context.context;
        if (context.path === codePath && !isAPIError(returned)) {
          const userId = String(Reflect.get(Object(Reflect.get(Object(returned), 'user')), 'id'));
          const code = String(Reflect.get(Object(context.body), 'code'));
          if (!(await claimCode(ctx, { userId, code }))) {
            if (newSession !== null) await internalAdapter.deleteSession(newSession.session.token);
            throw new APIError('UNAUTHORIZED', usedCode);
          }
        }
        if (newSession === null) return;
        const { session, user } = newSession;
        if (endsLinks.has(context.path)) await dropOpenLinks(ctx.db, user.id);
        const old = await context.getSignedCookie(authCookies.sessionToken.name, secret);
        // A link in a mail stands for no second factor.
        const isSignIn = old !== session.token;
        if (context.path === '/verify-email' && isSignIn && user.twoFactorEnabled === true) {
          await internalAdapter.deleteSession(session.token);
          return;
        }
        // Who signs in where somebody was signed in before leaves no session behind.
        if (typeof old === 'string' && old !== newSession.session.token) {
          await internalAdapter.deleteSession(old);
        }
      }),
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user, context) => {
            const name = user.name.trim();
            if (name === '' || name.length > nameLettersMax) {
              const message = `A name has 1 to ${nameLettersMax} characters`;
              throw new APIError('BAD_REQUEST', { code: 'INVALID_NAME', message });
            }
            const given: unknown = Reflect.get(Object(context?.body), 'language');
            return { data: { ...user, name, language: languageOf(given, context?.headers) } };
          },
        },
      },
      session: {
        create: {
          before: async (session, context) => {
            if (await isStaffSuspended(ctx.db, session.userId)) {
              throw refusal('STAFF_SUSPENDED', 'This member of staff may not sign in');
            }
            return { data: { ...session, byPasskey: context?.path === passkeyPath } };
          },
        },
      },
    },
  } satisfies BetterAuthOptions;
}

/** @throws APIError where the settings let nobody sign up */
async function refuseClosed({ db }: AuthContext): Promise<void> {
  const { sign_up_open: isOpen } = await db
    .selectFrom('settings')
    .select('sign_up_open')
    .executeTakeFirstOrThrow();
  if (!isOpen) throw refusal('SIGN_UP_CLOSED', 'This panel takes no new customers');
}

/** @throws APIError for a new password that is long enough, but among the first to be tried */
async function refuseEasy(
  { db }: AuthContext,
  given: Readonly<Record<string, unknown>>,
  passwordName: string,
): Promise<void> {
  const { [passwordName]: password, name, email } = given;
  if (typeof password !== 'string' || password.length < passwordLettersMin) return;
  if (password.length > passwordLettersMax) return;
  const panel = await db.selectFrom('settings').select('name').executeTakeFirstOrThrow();
  const context = ['panelwright', panel.name, name, email].filter(
    (each) => typeof each === 'string',
  );
  if (!isEasyToGuess(password, context)) return;
  const message = 'This password is among the first that are guessed';
  throw new APIError('BAD_REQUEST', { code: 'PASSWORD_TOO_COMMON', message });
}

/**
 * A passkey stands for two factors: it is the key, and a finger, a face or a PIN.
 * @throws APIError for one that was only touched
 */
async function refuseUnverified(isVerified: boolean | undefined): Promise<undefined> {
  if (isVerified === true) return;
  throw refusal('USER_NOT_VERIFIED', 'The passkey did not ask who uses it');
}

function refusal(code: string, message: string): APIError {
  return new APIError('FORBIDDEN', { code, message });
}
