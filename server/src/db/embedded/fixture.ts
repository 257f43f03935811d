import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { assert, silentLog } from '../../base/index.ts';
import {
  type ConnectionTarget,
  type EmbeddedOptions,
  type EmbeddedServer,
  startEmbedded,
} from './index.ts';

const waitMaxMs = 30_000;
const isRoot = process.geteuid?.() === 0;

type StartOptions = Partial<Pick<EmbeddedOptions, 'settings' | 'binDir' | 'log'>>;

/** What the tests of the embedded server share: places, processes, and an end to all of them. */
export type Fixture = {
  /** An empty place for a data directory. */
  emptyDir: () => string;
  /** A data directory with a cluster that was stopped in order. */
  createdDir: () => Promise<string>;
  start: (dataDir: string, options?: StartOptions) => Promise<EmbeddedServer>;
  /** Another process that starts the server and holds it until it is told or killed. */
  startElsewhere: (dataDir: string, user?: { uid: number; gid: number }) => Promise<Elsewhere>;
  connect: (target: ConnectionTarget) => postgres.Sql;
  /** A process that has nothing to do with any of this. */
  stranger: () => ChildProcess;
  /** Kills every process that `startElsewhere` and `stranger` have made. */
  killChildren: () => Promise<void>;
  end: () => Promise<void>;
};

type Elsewhere = {
  child: ChildProcess;
  /** The postmaster it got. */
  postmasterPid: number;
  /** Asks it to stop the server by the usual rule, and waits until it has ended. */
  leave: () => Promise<void>;
  kill: () => Promise<void>;
};

const elsewhereScript = `
const { startEmbedded } = await import(process.argv[1]);
const { silentLog } = await import(process.argv[2]);
const server = await startEmbedded({ dataDir: process.argv[3], log: silentLog });
console.log('up');
process.stdin.once('data', async () => {
  await server.stop();
  process.exit();
});
`;

/** Everything lies below one temporary folder, which `end` removes after ending what runs in it. */
export function createFixture(): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'panelwright-test-'));
  // As root the clusters belong to nobody, who has to get through.
  execFileSync('chmod', ['711', root]);
  const children: ChildProcess[] = [];
  const pools: postgres.Sql[] = [];
  const servers: EmbeddedServer[] = [];
  let places = 0;
  const killChildren = async () => {
    await Promise.all(children.map(killChild));
  };
  let template: Promise<string> | undefined;
  const emptyDir = () => {
    places += 1;
    return join(root, `data-${places}`);
  };
  const start = async (dataDir: string, options: StartOptions = {}) => {
    const server = await startEmbedded({ dataDir, log: silentLog, ...options });
    servers.push(server);
    return server;
  };
  return {
    emptyDir,
    start,
    createdDir: async () => {
      template ??= createStopped(emptyDir(), start);
      const dir = emptyDir();
      execFileSync('cp', ['-a', await template, dir]);
      return dir;
    },
    startElsewhere: (dataDir, user) => {
      return startElsewhere(dataDir, user, children);
    },
    connect: (target) => {
      const pool = postgres({ ...target, max: 1, onnotice() {} });
      pools.push(pool);
      return pool;
    },
    stranger: () => {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      children.push(child);
      return child;
    },
    killChildren,
    end: async () => {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 0 })));
      await killChildren();
      // A server whose users are all dead is adopted once more, to be ended in order.
      for (const dir of runningDirs(root)) await start(dir);
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The process id in `postmaster.pid`. */
export function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Whether a process does anything: one that only waits for its parent (a zombie) does not. */
export function isAlive(pid: number): boolean {
  // Minimal Linux images have no ps, and macOS has no /proc.
  if (process.platform === 'linux') {
    const path = `/proc/${pid}/stat`;
    const stat = existsSync(path) ? readFileSync(path, 'utf8') : ') X';
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  }
  const found = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return found.stdout.trim() !== '' && !found.stdout.startsWith('Z');
}

/** Looks again until it is so; the limit only ends a test that has already failed. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + waitMaxMs;
  while (!(await condition())) {
    assert(performance.now() < deadlineMs, 'it never became so');
    await delay(10);
  }
}

/** Kills the postmaster of one of our own temporary data directories, and waits for its end. */
export async function killPostmaster(dataDir: string): Promise<void> {
  const pid = postmasterPid(dataDir);
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
}

function runningDirs(root: string): string[] {
  const dirs = readdirSync(root).map((name) => join(root, name));
  return dirs.filter((dir) => existsSync(join(dir, 'postgres', 'postmaster.pid')));
}

async function createStopped(dir: string, start: Fixture['start']): Promise<string> {
  const server = await start(dir);
  await server.stop();
  return dir;
}

async function startElsewhere(
  dataDir: string,
  user: { uid: number; gid: number } | undefined,
  children: ChildProcess[],
): Promise<Elsewhere> {
  const modules = [join(import.meta.dirname, 'index.ts'), join(import.meta.dirname, base)];
  const args = ['--input-type=module', '-e', elsewhereScript, ...modules, dataDir];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A process group of its own, as a shell gives every command.
    detached: true,
    ...user,
  });
  children.push(child);
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  assert(child.exitCode === null, 'the other process is up');
  return {
    child,
    postmasterPid: postmasterPid(dataDir),
    leave: async () => {
      child.stdin.write('leave\n');
      await ended;
    },
    kill: () => killChild(child),
  };
}

const base = '../../base/index.ts';

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Whether this test runs as root, and as whom an ordinary user's test can run then. */
export const ordinaryUser = isRoot ? { uid: 65_534, gid: 65_534 } : undefined;

/** A folder that only its owner may enter, like `/root`. */
export function closedFolder(path: string): string {
  mkdirSync(path, { mode: 0o700 });
  return path;
}
