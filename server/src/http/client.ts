import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { AppError } from '../base/index.ts';
import type { Client } from '../sign-in/index.ts';

/** How the server sees who calls. */
export type ClientOptions = {
  publicUrl: string | undefined;
  /** Whether the last `X-Forwarded-…` entries are our own proxy's. */
  isProxyTrusted: boolean;
};

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Where a request comes from, and under which origin it asks for the panel. */
export function clientOf(c: Context, options: ClientOptions): Client {
  const { incoming } = c.env as Partial<HttpBindings>; // none where a test calls in process
  const forwardedFor = incoming?.headers['x-forwarded-for'];
  const address = addressFor(options)(incoming?.socket.remoteAddress, forwardedFor);
  return { address, origin: originOf(c, options) };
}

/** Says where a call comes from. */
export type AddressOf = (
  remoteAddress: string | undefined,
  forwardedFor: string | string[] | undefined,
) => string;

/** The socket's other end, or what a trusted proxy wrote last. */
export function addressFor({ isProxyTrusted }: Pick<ClientOptions, 'isProxyTrusted'>): AddressOf {
  return (remoteAddress = '', forwardedFor) =>
    (isProxyTrusted && lastEntry(forwardedFor)) || remoteAddress;
}

function originOf(c: Context, { publicUrl, isProxyTrusted }: ClientOptions): string {
  if (publicUrl !== undefined) return new URL(publicUrl).origin;
  const asked = new URL(c.req.url);
  const scheme = isProxyTrusted ? lastEntry(c.req.header('x-forwarded-proto')) : undefined;
  return scheme === 'https' || scheme === 'http' ? `${scheme}://${asked.host}` : asked.origin;
}

function lastEntry(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header.at(-1) : header)?.split(',').at(-1)?.trim();
}

/**
 * Refuses changes that another site has its visitor's browser make: the browser names the site, and
 * a form of another site can't send JSON.
 * @throws AppError `not_allowed`, or `incorrect_request` for a body that is no JSON
 */
export function refuseForeign(options: ClientOptions): MiddlewareHandler {
  return async (c, next) => {
    if (safeMethods.has(c.req.method)) return next();
    const site = c.req.header('sec-fetch-site') ?? 'same-origin';
    const origin = c.req.header('origin');
    const isOwnOrigin = origin === undefined || origin === originOf(c, options);
    if ((site !== 'same-origin' && site !== 'none') || !isOwnOrigin) {
      throw new AppError('not_allowed', 'this was asked for by another site');
    }
    if (hasBody(c) && !/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
      throw new AppError('incorrect_request', 'the body has to be application/json');
    }
    return next();
  };
}

function hasBody(c: Context): boolean {
  const length = c.req.header('content-length');
  const isEmpty = length === undefined || length === '0';
  return !isEmpty || c.req.header('transfer-encoding') !== undefined;
}
