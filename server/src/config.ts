import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError, hourMs } from './base/index.ts';

/** Where the embedded database lies unless told otherwise, from where the command is run. */
export const defaultDataDir = './data';

/** A secret shorter than this could be guessed. */
export const secretLettersMin = 32;

const environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  DATABASE_URL: z.string().optional(),
  DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(200).default(12),
  DATABASE_USER: z.string().default('nobody'),
  PANELWRIGHT_DATA_DIR: z.string().min(1).default(defaultDataDir),
  PANELWRIGHT_SECRET: z.string().min(secretLettersMin).optional(),
  PANELWRIGHT_PRIVATE_ADDRESSES: z.enum(['allow', 'refuse']).optional(),
  PANELWRIGHT_BACKUP_DIR: z.string().min(1).optional(),
  PANELWRIGHT_BACKUP_HOURS: z.coerce.number().min(0.1).max(8_760).default(24),
  PANELWRIGHT_BACKUPS_KEPT: z.coerce.number().int().min(1).max(10_000).default(14),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUST_PROXY: z.enum(['0', '1']).default('0'),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().min(3).max(200).optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  NODE_ENV: z.string().default(''),
});

/** Everything the environment decides. Business settings live in the database. */
export type Config = {
  host: string;
  port: number;
  /** An external server; undefined for the embedded one in `dataDir`. */
  databaseUrl: string | undefined;
  connectionsMax: number;
  /** Who runs the embedded PostgreSQL when we are root, which it refuses to be. */
  databaseUser: string;
  dataDir: string;
  /** Encrypts what must be readable again, such as providers' keys; undefined when not given. */
  secret: string | undefined;
  /** Whether providers may be on private or loopback addresses. */
  privateAddresses: 'allow' | 'refuse';
  /** Where the worker puts backups, how often and how many are kept; undefined for none. */
  backups: { dir: string; everyMs: number; kept: number } | undefined;
  /** The panel's address as customers see it, for the API page; by default what they asked for. */
  publicUrl: string | undefined;
  /** Whether the last `X-Forwarded-For` entry is believed: only behind a proxy that sets it. */
  isProxyTrusted: boolean;
  /** Where mails are sent through; without it they are logged, or wait, in production. */
  smtpUrl: string | undefined;
  /** Whom mails come from, `Panel <no-reply@example.com>`. */
  mailFrom: string | undefined;
  logLevel: string;
  isProduction: boolean;
};

/**
 * Reads the settings from the environment; empty values count as not set.
 * @throws AppError `invalid_input` naming each bad setting and what it should be
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new AppError('invalid_input', `bad settings\n  ${problems.join('\n  ')}`);
  }
  const settings = parsed.data;
  requireMailSettings(settings);
  const isProduction = settings.NODE_ENV === 'production';
  return {
    host: settings.HOST,
    port: settings.PORT,
    databaseUrl: settings.DATABASE_URL,
    connectionsMax: settings.DATABASE_CONNECTIONS,
    databaseUser: settings.DATABASE_USER,
    dataDir: settings.PANELWRIGHT_DATA_DIR,
    secret: settings.PANELWRIGHT_SECRET,
    privateAddresses: settings.PANELWRIGHT_PRIVATE_ADDRESSES ?? (isProduction ? 'refuse' : 'allow'),
    backups: backupsOf(settings),
    publicUrl: settings.PUBLIC_URL,
    isProxyTrusted: settings.TRUST_PROXY === '1',
    smtpUrl: settings.SMTP_URL,
    mailFrom: settings.MAIL_FROM,
    logLevel: settings.LOG_LEVEL,
    isProduction,
  };
}

function backupsOf(settings: z.infer<typeof environment>): Config['backups'] {
  const { PANELWRIGHT_BACKUP_DIR: dir, PANELWRIGHT_BACKUPS_KEPT: kept } = settings;
  if (dir === undefined) return undefined;
  return { dir: resolve(dir), everyMs: settings.PANELWRIGHT_BACKUP_HOURS * hourMs, kept };
}

/** The links of mails must not lead where whoever caused the mail says the panel is. */
function requireMailSettings(settings: z.infer<typeof environment>): void {
  if (settings.SMTP_URL === undefined) return;
  const missing = (['MAIL_FROM', 'PUBLIC_URL'] as const).filter(
    (name) => settings[name] === undefined,
  );
  if (missing.length === 0) return;
  throw new AppError('invalid_input', `SMTP_URL needs ${missing.join(' and ')} beside it`);
}
