import assert from 'node:assert/strict';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findBinaries } from './binaries.ts';
import {
  closedFolder,
  createFixture,
  isAlive,
  ordinaryUser,
  postmasterPid,
  until,
} from './fixture.ts';

const fixture = createFixture();
after(() => fixture.end());

test('a new data directory gets a durable, private UTF-8 database', async () => {
  const dir = fixture.emptyDir();
  const server = await fixture.start(dir);
  const sql = fixture.connect(server.target);
  const [row] = await sql`select current_user as user, current_database() as database,
    current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listen,
    current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
    current_setting('full_page_writes') as pages, current_setting('data_checksums') as checksums,
    lower('ÄÉ') as lower`;
  assert.deepEqual(
    { ...row },
    {
      user: 'panelwright',
      database: 'panelwright',
      encoding: 'UTF8',
      listen: '',
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      checksums: 'on',
      lower: 'äé',
    },
  );
  const password = join(dir, 'postgres', 'panelwright.password');
  assert.equal(statSync(password).mode & 0o777, 0o600);
  assert.equal(readFileSync(password, 'utf8').trim().length, 64);
  assert.equal(statSync(join(dir, 'postgres')).mode & 0o777, 0o700);
  const stranger = fixture.connect({ ...server.target, password: 'wrong' });
  await assert.rejects(async () => await stranger`select 1`, { code: '28P01' });
});

test('a caller’s settings count, except those that would lose data', async () => {
  const server = await fixture.start(await fixture.createdDir(), {
    settings: { max_connections: '37', fsync: 'off' },
  });
  const sql = fixture.connect(server.target);
  const [row] = await sql`select current_setting('max_connections') as max,
    current_setting('fsync') as fsync`;
  assert.deepEqual({ ...row }, { max: '37', fsync: 'on' });
});

test('a second start adopts the running server, in this process and in another', async () => {
  const dir = await fixture.createdDir();
  const first = await fixture.start(dir);
  const pid = postmasterPid(dir);
  const second = await fixture.start(dir);
  const third = await fixture.startElsewhere(dir);
  assert.equal(third.postmasterPid, pid);
  assert.deepEqual(second.target, first.target);
});

test('starts at the same moment on nothing all end up with one server', async () => {
  const dir = fixture.emptyDir();
  const all = await Promise.all([1, 2, 3, 4].map(() => fixture.startElsewhere(dir)));
  assert.equal(new Set(all.map((one) => one.postmasterPid)).size, 1);
  await Promise.all(all.map((one) => one.leave()));
  assert.equal(isAlive(all[0]?.postmasterPid ?? 0), false, 'the last one out has ended it');
});

test('stopping leaves the server to another client, and the last one ends it', async () => {
  const dir = await fixture.createdDir();
  const server = await fixture.start(dir);
  const other = await fixture.startElsewhere(dir);
  const sql = fixture.connect(server.target);
  await sql`select 1`;
  await server.stop();
  assert.equal(isAlive(other.postmasterPid), true);
  await other.leave();
  assert.equal(isAlive(other.postmasterPid), true, 'a plain client counts as well');
  await sql.end();
  const again = await fixture.start(dir);
  assert.equal(postmasterPid(dir), other.postmasterPid);
  await again.stop();
  assert.equal(isAlive(other.postmasterPid), false);
  assert.equal(existsSync(join(dir, 'postgres', 'postmaster.pid')), false, 'an orderly end');
});

test('a pool closed just before does not keep the server up', async () => {
  const dir = await fixture.createdDir();
  const server = await fixture.start(dir);
  const pid = postmasterPid(dir);
  const sql = fixture.connect(server.target);
  await sql`select 1`;
  await Promise.all([sql.end(), server.stop()]);
  assert.equal(isAlive(pid), false);
});

test('a data directory whose path is too long for a socket works', async () => {
  const dir = join(fixture.emptyDir(), 'long-'.repeat(20), 'data');
  const server = await fixture.start(dir);
  assert.ok(server.target.host.length < 100);
  assert.equal(statSync(server.target.host).mode & 0o777, 0o700);
  const other = await fixture.startElsewhere(dir);
  assert.equal(other.postmasterPid, postmasterPid(dir));
  await other.leave();
  await server.stop();
  rmdirSync(server.target.host);
});

