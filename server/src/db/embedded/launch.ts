import { spawn } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, giveToOwner } from '../../base/index.ts';
import { type Account, asAccount, giveTo } from './account.ts';
import type { Layout } from './layout.ts';
import { fixedSettings, settingArguments } from './settings.ts';

/** The log is moved to `postgres.log.1` at a start when it is larger, so two files are the most. */
const logBytesMax = 10 * 1024 * 1024;
/** How much of the log's end an error carries. */
const logTailBytesMax = 4096;

/** A postmaster of which we are the parent. */
export type Launch = {
  pid: number | undefined;
  /** Whether it has ended, which before it was ready means that it failed. */
  ended: () => boolean;
  /** The last lines it has logged since it was started. */
  logTail: () => string;
};

type LaunchOptions = {
  layout: Layout;
  account: Account;
  binDir: string;
  settings: Readonly<Record<string, string>>;
};

/**
 * Spawns the postmaster in a session of its own: a Ctrl-C in the terminal reaches Node only, which
 * finishes its work first, and a kill of Node leaves the database whole and running.
 */
export function launch(options: LaunchOptions): Launch {
  const { layout, account, binDir } = options;
  prepareSocketDir(layout, account);
  rotateLog(layout);
  const log = openSync(layout.logFile, 'a', 0o600);
  giveToOwner(layout.logFile, layout.dataDir);
  const logStart = statSync(layout.logFile).size;
  const settings = {
    ...options.settings,
    ...fixedSettings,
    unix_socket_directories: `"${layout.socketDir}"`,
  };
  const args = ['-D', layout.clusterDir, ...settingArguments(settings)];
  const run = asAccount(account, join(binDir, 'postgres'), args);
  let failure: Error | undefined;
  const child = spawn(run.file, run.args, {
    cwd: '/',
    // Nothing of our own environment: it may hold secrets, and PG* variables change settings.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', log, log],
    detached: true,
    ...run.identity,
  });
  closeSync(log);
  child.once('error', (error) => {
    failure = error;
  });
  child.unref();
  return {
    pid: child.pid,
    ended: () => failure !== undefined || child.exitCode !== null || child.signalCode !== null,
    logTail: () => failure?.message ?? readTail(layout.logFile, logStart),
  };
}

/**
 * A socket directory outside the cluster lies in the shared temporary directory, so one that
 * another user has put there must not be used.
 */
function prepareSocketDir(layout: Layout, account: Account): void {
  if (layout.socketDir === layout.clusterDir) return;
  mkdirSync(layout.socketDir, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(layout.socketDir);
  const safe = uid === process.geteuid?.() || uid === account.owner?.uid;
  if (!safe || (mode & 0o170_077) !== 0o040_000) {
    throw new AppError('not_allowed', `${layout.socketDir} is not a private directory of ours`);
  }
  giveTo(account, layout.socketDir);
}

function rotateLog(layout: Layout): void {
  const size = statSync(layout.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logBytesMax) renameSync(layout.logFile, `${layout.logFile}.1`);
}

function readTail(path: string, start: number): string {
  const descriptor = openSync(path, 'r');
  try {
    const from = Math.max(start, statSync(path).size - logTailBytesMax);
    const buffer = Buffer.alloc(logTailBytesMax);
    const bytes = readSync(descriptor, buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, bytes).trim();
  } finally {
    closeSync(descriptor);
  }
}
