import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFixture, isAlive, killPostmaster, postmasterPid, until } from './fixture.ts';

const fixture = createFixture();
after(() => fixture.end());

test('a killed Node leaves the server whole, and the next start adopts it at once', async () => {
  const dir = await fixture.createdDir();
  const killed = await fixture.startElsewhere(dir);
  await killed.kill();
  assert.equal(isAlive(killed.postmasterPid), true);
  const server = await fixture.start(dir);
  assert.equal(postmasterPid(dir), killed.postmasterPid);
  await server.stop();
  assert.equal(isAlive(killed.postmasterPid), false, 'the adopter may end it');
});

test('Ctrl-C in the terminal does not reach the server', async () => {
  const dir = await fixture.createdDir();
  const other = await fixture.startElsewhere(dir);
  process.kill(-(other.child.pid ?? 0), 'SIGINT');
  await until(() => other.child.signalCode === 'SIGINT');
  const server = await fixture.start(dir);
  assert.equal(postmasterPid(dir), other.postmasterPid);
  await server.stop();
});

test('a killed postmaster is recovered by the next start with all that was committed', async () => {
  const dir = await fixture.createdDir();
  const other = await fixture.startElsewhere(dir);
  const before = await fixture.start(dir);
  const sql = fixture.connect(before.target);
  await sql`create table kept as select n from generate_series(1, 1000) n`;
  await other.kill();
  await before.stop();
  await killPostmaster(dir);
  const server = await fixture.start(dir);
  const [row] = await fixture.connect(server.target)`select count(*)::int as n from kept`;
  assert.equal(row?.n, 1000);
  assert.notEqual(postmasterPid(dir), other.postmasterPid);
});

test('a server killed under its users is up again without any of them starting anew', async () => {
  const dir = await fixture.createdDir();
  const server = await fixture.start(dir);
  const other = await fixture.startElsewhere(dir);
  const sql = fixture.connect(server.target);
  await sql`create table kept (n int)`;
  const started = sql`pg_postmaster_start_time()::text as started`;
  const [before] = await sql`select ${started}`;
  await killPostmaster(dir);
  await until(async () => {
    // A session may answer once more before it sees that its postmaster is gone.
    const [row] = await sql`insert into kept values (1) returning ${started}`.catch(() => []);
    return row !== undefined && row.started !== before?.started;
  });
  const pid = postmasterPid(dir);
  assert.notEqual(pid, other.postmasterPid);
  await sql.end();
  await server.stop();
  await other.leave();
  assert.equal(isAlive(pid), false, 'the restored server ends with its last user');
});

test('a pid file of a dead process does not block the start', async () => {
  const dir = await fixture.createdDir();
  const stranger = fixture.stranger();
  const pid = stranger.pid ?? 0;
  stranger.kill('SIGKILL');
  await until(() => stranger.signalCode !== null);
  writeLocks(dir, pid);
  const server = await fixture.start(dir);
  await server.stop();
});

test('a pid file with the id of an unrelated process neither blocks nor harms it', async () => {
  const dir = await fixture.createdDir();
  const stranger = fixture.stranger();
  writeLocks(dir, stranger.pid ?? 0);
  const server = await fixture.start(dir);
  assert.notEqual(postmasterPid(dir), stranger.pid);
  await server.stop();
  assert.equal(isAlive(stranger.pid ?? 0), true);
  assert.deepEqual(leftovers(join(dir, 'postgres')), []);
});

test('an empty pid file from a crash does not block the start', async () => {
  const dir = await fixture.createdDir();
  const path = join(dir, 'postgres', 'postmaster.pid');
  writeFileSync(path, '');
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const server = await fixture.start(dir);
  await server.stop();
});

test('the id of a postmaster of another data directory is not ours either', async () => {
  const [dir, otherDir] = [await fixture.createdDir(), await fixture.createdDir()];
  const other = await fixture.start(otherDir);
  const otherPid = postmasterPid(otherDir);
  writeLocks(dir, otherPid);
  const server = await fixture.start(dir);
  assert.notEqual(postmasterPid(dir), otherPid);
  await server.stop();
  assert.equal(isAlive(otherPid), true);
  await fixture.connect(other.target)`select 1`;
});

test('starts at the same moment over a stale pid file all end up with one server', async () => {
  const dir = await fixture.createdDir();
  writeLocks(dir, fixture.stranger().pid ?? 0);
  const all = await Promise.all([1, 2, 3, 4].map(() => fixture.startElsewhere(dir)));
  assert.equal(new Set(all.map((one) => one.postmasterPid)).size, 1);
  assert.deepEqual(leftovers(join(dir, 'postgres')), []);
});

test('a start killed while it creates the cluster leaves nothing to trip over', async () => {
  const dir = fixture.emptyDir();
  const half = fixture.startElsewhere(dir).catch(() => undefined);
  await until(() => staging(dir).some((name) => name.endsWith('PG_VERSION')));
  await fixture.killChildren();
  await half;
  const server = await fixture.start(dir);
  await fixture.connect(server.target)`select 1`;
});

/** The lock files of a postmaster of that id, as a crash leaves them. */
function writeLocks(dir: string, pid: number): void {
  const clusterDir = join(dir, 'postgres');
  const socketDir = clusterDir;
  const lines = [
    pid,
    clusterDir,
    1_700_000_000,
    5432,
    socketDir,
    '',
    '  1234567     65538',
    'ready',
  ];
  writeFileSync(join(clusterDir, 'postmaster.pid'), `${lines.join('\n')}\n`);
  writeFileSync(join(socketDir, '.s.PGSQL.5432.lock'), `${lines.slice(0, 5).join('\n')}\n`);
}

function leftovers(clusterDir: string): string[] {
  return readdirSync(clusterDir).filter((name) => name.includes('.stale-'));
}

function staging(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
