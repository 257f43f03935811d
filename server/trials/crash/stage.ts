import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawBuilder } from 'kysely';
import { hourMs, silentLog, systemClock } from '../../src/base/index.ts';
import { connect, startEmbedded } from '../../src/db/index.ts';
import { type App, openRuntime } from '../../src/runtime/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../../tests/fake-upstream.ts';
import { testSecret } from '../../tests/harness.ts';
import { serverUrl } from '../../tests/server-url.ts';
import { type Seed, seedPanel } from './seed.ts';

/** A panel on an embedded database of its own, and an upstream, both with files on disk. */
export type Stage = Seed & {
  dataDir: string;
  /** Where the API is, whichever process serves it. */
  url: string;
  /** The environment of processes on this stage. */
  env: NodeJS.ProcessEnv;
  /** This process's own view, on plain connections: it is no user that brings the database back. */
  app: App;
  /** Asks as the database's owner. */
  read: <Row>(query: RawBuilder<Row>) => Promise<Row[]>;
  databaseUrl: string;
  upstream: FakeUpstream;
  journalFile: string;
  /** Leaves the database to the processes that use it by then. */
  letGo: () => Promise<void>;
  /** Closes this process's own connections. */
  leave: () => Promise<void>;
  /** Ends the database, if nobody has, and removes all files; the processes have ended. */
  close: () => Promise<void>;
};

const upstreamLifeMs = 12 * hourMs;

/** Creates the data directory, the upstream, and a panel that sells. */
export async function openStage(options: { refillable: number }): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'panelwright-crash-'));
  // As root the cluster belongs to nobody, who has to get through.
  execFileSync('chmod', ['711', root]);
  const dataDir = join(root, 'data');
  const embedded = await startEmbedded({ dataDir, log: silentLog });
  const databaseUrl = serverUrl(embedded.target);
  const journalFile = join(root, 'upstream-journal');
  const upstream = await startFakeUpstream({
    ...{ balance: '100000000.00', journalFile, requestIdField: 'request_id' },
    pace: { pendingMs: 100, deliverMs: 500, cancelMs: 100, refillMs: 500 },
    lifeMs: upstreamLifeMs,
  });
  const runtime = await openRuntime({
    ...{ databaseUrl, dataDir: '', databaseUser: '', connectionsMax: 4 },
    ...{ secret: testSecret, privateAddresses: 'allow', clock: systemClock, log: silentLog },
  });
  const seed = await seedPanel(databaseUrl, { upstream, ...options });
  await runtime.app.catalog.refresh();
  const owner = connect({ url: databaseUrl }, { connectionsMax: 3, asOwner: true });
  const port = String(await findPort());
  return {
    ...{ ...seed, dataDir, databaseUrl, upstream, journalFile, app: runtime.app },
    url: `http://127.0.0.1:${port}`,
    env: {
      ...{ PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ HOST: '127.0.0.1', PORT: port, PANELWRIGHT_DATA_DIR: dataDir },
      ...{ PANELWRIGHT_SECRET: testSecret, PANELWRIGHT_PRIVATE_ADDRESSES: 'allow' },
      ...{ NODE_ENV: 'production', LOG_LEVEL: 'silent' },
    },
    read: async (query) => (await query.execute(owner.db)).rows,
    letGo: embedded.stop,
    leave: async () => {
      await runtime.close();
      await owner.close();
    },
    close: async () => {
      await upstream.stop();
      // Killed users leave the database alone; one more ends it in order.
      const isLeft = existsSync(join(dataDir, 'postgres', 'postmaster.pid'));
      if (isLeft) await (await startEmbedded({ dataDir, log: silentLog })).stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A port that is free now, for processes that follow each other on it. */
async function findPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = Object(server.address());
  server.close();
  await once(server, 'close');
  return port;
}
