import assert from 'node:assert/strict';
import type { Log } from '../../src/base/index.ts';
import { sendDueMails } from '../../src/mail/index.ts';
import type { SignedIn } from '../../src/sign-in/index.ts';
import { openTestPanel, type TestPanel, type TestPanelOptions } from '../harness.ts';

export type Mail = { to: string; subject: string; text: string };

/** A panel whose mails can be read. Its clock is right: the sign-in library has its own. */
export type SignInPanel = TestPanel & {
  /** Sends what is due, and answers the last mail to an address. */
  lastMail: (to: string) => Promise<Mail>;
  logged: unknown[];
};

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers };

/** A browser: it keeps cookies, and says which site it is on. */
export type Visitor = {
  get: (path: string) => Promise<Answer>;
  post: (path: string, body?: object) => Promise<Answer>;
  /** The same request with other headers. */
  send: (path: string, init: RequestInit) => Promise<Answer>;
  cookies: Map<string, string>;
  signedIn: () => Promise<SignedIn | null>;
};

let addresses = 0;

export async function openSignInPanel(options: TestPanelOptions = {}): Promise<SignInPanel> {
  const mails: Mail[] = [];
  const logged: unknown[] = [];
  const keep = (fields: object, message: string) => {
    logged.push({ fields, message });
    if ('subject' in fields) mails.push(fields as Mail);
  };
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  const panel = await openTestPanel({ start: new Date(), log, ...options });
  return {
    ...panel,
    logged,
    lastMail: async (to) => {
      await sendDueMails(panel.app);
      const mail = mails.findLast((each) => each.to === to);
      assert(mail !== undefined, `no mail to ${to}: ${JSON.stringify(mails)}`);
      return mail;
    },
  };
}

/** A new browser at an address of its own, so that limits of others do not concern it. */
export function createVisitor(panel: TestPanel, extra: Record<string, string> = {}): Visitor {
  addresses += 1;
  const address = `10.${addresses >> 8}.${addresses & 255}.1`;
  const cookies = new Map<string, string>();

  const headersOf = () => ({
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-forwarded-for': address,
    origin: extra.origin ?? panel.url,
    ...extra,
  });

  async function send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${panel.url}${path}`, { redirect: 'manual', ...init });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1),
      ];
      if (/Max-Age=0(;|$)/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    const body = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
    return { status: response.status, body, headers: response.headers };
  }

  return {
    cookies,
    send: (path, init) => send(path, { ...init, headers: { ...headersOf(), ...init.headers } }),
    get: (path) => send(path, { headers: headersOf() }),
    post: (path, body = {}) =>
      send(path, {
        method: 'POST',
        headers: { ...headersOf(), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    signedIn: () => panel.app.signIn.readSignedIn(new Headers(headersOf())),
  };
}

/** The link in a mail. */
export function linkOf(mail: Mail): URL {
  const [link] = /https?:\/\/\S+/.exec(mail.text) ?? [];
  assert(link !== undefined, `no link in: ${mail.text}`);
  return new URL(link);
}

let people = 0;
export const password = 'correct horse battery';

/** Somebody who signed up, confirmed the address and is signed in. */
export async function signUp(
  panel: SignInPanel,
  options: { language?: string } = {},
): Promise<{ visitor: Visitor; email: string; signedIn: SignedIn }> {
  people += 1;
  const email = `person${people}@example.com`;
  const visitor = createVisitor(panel);
  const answer = await visitor.post('/api/auth/sign-up/email', {
    name: `Person ${people}`,
    email,
    password,
    callbackURL: '/',
    ...options,
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const link = linkOf(await panel.lastMail(email));
  const confirmed = await visitor.get(`${link.pathname}${link.search}`);
  assert.equal(confirmed.status, 302);
  const signedIn = await visitor.signedIn();
  assert(signedIn !== null);
  return { visitor, email, signedIn };
}
