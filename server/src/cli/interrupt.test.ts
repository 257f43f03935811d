import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '../base/index.ts';
import { isAlive, postmasterPid, until } from '../db/embedded/fixture.ts';
import { connect, startEmbedded } from '../db/index.ts';
import { readDocument, runPanelwright, type Spawned, spawnPanelwright } from './fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'panelwright-interrupt-'));
const dataDir = join(root, 'data');
const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
/** What `stall` leaves behind when it begins. */
const stalled = join(dataDir, 'postgres', 'stalled');
const env = { DATABASE_URL: '', PANELWRIGHT_DATA_DIR: dataDir };

after(async () => {
  // One that a command has left behind is adopted, to be ended in order.
  if (existsSync(pidFile)) await (await startEmbedded({ dataDir, log: silentLog })).stop();
  rmSync(root, { recursive: true, force: true });
});

/** Does something as the database's owner while no panel uses it. */
async function plant(statements: string): Promise<void> {
  const server = await startEmbedded({ dataDir, log: silentLog });
  const database = connect(server.target, { connectionsMax: 1, asOwner: true });
  await database.sql.unsafe(statements);
  await database.close();
  await server.stop();
}

/** Ctrl-C once the command has come so far: it ends, and so has its database. */
async function interrupt({ child, ended }: Spawned, isThere: () => boolean): Promise<void> {
  await until(isThere);
  const pid = postmasterPid(dataDir);
  // npm passes on a Ctrl-C that the terminal has sent to its child already.
  child.kill('SIGINT');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  assert.deepEqual({ code, stdout, stderr }, { code: 130, stdout: '', stderr: '' });
  assert.equal(isAlive(pid), false, 'the database has ended');
}

/** The same within a statement that lasts for ten minutes. */
async function interruptStalled(...args: string[]): Promise<void> {
  rmSync(stalled, { force: true });
  await interrupt(spawnPanelwright(args, env), () => existsSync(stalled));
}

test('Ctrl-C while a command starts its database ends both', async () => {
  const command = spawnPanelwright(['verify'], env);
  await interrupt(command, () => existsSync(pidFile) && postmasterPid(dataDir) > 0);
});

test('Ctrl-C ends a command and its database in the middle of a long statement', async () => {
  const create = ['customers', 'create', '--name', 'Reseller', '--json'];
  await readDocument(runPanelwright(create, env));
  await plant(`
    create function stall() returns boolean language plpgsql security definer as $$ begin
      execute format('copy (select 1) to %L', current_setting('data_directory') || '/stalled');
      return pg_sleep(600) is null;
    end $$;
    alter table wallets enable row level security;
    create policy stall on wallets using (stall())`);
  await interruptStalled('verify');
  await interruptStalled('verify', '--whole');
  // Those that follow work as the owner, whom no policy holds up.
  await plant(`
    alter table migrations rename to all_migrations;
    create view migrations as select * from all_migrations where stall()`);
  await interruptStalled('migrate');
  await interruptStalled('backup', join(root, 'panel.backup'));
  assert.deepEqual(readdirSync(root), ['data']);
});
