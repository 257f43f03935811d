import { dayMs, hourMs } from '../base/index.ts';
import type { Ctx, Tx } from '../db/index.ts';
import {
  enqueueMail,
  type MailKind,
  type MailLanguage,
  type MailValues,
  sealLink,
} from '../mail/index.ts';
import { inOpenTransaction } from './adapter.ts';
import { passwordLink } from './links.ts';

type Recipient = { id: string; email: string };

type AddressChange = { newAddress: string; url: string };

/** The mails that belong to signing in, each written in the transaction of its cause. */
export type Letters = {
  confirmAddress: (to: Recipient, url: string, request?: Request) => Promise<void>;
  resetPassword: (to: Recipient, token: string, request?: Request) => Promise<void>;
  passwordChanged: (to: Recipient, request?: Request) => Promise<void>;
  changeAddress: (to: Recipient, change: AddressChange, request?: Request) => Promise<void>;
  addressInUse: (to: Recipient, request?: Request) => Promise<void>;
};

/** How long the link that confirms an address works. */
export const confirmLinkMs = dayMs;
/** How long the link to set a new password works. */
export const resetLinkMs = hourMs;

/** Writes the mails of one origin. */
export function createLetters(ctx: Ctx, input: { origin: string; secret: string }): Letters {
  const { origin, secret } = input;

  async function write<K extends MailKind>(
    to: Recipient,
    request: Request | undefined,
    mail: { kind: K; values: MailValues[K]; validMs?: number },
  ): Promise<void> {
    const at = ctx.clock.now();
    await inOpenTransaction(ctx.db, async (tx) => {
      await enqueueMail(tx, {
        to: to.email,
        language: await readLanguage(tx, to, request),
        kind: mail.kind,
        values: mail.values,
        at,
        ...(mail.validMs === undefined ? {} : { expiresAt: new Date(at.getTime() + mail.validMs) }),
      });
    });
  }

  const seal = (to: Recipient, link: string) => sealLink(secret, { to: to.email, link });
  return {
    confirmAddress: (to, url, request) =>
      write(to, request, {
        kind: 'confirm_address',
        values: { link: seal(to, url) },
        validMs: confirmLinkMs,
      }),
    resetPassword: (to, token, request) =>
      write(to, request, {
        kind: 'reset_password',
        values: { link: seal(to, passwordLink(origin, token)) },
        validMs: resetLinkMs,
      }),
    changeAddress: (to, { newAddress, url }, request) =>
      write(to, request, {
        kind: 'change_address',
        values: { link: seal(to, url), newAddress },
        validMs: confirmLinkMs,
      }),
    passwordChanged: (to, request) => write(to, request, { kind: 'password_changed', values: {} }),
    addressInUse: (to, request) => write(to, request, { kind: 'address_in_use', values: {} }),
  };
}

/** The language asked for, or else the first of a browser's that the panel speaks. */
export function languageOf(given: unknown, headers: Headers | undefined): MailLanguage {
  if (given === 'en' || given === 'zh-CN') return given;
  const accepted = headers?.get('accept-language') ?? '';
  const first = accepted
    .split(',')
    .map((part) => part.trim().toLowerCase().slice(0, 2))
    .find((language) => language === 'en' || language === 'zh');
  return first === 'zh' ? 'zh-CN' : 'en';
}

/** A customer's own language; staff have none, so theirs is that of the browser. */
async function readLanguage(
  tx: Tx,
  user: Recipient,
  request: Request | undefined,
): Promise<MailLanguage> {
  const customer = await tx
    .selectFrom('users as u')
    .innerJoin('customers as c', 'c.id', 'u.customer_id')
    .select('c.language')
    .where('u.id', '=', user.id)
    .executeTakeFirst();
  return customer?.language ?? languageOf(undefined, request?.headers);
}
