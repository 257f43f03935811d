import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { fakeClock, type Log, silentLog } from '../src/base/index.ts';
import { connect, type Database } from '../src/db/index.ts';
import { startHttp } from '../src/http/index.ts';
import { type App, openRuntime } from '../src/runtime/index.ts';
import { verify } from '../src/system/index.ts';
import { withDatabase } from './server-url.ts';

/** A running panel of one test file: its own database, a clock that stands still, a real server. */
export type TestPanel = {
  app: App;
  clock: ReturnType<typeof fakeClock>;
  /** `http://127.0.0.1:port`. */
  url: string;
  databaseUrl: string;
  /** The owner's connection, for what no command does: sequences, planted damage. */
  owner: Database;
  /** Posts a form to `/api/v2` and reads the JSON reply; asserts status 200. */
  call: (fields: Record<string, string | number>) => Promise<unknown>;
  /** The same, as the reply's exact text. */
  callText: (fields: Record<string, string | number>) => Promise<string>;
  /** Fails unless every invariant of the books and orders holds. */
  verify: () => Promise<void>;
  /** Ends serving; what was to be stored after the answers is stored then. */
  stopServing: () => Promise<void>;
  close: () => Promise<void>;
};

export type TestPanelOptions = {
  connectionsMax?: number;
  log?: Log;
  start?: Date;
  /** A database that is there already, and another panel's clock. */
  databaseUrl?: string;
  clock?: ReturnType<typeof fakeClock>;
  /** A Stripe of the test's own. */
  stripeApi?: URL;
};

/** What test panels encrypt with; a second server on the same database needs it, too. */
export const testSecret = 'the-secret-of-every-test-panel-0123456789';

/** Whether the tables of this run are spread over a cluster: what is another thing there. */
export const isSpread = Boolean(process.env.PANELWRIGHT_TEST_DISTRIBUTE);

/** Where tests begin in time, unless they say otherwise. */
const testStart = new Date('2026-03-01T12:00:00Z');

/** Clones the template and opens a panel on it. Close it in `after`. */
export async function openTestPanel(options: TestPanelOptions = {}): Promise<TestPanel> {
  const databaseUrl = options.databaseUrl ?? (await cloneDatabase());
  const clock = options.clock ?? fakeClock(options.start ?? testStart);
  const runtime = await openRuntime({
    databaseUrl,
    dataDir: '',
    databaseUser: '',
    connectionsMax: options.connectionsMax ?? 6,
    secret: testSecret,
    privateAddresses: 'allow',
    stripeApi: options.stripeApi,
    clock,
    log: options.log ?? silentLog,
  });
  const { app } = runtime;
  const http = await startHttp(app, {
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    isProxyTrusted: true,
  });
  const owner = connect({ url: databaseUrl }, { connectionsMax: 2, asOwner: true });
  const callText = async (fields: Record<string, string | number>) => {
    const body = new URLSearchParams(
      Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const response = await fetch(`${http.url}/api/v2`, { method: 'POST', body });
    assert.equal(response.status, 200);
    return response.text();
  };
  return {
    app,
    clock,
    url: http.url,
    databaseUrl,
    owner,
    callText,
    call: async (fields) => JSON.parse(await callText(fields)) as unknown,
    verify: async () => assert.deepEqual((await verify(app.db)).broken, []),
    stopServing: () => http.stop(),
    close: async () => {
      await http.stop();
      await runtime.close();
      await owner.close();
      await dropDatabase(databaseUrl);
    },
  };
}

/**
 * Makes a trigger that stands in the panel's way, and what it needs. A cluster refuses those of
 * tables that are spread over it, unless told to make them on every shard, one statement a time.
 */
export async function plantTrigger(
  panel: TestPanel,
  ...statements: readonly string[]
): Promise<void> {
  await panel.owner.sql.begin(async (session) => {
    await session.unsafe('set local citus.enable_unsafe_triggers = on');
    for (const statement of statements) await session.unsafe(statement);
  });
}

/**
 * Has the database refuse to store something, until the answered function is called or the test is
 * over.
 * @param refused what it is called in the error, how it is written, like `update on orders`, and in
 *   which rows: a condition on `new`
 */
export async function refuseWrites(
  panel: TestPanel,
  t: TestContext,
  refused: { what: string; write: string; when: string },
): Promise<() => Promise<unknown>> {
  await plantTrigger(
    panel,
    `create function refuse_write() returns trigger language plpgsql as
      'begin raise exception ''this ${refused.what} can not be stored''; end'`,
    `create trigger refuse_write before ${refused.write} for each row
      when (${refused.when}) execute function refuse_write()`,
  );
  const mend = () => panel.owner.sql.unsafe('drop function if exists refuse_write cascade');
  t.after(mend);
  return mend;
}

/** A fresh migrated database; the caller drops it. */
export async function cloneDatabase(): Promise<string> {
  const name = `panelwright_test_${randomBytes(8).toString('hex')}`;
  if (isSpread) await leaveTemplate();
  await asAdmin(`create database ${name} template ${templateDatabase()}`);
  return withDatabase(testServer(), name);
}

/** An empty database without schema; the caller drops it. */
export async function createEmptyDatabase(): Promise<string> {
  const name = `panelwright_test_${randomBytes(8).toString('hex')}`;
  await asAdmin(`create database ${name}`);
  return withDatabase(testServer(), name);
}

/** What a backup is restored into: nothing; in a cluster tables in their places, without rows. */
export function createRestoreTarget(): Promise<string> {
  return isSpread ? cloneDatabase() : createEmptyDatabase();
}

export async function dropDatabase(url: string): Promise<void> {
  await asAdmin(`drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
}

/** The server's URL as the runner gives it. */
export function testServer(): string {
  const url = process.env.PANELWRIGHT_TEST_SERVER;
  assert(url, 'run tests through: node server/tests/run.ts [files]');
  return url;
}

function templateDatabase(): string {
  const name = process.env.PANELWRIGHT_TEST_TEMPLATE;
  assert(name, 'run tests through: node server/tests/run.ts [files]');
  return name;
}

/** Citus keeps a connection of its own to every database of its, and a template may have none. */
async function leaveTemplate(): Promise<void> {
  await asAdmin(`select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = '${templateDatabase()}'`);
}

async function asAdmin(statement: string): Promise<void> {
  const admin = connect({ url: testServer() }, { connectionsMax: 1, asOwner: true });
  try {
    await admin.sql.unsafe(statement);
  } finally {
    await admin.close();
  }
}
