import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { type Layout, socketFile } from './layout.ts';

/** This cluster's living postmaster, from its `postmaster.pid`. */
export type Postmaster = {
  pid: number;
  socketDir: string;
  /** What it last wrote of itself there: `starting`, `ready`, `stopping`. */
  status: string;
};

/**
 * What runs on a data directory. `unseen`: something answers on its socket but is no process we
 * can see, or works on another directory of which this is a copy: nothing may be started beside it.
 */
export type Inspection =
  | { state: 'running'; postmaster: Postmaster }
  | { state: 'unseen'; socket: string }
  | { state: 'none' };

type Identity = 'ours' | 'unrelated' | 'dead';

/** Looks who holds the data directory, without touching anything. */
export async function inspect(layout: Layout): Promise<Inspection> {
  const text = readIfThere(layout.pidFile);
  if (text === undefined) return { state: 'none' };
  const lines = text.split('\n');
  const pid = readPid(text);
  const socketDir = lines[4] || layout.socketDir;
  if (pid !== undefined && identify(pid, layout) === 'ours') {
    const status = lines[7]?.trim() ?? '';
    return { state: 'running', postmaster: { pid, socketDir, status } };
  }
  const socket = socketFile(socketDir);
  return (await answers(socket)) ? { state: 'unseen', socket } : { state: 'none' };
}

/** Whether that postmaster still lives. */
export function isRunning(postmaster: Postmaster, layout: Layout): boolean {
  return identify(postmaster.pid, layout) === 'ours' || isDying(postmaster.pid);
}

/** A process on its way out has given back its memory, and with it its command line. */
function isDying(pid: number): boolean {
  return readState(pid) === 'alive' && readIfThere(`/proc/${pid}/cmdline`) === '';
}

/** A lock file is filled right after it is created; one this old is from a crash in between. */
const emptyLockAgeMaxMs = 10_000;

/**
 * Moves lock files out of the way that are empty, or whose process id now belongs to an unrelated
 * process (after a reboot, or in a container where ids start again at 1): PostgreSQL sees only that
 * the id is alive and would refuse for ever. Lock files of dead processes it clears itself. As a
 * last guard it also checks that nobody is attached to the cluster's shared memory.
 */
export function setAsideStaleLocks(layout: Layout): void {
  for (const path of [layout.pidFile, `${socketFile(layout.socketDir)}.lock`]) {
    const text = readIfThere(path);
    if (text === undefined) continue;
    const pid = readPid(text);
    const stale = pid === undefined ? isEmptyAndOld(path) : identify(pid, layout) === 'unrelated';
    if (stale) setAside(path, text);
  }
}

function isEmptyAndOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.size === 0 && Date.now() - found.mtimeMs > emptyLockAgeMaxMs;
}

/**
 * Removes a file only if it still says what was judged. Between the look and the removal another
 * start may have put its own there, so it is renamed first, read again, and put back if it differs.
 */
function setAside(path: string, judged: string): void {
  const aside = `${path}.stale-${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== judged) linkSync(aside, path);
  unlinkSync(aside);
}

/** A process id alone proves nothing; the program and its working directory do. */
function identify(pid: number, layout: Layout): Identity {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process (EPERM) is not ours: the cluster's user is us, or we are root.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
      ? 'unrelated'
      : 'dead';
  }
  return process.platform === 'linux' ? identifyByProc(pid, layout) : identifyByPs(pid, layout);
}

function identifyByProc(pid: number, layout: Layout): Identity {
  const command = readIfThere(`/proc/${pid}/cmdline`);
  if (readState(pid) === 'dead' || command === undefined) return 'dead';
  const args = command.split('\0');
  if (!isPostmaster(args[0] ?? '')) return 'unrelated';
  return (worksIn(pid, layout.clusterDir) ?? args.includes(layout.clusterDir))
    ? 'ours'
    : 'unrelated';
}

/** By /proc; where there is none, as on macOS, every process counts as dead here. */
function readState(pid: number): 'alive' | 'dead' {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return 'dead';
  // "pid (name) state …": a zombie still has its id, but holds nothing.
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return state === 'Z' || state === 'X' ? 'dead' : 'alive';
}

/** Undefined where /proc does not tell: as root in a container that lacks CAP_SYS_PTRACE. */
function worksIn(pid: number, dir: string): boolean | undefined {
  try {
    const cwd = statSync(`/proc/${pid}/cwd`);
    const wanted = statSync(dir);
    return cwd.dev === wanted.dev && cwd.ino === wanted.ino;
  } catch {
    return undefined;
  }
}

function identifyByPs(pid: number, layout: Layout): Identity {
  try {
    const columns = ['-o', 'stat=', '-o', 'command=', '-p', String(pid)];
    const line = execFileSync('ps', columns, { encoding: 'utf8', stdio: 'pipe' }).trim();
    const [stat = '', program = ''] = line.split(/\s+/);
    if (stat.startsWith('Z')) return 'dead';
    return isPostmaster(program) && line.includes(`-D ${layout.clusterDir} `)
      ? 'ours'
      : 'unrelated';
  } catch {
    return 'dead';
  }
}

/** Its children rename themselves to `postgres: …`. */
function isPostmaster(program: string): boolean {
  return ['postgres', 'postmaster'].includes(basename(program));
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function readPid(text: string): number | undefined {
  const match = /^\s*-?([0-9]+)/.exec(text);
  const pid = Number(match?.[1] ?? 0);
  return pid > 0 ? pid : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ESRCH';
}
