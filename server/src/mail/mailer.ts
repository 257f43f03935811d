import type { Transporter } from 'nodemailer';
import { type Log, minuteMs } from '../base/index.ts';
import type { Letter } from './kinds.ts';

export type MailerOptions = {
  smtpUrl: string | undefined;
  /** Who mails come from, `Panel <no-reply@example.com>`. */
  from: string | undefined;
  isProduction: boolean;
  /** Opens the links of mails; without one there are none. */
  secret: string | undefined;
  log: Log;
  /** How long one mail may take in all, 8 minutes by default. */
  timeoutMs?: number;
};

export type Outgoing = Letter & { to: string; messageId: string };

export type Mailer = {
  /** `keep`: there is no SMTP server yet, so mails wait in the outbox. */
  mode: 'smtp' | 'log' | 'keep';
  secret: string | undefined;
  send: (mail: Outgoing) => Promise<void>;
  close: () => void;
};

const connectionsMax = 3;
const connectTimeoutMs = 10_000;
const silenceTimeoutMs = 30_000;
/** However slow the server is, and how many mails wait before it for a connection. */
export const sendTimeoutMs = 8 * minuteMs;

/**
 * Sends mails through the SMTP server of the settings. Without one they are written to the log, so
 * that a developer can follow their links; in production, where a log is no place for them, they
 * wait.
 */
export function createMailer(options: MailerOptions): Mailer {
  const { smtpUrl, from, secret, log, timeoutMs = sendTimeoutMs } = options;
  if (smtpUrl === undefined) {
    return {
      mode: options.isProduction ? 'keep' : 'log',
      secret,
      send: async ({ to, subject, text }) => {
        log.info({ to, subject, text }, 'a mail, shown here because SMTP_URL is not set');
      },
      close: () => {},
    };
  }
  let opened: Promise<Transporter> | undefined;
  return {
    mode: 'smtp',
    secret,
    send: async (mail) => {
      opened ??= openTransport(smtpUrl);
      const transport = await opened;
      await transport.sendMail({ ...mail, from, signal: AbortSignal.timeout(timeoutMs) });
    },
    close: () => {
      void opened?.then((transport) => transport.close());
    },
  };
}

/** Loaded with the first mail: commands that send none start faster. */
async function openTransport(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    pool: true,
    maxConnections: connectionsMax,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: silenceTimeoutMs,
  });
}
