import { LRUCache } from 'lru-cache';
import { AppError, type Peers } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';
import { createAttempts } from './attempts.ts';
import type { Auth, Proof } from './better-auth.ts';
import { type Confirming, confirm, confirmFirst, isProven, proofOf } from './confirm.ts';
import { restate } from './request.ts';
import { findSignedIn, type SignedIn } from './signed-in.ts';
import { deriveSignInSecret, readSessionToken } from './tokens.ts';

export type SignInOptions = {
  /** The panel's secret; nobody can sign in without one. */
  secret: string | undefined;
  /** The panel's address as users see it; by default what each request asked for. */
  publicUrl: string | undefined;
  /** With whom attempts are counted together. */
  peers?: Peers | undefined;
};

/** Where a request comes from and which address it asked for, as far as that is known for sure. */
export type Client = { address: string; origin: string };

/** Who confirms, by which cookies, and with what. */
export type ConfirmRequest = {
  headers: Headers;
  client: Client;
  signedIn: SignedIn;
  given: Confirming;
};

export type SignIn = {
  /** Nobody can sign in where there is no secret. */
  isAvailable: boolean;
  /** Answers what is asked below `/api/auth`. */
  handle: (request: Request, client: Client) => Promise<Response>;
  /** Who is signed in, by the cookies of a request; one statement, and nothing is kept. */
  readSignedIn: (headers: Headers) => Promise<SignedIn | null>;
  /**
   * Takes a password, or a code where there is a second factor, as a fresh sign-in.
   * @throws AppError as `confirm`
   */
  confirm: (input: ConfirmRequest) => Promise<void>;
  /**
   * Loads what `handle` needs, in the background, for somebody who is about to sign in. A panel
   * that only programs call keeps those 30 MiB for them.
   */
  prepare: () => void;
};

/** A panel has one address, and a developer few; more are somebody's game with `Host`. */
const originsMax = 8;

/**
 * What changes second factors. Who needs one and has a passkey signs in by that first: else a
 * password that was stolen would be enough to make another.
 */
const factorPaths = [
  '/two-factor/enable',
  '/two-factor/disable',
  '/passkey/generate-register-options',
  '/passkey/verify-registration',
  '/passkey/delete-passkey',
];
/**
 * A passkey signs in without password and code, and a new password leaves it: who made one with a
 * cookie alone would stay.
 */
const passkeyPaths = factorPaths.filter((path) => path.startsWith('/passkey/'));
const needsPasskey = {
  code: 'SIGN_IN_WITH_PASSKEY',
  message: 'Sign in with your passkey to change how you sign in',
};

const failed = { code: 'FAILED', message: 'The server could not do this' };

function isAmong(request: Request, paths: readonly string[]): boolean {
  const { pathname } = new URL(request.url);
  return paths.some((path) => pathname.endsWith(path));
}

/** What is answered to who may not change second factors as they are signed in. */
function refuseFactors(
  ctx: Ctx,
  request: Request,
  signedIn: SignedIn | null,
): Response | undefined {
  if (signedIn === null) return undefined;
  if (signedIn.staff?.missingFactor === 'passkey') {
    return Response.json(needsPasskey, { status: 403 });
  }
  if (!isAmong(request, passkeyPaths) || isProven(ctx, signedIn)) return undefined;
  const error = { code: 'confirm_first', detail: proofOf(signedIn), message: confirmFirst };
  return Response.json({ error }, { status: 403 });
}

/** Lets customers and staff sign in. */
export function createSignIn(ctx: Ctx, options: SignInOptions): SignIn {
  const { secret: panelSecret, publicUrl } = options;
  if (panelSecret === undefined) return withoutSecret();
  const secret = deriveSignInSecret(panelSecret);
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const isSecureOnly = publicOrigin?.startsWith('https:') ?? false;
  const takeAttempt = createAttempts(ctx.clock, options.peers);
  const handlers = new LRUCache<string, Promise<Auth>>({ max: originsMax });

  function handlerOf(origin: string): Promise<Auth> {
    const known = handlers.get(origin);
    if (known !== undefined) return known;
    const handler = load(origin);
    handlers.set(origin, handler);
    handler.catch(() => handlers.delete(origin));
    return handler;
  }

  async function load(origin: string): Promise<Auth> {
    const [{ createAuth }, { createLetters }] = await loadCode();
    const letters = createLetters(ctx, { origin, secret: panelSecret ?? secret });
    return createAuth({ ...ctx, letters, takeAttempt }, { origin, secret });
  }

  async function readSignedIn(headers: Headers): Promise<SignedIn | null> {
    const token = readSessionToken(headers, { secret, isSecureOnly });
    return token === undefined ? null : findSignedIn(ctx, token);
  }

  return {
    isAvailable: true,
    handle: async (request, client) => {
      if (isAmong(request, factorPaths)) {
        const refused = refuseFactors(ctx, request, await readSignedIn(request.headers));
        if (refused !== undefined) return refused;
      }
      const origin = publicOrigin ?? client.origin;
      const [handler, { hideTokens, withTokens }] = await Promise.all([
        handlerOf(origin),
        import('./adapter.ts'),
      ]);
      const stated = await restate(request, { ...client, origin });
      const answer = async () => hideTokens(await handler.handle(stated));
      const { pathname: path } = new URL(request.url);
      const given = await withTokens(answer).catch((error: unknown) => {
        ctx.log.error({ error, path }, 'a request failed');
        return Response.json(failed, { status: 500 });
      });
      if (request.method !== 'GET') {
        ctx.log.info({ path, address: client.address, status: given.status }, 'sign-in');
      }
      return given;
    },
    confirm: async ({ headers, client, signedIn, given }) => {
      const [auth, { withTokens }] = await Promise.all([
        handlerOf(publicOrigin ?? client.origin),
        import('./adapter.ts'),
      ]);
      const prove = (proof: Proof) => withTokens(() => auth.prove(headers, proof));
      await confirm(ctx, { signedIn, given, prove });
    },
    readSignedIn,
    prepare: () => {
      loadCode().catch((error: unknown) => ctx.log.error({ error }, 'signing in is not possible'));
    },
  };
}

function loadCode() {
  return Promise.all([import('./better-auth.ts'), import('./letters.ts')]);
}

function withoutSecret(): SignIn {
  const body = {
    code: 'NO_SECRET',
    message: 'Nobody can sign in until PANELWRIGHT_SECRET is set',
  };
  return {
    isAvailable: false,
    handle: async () => Response.json(body, { status: 503 }),
    confirm: async () => {
      throw new AppError('not_signed_in', body.message);
    },
    readSignedIn: async () => null,
    prepare: () => {},
  };
}
