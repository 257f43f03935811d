import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const secretBytes = 32;
const cookieName = 'panelwright.session_token';
const securePrefix = '__Host-';

/** The secret of cookies, links and TOTP secrets, made from the panel's own. */
export function deriveSignInSecret(secret: string): string {
  const bytes = hkdfSync('sha256', secret, '', 'panelwright sign-in 1', secretBytes);
  return Buffer.from(bytes).toString('base64url');
}

/** How a session's token is stored: it has 190 random bits, so a plain hash needs no salt. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** How links and steps that work once are stored: the library's own form. */
export function hashIdentifier(identifier: string): string {
  return createHash('sha256').update(identifier).digest('base64url');
}

/** What cookies are called. Browsers take `__Host-` only over https, from this very host. */
export function cookiePrefix(isSecure: boolean): string {
  return `${isSecure ? securePrefix : ''}panelwright`;
}

/**
 * The session's token in a request's cookies, if its signature is ours. With `isSecureOnly` the
 * cookie of plain http counts for nothing: whoever sits in between could have set it.
 */
export function readSessionToken(
  headers: Headers,
  options: { secret: string; isSecureOnly: boolean },
): string | undefined {
  const cookies = headers.get('cookie') ?? '';
  const names = [`${securePrefix}${cookieName}`, ...(options.isSecureOnly ? [] : [cookieName])];
  for (const name of names) {
    const value = cookieOf(cookies, name);
    const token = value === undefined ? undefined : openCookie(value, options.secret);
    if (token !== undefined) return token;
  }
  return undefined;
}

function cookieOf(cookies: string, name: string): string | undefined {
  for (const pair of cookies.split(';')) {
    const text = pair.trim();
    if (text.startsWith(`${name}=`)) return text.slice(name.length + 1);
  }
  return undefined;
}

/** A signed cookie is `token.signature`, encoded as a whole. */
function openCookie(value: string, secret: string): string | undefined {
  let plain: string;
  try {
    plain = decodeURIComponent(value);
  } catch {
    return undefined;
  }
  const dot = plain.lastIndexOf('.');
  if (dot < 1) return undefined;
  const token = plain.slice(0, dot);
  const expected = createHmac('sha256', secret).update(token).digest();
  const given = Buffer.from(plain.slice(dot + 1), 'base64');
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs ? token : undefined;
}
