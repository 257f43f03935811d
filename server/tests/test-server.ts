import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '../src/base/index.ts';
import { connect, distribute, migrate, startEmbedded } from '../src/db/index.ts';
import { serverUrl, templateName, withDatabase } from './server-url.ts';

/** A PostgreSQL with the migrated template that test panels clone. */
export type TestServer = {
  url: string;
  /** What `harness.ts` looks for, in this process or in those it starts. */
  env: { PANELWRIGHT_TEST_SERVER: string; PANELWRIGHT_TEST_TEMPLATE: string };
  stop: () => Promise<void>;
};

/**
 * Starts a PostgreSQL for this run in a folder that is gone afterwards.
 * `PANELWRIGHT_TEST_DATABASE_URL` names another server to use (a superuser of it),
 * `TEST_POSTGRES_BIN` other binaries, for instance Debian's. With `PANELWRIGHT_TEST_DISTRIBUTE`
 * that server is a Citus coordinator and its own only node, and the tables are distributed.
 */
export async function startTestServer(): Promise<TestServer> {
  const { url, stop } = await startServer();
  try {
    await makeTemplate(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    env: { PANELWRIGHT_TEST_SERVER: url, PANELWRIGHT_TEST_TEMPLATE: templateName },
    stop: async () => {
      await dropTemplate(url);
      await stop();
    },
  };
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const external = process.env.PANELWRIGHT_TEST_DATABASE_URL;
  if (external) return { url: external, stop: async () => {} };
  const binDir = process.env.TEST_POSTGRES_BIN;
  const dataDir = await mkdtemp(join(tmpdir(), 'panelwright-test-'));
  const embedded = await startEmbedded({
    dataDir,
    log: silentLog,
    ...(binDir ? { binDir } : {}),
    settings: { max_connections: '300' },
  });
  const stop = async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: serverUrl(embedded.target), stop };
}

async function makeTemplate(url: string): Promise<void> {
  await dropTemplate(url);
  const admin = connect({ url }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`create database ${templateName}`);
  await admin.close();
  const template = { url: withDatabase(url, templateName) };
  await migrate(template, systemClock);
  if (process.env.PANELWRIGHT_TEST_DISTRIBUTE) await distribute(template);
}

async function dropTemplate(url: string): Promise<void> {
  const admin = connect({ url }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`drop database if exists ${templateName} with (force)`);
  await admin.close();
}
