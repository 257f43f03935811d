import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { silentLog, systemClock } from '../src/base/index.ts';
import { connect, type Database, type DatabaseTarget, startEmbedded } from '../src/db/index.ts';
import { type App, openRuntime } from '../src/runtime/index.ts';
import { verify } from '../src/system/index.ts';
import { serverUrl } from '../tests/server-url.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import type { Session } from './session.ts';

type Role = 'all' | 'api' | 'worker';

/** How a panel is served where it is not as everybody has it: one process with its database. */
type Serving = {
  /** Answer on one port in so many. */
  processes?: number;
  /** The database is named as one of its own, which it is of nobody's. */
  isExternal?: boolean;
};

/** A panel's database, and the commands that fill it. */
export type FilledPanel = { app: App; owner: Database };

/** A panel under test. */
export type Panel = FilledPanel & {
  target: Exclude<DatabaseTarget, { url: string }>;
  /** Starts the panel's own entry point on this database. */
  serve: (role?: Role, how?: Serving) => Promise<ServedPanel>;
  /** Throws unless every invariant of the books and orders holds. */
  verify: () => Promise<void>;
};

type PanelSession = Pick<Session, 'folder' | 'filled' | 'signal' | 'profile'>;

export type ServedPanel = { url: string; process: RunningProcess };

/** Of no panel that anybody keeps. */
const secret = randomBytes(32).toString('hex');
const entryPoint = fileURLToPath(new URL('../bin/panelwright.js', import.meta.url));
const seedConnections = 4;
// A filled database may have been left behind without its last checkpoint.
const readyTimeoutMs = 60_000;
const pollMs = 50;

/**
 * Gives `work` a new panel, or a filled one, with an embedded database as every user has it: same
 * settings, fsync on.
 * Nothing is bound to a core, as on nobody's machine: bound, a server takes turns with the thread
 * that helps its collector and with PostgreSQL, while the other core is idle.
 */
export async function withPanel<T>(
  session: PanelSession,
  work: (panel: Panel) => Promise<T>,
): Promise<T> {
  const folder = session.filled ?? session.folder;
  const dataDir = join(folder, 'data');
  // As root, PostgreSQL runs as `nobody` and has to get here.
  await chmod(folder, 0o755);
  await mkdir(dataDir, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const server = await startEmbedded({ dataDir, log: silentLog });
  stack.defer(() => server.stop());
  const runtime = await openRuntime({
    databaseUrl: serverUrl(server.target),
    dataDir,
    databaseUser: 'nobody',
    connectionsMax: seedConnections,
    clock: systemClock,
    log: silentLog,
    secret,
    privateAddresses: 'allow',
  });
  stack.defer(() => runtime.close());
  const owner = connect(server.target, { connectionsMax: 1, asOwner: true });
  stack.defer(() => owner.close());
  return await work({
    app: runtime.app,
    owner,
    target: server.target,
    serve: async (role = 'all', how = {}) => {
      const databaseUrl = how.isExternal === true ? serverUrl(server.target) : '';
      const served = await servePanel(session, { ...how, dataDir, databaseUrl, role });
      stack.defer(() => served.process.stop());
      return served;
    },
    verify: async () => {
      // Autovacuum has not seen the new rows yet; planned without statistics this takes minutes.
      await owner.sql.unsafe('analyze');
      const report = await verify(runtime.app.db);
      if (!report.ok) throw new Error(`the books are broken: ${JSON.stringify(report.broken)}`);
    },
  });
}

async function servePanel(
  { signal, profile }: PanelSession,
  given: Serving & { role: Role; dataDir: string; databaseUrl: string },
): Promise<ServedPanel> {
  const { role, dataDir, databaseUrl, processes = 1 } = given;
  const port = await findFreePort();
  const env = {
    HOST: '127.0.0.1',
    PORT: String(port),
    PANELWRIGHT_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: 'warn',
    PANELWRIGHT_SECRET: secret,
    PANELWRIGHT_PRIVATE_ADDRESSES: 'allow',
  };
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const shared = processes === 1 ? [] : ['--processes', String(processes)];
  const args = [...profiling, entryPoint, 'serve', '--role', role, ...shared];
  const command = { command: process.execPath, args, env };
  const server = startProcess(command, signal);
  // A worker answers nobody; what it does shows at the upstream.
  if (role !== 'worker') await untilReady(server, `http://127.0.0.1:${port}/readyz`);
  return { url: `http://127.0.0.1:${port}/api/v2`, process: server };
}

/** Waits until a server that was just started answers; stops it and throws when it doesn't. */
export async function untilReady(server: RunningProcess, url: string): Promise<void> {
  const startedMs = performance.now();
  while (!server.hasEnded() && performance.now() - startedMs < readyTimeoutMs) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await delay(pollMs);
  }
  await server.stop();
  throw new Error(`the server under test did not start: ${server.tail()}`);
}

/** A TCP port nobody listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
