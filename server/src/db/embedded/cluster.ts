import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError, type Log, minuteMs } from '../../base/index.ts';
import { type Account, asAccount, giveTo } from './account.ts';
import { majorVersion } from './binaries.ts';
import { superuser } from './client.ts';
import { clusterExists, type Layout } from './layout.ts';
import { defaultSettings, renderSettings } from './settings.ts';

const stagingPrefix = 'postgres.new-';
/** Creating takes about a second; a staging folder this old belongs to nobody any more. */
const stagingAgeMaxMs = 10 * minuteMs;

type CreateOptions = { layout: Layout; account: Account; binDir: string; log: Log };

/**
 * Creates the cluster beside its place and publishes it, with its password, by one rename. So a
 * kill at any moment leaves either a whole cluster or none, and of two processes that create at
 * once one wins and the other takes the winner's.
 */
export async function createCluster(options: CreateOptions): Promise<void> {
  const { layout, account } = options;
  refuseForeignFolder(layout);
  sweepStaging(layout);
  const startedMs = performance.now();
  const staging = mkdtempSync(join(layout.dataDir, stagingPrefix));
  try {
    const passwordFile = join(staging, 'password');
    writeFileSync(passwordFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    giveTo(account, staging);
    giveTo(account, passwordFile);
    const clusterDir = join(staging, 'cluster');
    await runInitdb(options, clusterDir, passwordFile);
    const configFile = join(clusterDir, 'postgresql.conf');
    appendFileSync(configFile, renderSettings(defaultSettings));
    const ownPassword = join(clusterDir, 'panelwright.password');
    renameSync(passwordFile, ownPassword);
    // initdb has synced what it wrote itself.
    for (const path of [configFile, ownPassword, clusterDir]) syncPath(path);
    publish(clusterDir, layout);
    const ms = Math.round(performance.now() - startedMs);
    options.log.info({ dir: layout.clusterDir, ms }, 'created a database cluster');
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function publish(clusterDir: string, layout: Layout): void {
  try {
    renameSync(clusterDir, layout.clusterDir);
  } catch (error) {
    // A directory with content is never replaced by a rename: another process was first.
    if (!clusterExists(layout)) throw error;
  }
  syncPath(layout.dataDir);
}

/** @throws AppError `conflict` for a folder of that name that holds something else */
function refuseForeignFolder(layout: Layout): void {
  mkdirSync(layout.clusterDir, { recursive: true, mode: 0o700 });
  if (readdirSync(layout.clusterDir).length > 0 && !clusterExists(layout)) {
    throw new AppError(
      'conflict',
      `${layout.clusterDir} is neither empty nor a PostgreSQL cluster; move it away`,
    );
  }
}

/** Removes what a start left behind that was killed in the middle. */
function sweepStaging(layout: Layout): void {
  for (const name of readdirSync(layout.dataDir)) {
    const path = join(layout.dataDir, name);
    if (!name.startsWith(stagingPrefix)) continue;
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changedMs > stagingAgeMaxMs) rmSync(path, { recursive: true, force: true });
  }
}

async function runInitdb(options: CreateOptions, dir: string, passwordFile: string) {
  const { account, binDir } = options;
  // 17 brought a locale that is the same on every machine: Unicode letters, order by code point.
  const locale = majorVersion(binDir) >= 17 ? builtinLocale : ['--locale=C'];
  const args = ['-D', dir, `--username=${superuser}`, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--data-checksums', ...locale);
  const run = asAccount(account, join(binDir, 'initdb'), args);
  const output: string[] = [];
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(run.file, run.args, {
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group: Ctrl-C is for Node, which then decides.
      detached: true,
      ...run.identity,
    });
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    child.stderr.on('data', (chunk) => output.push(String(chunk)));
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status === 0) return;
  throw new AppError('conflict', `initdb failed: ${output.join('').trim()}`);
}

const builtinLocale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
