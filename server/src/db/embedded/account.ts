import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, lchownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../base/index.ts';
import { clusterExists, type Layout } from './layout.ts';

/** Who runs PostgreSQL: this process's own user, or as root an unprivileged one. */
export type Account = {
  /** Set only when we are root. */
  owner: { uid: number; gid: number } | undefined;
  /** A command that becomes the owner by itself, where a plain change of user is not enough. */
  prefix: readonly string[];
};

const ownAccount: Account = { owner: undefined, prefix: [] };

/**
 * PostgreSQL refuses to run as root, so as root an unprivileged user is chosen: the owner of the
 * cluster if there is one, else `runAs`.
 *
 * That user often cannot reach the clone (`/root` has mode 0700), and modes outside the data
 * directory are not ours to change. Then `setpriv` (util-linux) hands it one capability: to search
 * and read everywhere, or where a container withholds that one, to pass file modes altogether.
 *
 * @throws AppError `not_allowed` when no way leads that user to the binaries and the data directory
 */
export function chooseAccount(layout: Layout, binDir: string, runAs: string): Account {
  if (process.geteuid?.() !== 0) return ownAccount;
  const owner = clusterOwner(layout) ?? lookUpUser(runAs);
  const ways: Account[] = [{ owner, prefix: [] }];
  if (process.platform === 'linux') {
    ways.push({ owner, prefix: setpriv(owner, 'dac_read_search') });
    ways.push({ owner, prefix: setpriv(owner, 'dac_override') });
  }
  const way = ways.find((candidate) => reaches(candidate, layout, binDir));
  if (way !== undefined) return way;
  throw new AppError(
    'not_allowed',
    `PostgreSQL does not run as root, and the user with id ${owner.uid} cannot reach both ` +
      `${binDir} and ${layout.dataDir}. Clone the panel and set PANELWRIGHT_DATA_DIR to where ` +
      'that user may go (for example /srv/panelwright), or run the panel as an ordinary user',
  );
}

/** The program and options to spawn something as this account. */
export function asAccount(account: Account, program: string, args: readonly string[]) {
  const [file = program, ...rest] = [...account.prefix, program, ...args];
  const identity = account.prefix.length === 0 ? account.owner : undefined;
  return { file, args: rest, identity };
}

/** Hands a file or directory to the account; nothing to do when it is our own user. */
export function giveTo(account: Account, path: string): void {
  if (account.owner !== undefined) chownSync(path, account.owner.uid, account.owner.gid);
}

/** Hands over a cluster that root has copied here. Root cannot be running it. */
export function giveCluster(account: Account, layout: Layout): void {
  if (account.owner === undefined || statSync(layout.clusterDir).uid !== 0) return;
  const { uid, gid } = account.owner;
  for (const name of readdirSync(layout.clusterDir, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(layout.clusterDir, name), uid, gid);
  }
  chownSync(layout.clusterDir, uid, gid);
}

function clusterOwner(layout: Layout): Account['owner'] {
  if (!clusterExists(layout)) return undefined;
  const { uid, gid } = statSync(layout.clusterDir);
  return uid === 0 ? undefined : { uid, gid };
}

function lookUpUser(name: string): { uid: number; gid: number } {
  try {
    const ask = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }).trim());
    const user = { uid: ask('-u'), gid: ask('-g') };
    if (user.uid !== 0) return user;
  } catch (cause) {
    throw new AppError('not_found', `there is no user ${name} to run PostgreSQL as`, { cause });
  }
  throw new AppError('not_allowed', 'PostgreSQL does not run as root; name another user');
}

function setpriv(owner: { uid: number; gid: number }, capability: string): string[] {
  const user = ['--reuid', `${owner.uid}`, '--regid', `${owner.gid}`, '--clear-groups'];
  const caps = `-all,+${capability}`;
  // PostgreSQL looks at its own binary with access(2), which drops a non-root user's capabilities
  // for the question unless no_setuid_fixup is set.
  const bits = ['--securebits', '+no_setuid_fixup'];
  return ['setpriv', ...user, ...bits, '--inh-caps', caps, '--ambient-caps', caps];
}

/** Tries it, rather than reading modes: access lists and mounts have a say as well. */
function reaches(account: Account, layout: Layout, binDir: string): boolean {
  const script = 'cd "$1" && exec "$0" --version';
  const run = asAccount(account, '/bin/sh', ['-c', script, join(binDir, 'initdb'), layout.dataDir]);
  return spawnSync(run.file, run.args, { cwd: '/', stdio: 'ignore', ...run.identity }).status === 0;
}
