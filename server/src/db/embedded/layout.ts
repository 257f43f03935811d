import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../base/index.ts';

/** Where everything of one embedded server lies. All paths are absolute and free of symlinks. */
export type Layout = {
  dataDir: string;
  clusterDir: string;
  /** In the cluster, so that the one rename that publishes a cluster publishes its password too. */
  passwordFile: string;
  pidFile: string;
  logFile: string;
  socketDir: string;
};

/** Names the socket file; nothing listens on this port over TCP. */
export const socketPort = 5432;

// sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
const socketPathBytesMax = process.platform === 'darwin' ? 103 : 107;

/**
 * Lays out a data directory, creating the directory itself when it is missing.
 * @throws AppError `invalid_input` when not even the temporary directory is short enough for a
 *   socket
 */
export function layOut(dataDir: string): Layout {
  // As root the cluster below belongs to another user, who has to get through.
  mkdirSync(dataDir, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
  const root = realpathSync(dataDir);
  const clusterDir = join(root, 'postgres');
  return {
    dataDir: root,
    clusterDir,
    passwordFile: join(clusterDir, 'panelwright.password'),
    pidFile: join(clusterDir, 'postmaster.pid'),
    logFile: join(root, 'postgres.log'),
    socketDir: chooseSocketDir(clusterDir),
  };
}

/** Whether a finished cluster stands there: one appears by a single rename, never in parts. */
export function clusterExists(layout: Layout): boolean {
  return existsSync(join(layout.clusterDir, 'PG_VERSION'));
}

/** The socket file PostgreSQL creates in a directory. */
export function socketFile(socketDir: string): string {
  return join(socketDir, `.s.PGSQL.${socketPort}`);
}

/**
 * The cluster's own directory (mode 0700), or a short one below the temporary directory when that
 * path does not fit a socket address. PostgreSQL reads a comma or quote as a list of directories.
 */
function chooseSocketDir(clusterDir: string): string {
  if (fitsSocket(clusterDir) && !/[,"]/.test(clusterDir)) return clusterDir;
  const hash = createHash('sha256').update(clusterDir).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `panelwright-${hash}`);
  if (fitsSocket(short)) return short;
  throw new AppError(
    'invalid_input',
    `no room for a socket: both ${clusterDir} and ${short} are too long; set a shorter TMPDIR`,
  );
}

function fitsSocket(dir: string): boolean {
  return Buffer.byteLength(socketFile(dir)) <= socketPathBytesMax;
}
