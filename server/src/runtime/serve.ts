import { join, resolve } from 'node:path';
import { diskSource } from '../alarms/index.ts';
import type { BackupPlan } from '../backup/index.ts';
import type { Clock, Log } from '../base/index.ts';
import { type HttpServer, startHttp } from '../http/index.ts';
import { startWorker, type Worker } from '../worker/index.ts';
import { type Demo, isEmpty, seedDemo } from './demo.ts';
import { type App, type OpenOptions, openRuntime, type Runtime } from './open.ts';
import { startSandbox } from './sandbox.ts';
import { prepareWebApp } from './web-app.ts';

/** What a process does: answer requests, do due work, or both. */
export type Role = 'all' | 'api' | 'worker';

export type ServeOptions = Omit<OpenOptions, 'clock' | 'log'> & {
  role: Role;
  host: string;
  port: number;
  publicUrl: string | undefined;
  isProxyTrusted: boolean;
  /** Nothing of a demo is seeded or served. */
  isProduction: boolean;
  /** The backups that the worker makes; without it none. */
  backups?: Omit<BackupPlan, 'target'> | undefined;
  clock: Clock;
  log: Log;
};

export type Running = {
  app: App;
  /** Where it answers; empty for a worker. */
  url: string;
  /** The demo that was seeded at this start; null when somebody has started before. */
  demo: Demo | null;
  /** Finishes what was taken, then closes everything in reverse order. */
  stop: () => Promise<void>;
};

/**
 * Starts the server in one process.
 * @throws AppError when the port is taken or the database can't be had; nothing is left running
 *   then
 */
export async function serve(options: ServeOptions): Promise<Running> {
  const runtime = await openRuntime(options);
  const { app } = runtime;
  const parts: Parts = { runtime };
  try {
    // Before the demo: its logins are shown once, and a port that is taken would show none.
    if (options.role !== 'worker') {
      await prepareWebApp(options.log);
      parts.http = await startHttp(app, options);
    }
    const isDemoAllowed = options.role !== 'worker' && !options.isProduction;
    const demo = isDemoAllowed && (await isEmpty(app)) ? await seedDemo(app) : null;
    // Of several processes one is enough; the usual one does everything.
    const hasSandbox = options.role === 'all' && !options.isProduction;
    if (hasSandbox) parts.stopSandbox = await startSandbox(app, options.dataDir);
    if (options.role !== 'api') parts.worker = startWorker(app, ownOf(options, runtime));
    warnOfMissing(app);
    return { app, url: parts.http?.url ?? '', demo, stop: () => stopAll(parts) };
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}

/** What runs so far. */
type Parts = {
  runtime: Runtime;
  stopSandbox?: (() => Promise<void>) | undefined;
  http?: HttpServer;
  worker?: Worker;
};

/** Nothing new is taken first, and the database goes last. */
async function stopAll({ http, worker, stopSandbox, runtime }: Parts): Promise<void> {
  await http?.stop();
  await worker?.stop();
  await stopSandbox?.();
  await runtime.close();
}

/** What this process alone does and sees: the disk is that of the database which it runs. */
function ownOf(
  { backups, databaseUrl, dataDir }: ServeOptions,
  { target }: Runtime,
): Parameters<typeof startWorker>[1] {
  return {
    ...(backups === undefined ? {} : { backups: { ...backups, target } }),
    retention: { target, dir: archiveOf(dataDir) },
    sources: databaseUrl === undefined ? [diskSource(dataDir)] : [],
  };
}

/** Where months of history go that are dropped. */
export function archiveOf(dataDir: string): string {
  return join(resolve(dataDir), 'archive');
}

/** What users would otherwise find out one by one. */
function warnOfMissing(app: App): void {
  if (!app.signIn.isAvailable) {
    app.log.warn({}, 'nobody can sign in until PANELWRIGHT_SECRET is set');
  }
  if (app.mailer.mode === 'keep') {
    app.log.warn(
      {},
      'no mail is sent until SMTP_URL is set; until then nobody can sign up or reset a password',
    );
  }
}