test('a failed start says what PostgreSQL said', async () => {
  const dir = await fixture.createdDir();
  await assert.rejects(fixture.start(dir, { settings: { shared_buffers: 'plenty' } }), {
    name: 'AppError',
    code: 'conflict',
    message: /did not start: .*invalid value for parameter "shared_buffers": "plenty"/,
  });
});

test('missing binaries name the alternative', async () => {
  const started = fixture.start(fixture.emptyDir(), { binDir: '/nowhere' });
  await assert.rejects(started, { code: 'not_found', message: /DATABASE_URL/ });
});

test('a folder that is no cluster is refused and left as it is', async () => {
  const dir = fixture.emptyDir();
  mkdirSync(join(dir, 'postgres'), { recursive: true });
  writeFileSync(join(dir, 'postgres', 'notes.txt'), 'mine');
  await assert.rejects(fixture.start(dir), { code: 'conflict', message: /neither empty nor/ });
  assert.equal(readFileSync(join(dir, 'postgres', 'notes.txt'), 'utf8'), 'mine');
});

const notRoot = ordinaryUser === undefined && 'only root can become another user';

test('as root, a clone below a closed folder works and no mode changes', {
  skip: notRoot,
}, async () => {
  const closed = closedFolder(fixture.emptyDir());
  const binaries = join(findBinaries(undefined), '..');
  cpSync(binaries, join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
  const dataDir = join(closed, 'panel', 'data');
  const binDir = join(closed, 'native', 'bin');
  const server = await fixture.start(dataDir, { binDir });
  const sql = fixture.connect(server.target);
  const [row] = await sql`select 1 as one`;
  assert.equal(row?.one, 1);
  assert.equal(statSync(closed).mode & 0o777, 0o700);
  assert.notEqual(statSync(join(dataDir, 'postgres')).uid, 0);
  await sql.end();
  const pid = postmasterPid(dataDir);
  await server.stop();
  assert.equal(isAlive(pid), false);
});

test('an ordinary user runs the server as itself', { skip: notRoot }, async () => {
  const dir = fixture.emptyDir();
  mkdirSync(dir);
  chownSync(dir, ordinaryUser?.uid ?? 0, ordinaryUser?.gid ?? 0);
  const other = await fixture.startElsewhere(dir, ordinaryUser);
  assert.equal(statSync(join(dir, 'postgres')).uid, ordinaryUser?.uid);
  await other.leave();
  await until(() => !isAlive(other.postmasterPid));
});

test('a log that root has begun keeps its user from nothing', { skip: notRoot }, async () => {
  const dir = fixture.emptyDir();
  mkdirSync(dir);
  chownSync(dir, ordinaryUser?.uid ?? 0, ordinaryUser?.gid ?? 0);
  await (await fixture.startElsewhere(dir, ordinaryUser)).leave();
  rmSync(join(dir, 'postgres.log'));
  await (await fixture.start(dir)).stop();
  assert.equal(statSync(join(dir, 'postgres.log')).uid, ordinaryUser?.uid);
  await (await fixture.startElsewhere(dir, ordinaryUser)).leave();
});

test('a cluster that root has copied here is handed to its user', { skip: notRoot }, async () => {
  const dir = await fixture.createdDir();
  chownSync(join(dir, 'postgres', 'PG_VERSION'), 0, 0);
  chownSync(join(dir, 'postgres'), 0, 0);
  const server = await fixture.start(dir);
  assert.notEqual(statSync(join(dir, 'postgres', 'PG_VERSION')).uid, 0);
  await server.stop();
});

const debianBinaries = '/usr/lib/postgresql/15/bin';
const noDebian =
  !existsSync(join(debianBinaries, 'postgres')) && 'Debian’s PostgreSQL 15 is not here';

test('Debian’s PostgreSQL 15 serves as well as the packaged one', { skip: noDebian }, async () => {
  const server = await fixture.start(fixture.emptyDir(), { binDir: debianBinaries });
  const sql = fixture.connect(server.target);
  const [row] = await sql`select current_setting('server_version_num')::int / 10000 as major`;
  assert.equal(row?.major, 15);
});
