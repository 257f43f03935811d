import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mountSmallDisk, noSmallDisk } from '../../../tests/resources/small-disk.ts';
import type { Log } from '../../base/index.ts';
import { createFixture, isAlive, killPostmaster, postmasterPid, until } from './fixture.ts';

const fixture = createFixture();
after(() => fixture.end());

/** A log that keeps the messages of its errors. */
function keepErrors(): { log: Log; errors: string[] } {
  const errors: string[] = [];
  const log = {
    error: (fields: { err?: Error }) => errors.push(fields.err?.message ?? ''),
    warn: () => {},
    info: () => {},
    debug: () => {},
  };
  return { log: log as unknown as Log, errors };
}

test('a data directory that is deleted under a server keeps nothing from ending', async () => {
  const dir = await fixture.createdDir();
  const server = await fixture.start(dir);
  const pid = postmasterPid(dir);
  rmSync(dir, { recursive: true });
  await server.stop();
  await until(() => !isAlive(pid));
  assert.equal(existsSync(dir), false);
});

test('a cluster that is gone is never replaced by an empty one, and may come back', async () => {
  const dir = await fixture.createdDir();
  const { log, errors } = keepErrors();
  const server = await fixture.start(dir, { log });
  const sql = fixture.connect(server.target);
  await sql`create table kept (n int)`;
  const cluster = join(dir, 'postgres');
  // Out of reach before it ends, or else it may be up again by then.
  const away = fixture.emptyDir();
  mkdirSync(away, { recursive: true });
  renameSync(cluster, join(away, 'postgres'));
  await killPostmaster(away);
  await until(() => errors.length > 1);
  assert.match(errors.at(-1) ?? '', /postgres is gone: put it back or mount its disk/);
  assert.equal(existsSync(cluster), false);
  renameSync(join(away, 'postgres'), cluster);
  await until(async () => {
    const rows = await sql`insert into kept values (1) returning n`.catch(() => []);
    return rows.length === 1;
  });
  await sql.end();
  await server.stop();
});

test('a disk that is full or read-only is named, with what to change', {
  skip: noSmallDisk ?? false,
}, async () => {
  const disk = mountSmallDisk(60);
  try {
    const dir = join(disk.path, 'data');
    disk.fill();
    const noRoom = /no room is left on the disk of the data directory .*Make room/;
    await assert.rejects(fixture.start(dir), { code: 'conflict', message: noRoom });
    disk.free();
    await (await fixture.start(dir)).stop();
    disk.fill();
    await assert.rejects(fixture.start(dir), { code: 'conflict', message: noRoom });
    disk.free();
    disk.setReadOnly(true);
    const readOnly = /mounted read-only that holds the data directory .*PANELWRIGHT_DATA_DIR/;
    await assert.rejects(fixture.start(dir), { code: 'not_allowed', message: readOnly });
    const other = fixture.start(join(disk.path, 'other'));
    await assert.rejects(other, { code: 'not_allowed', message: readOnly });
    disk.setReadOnly(false);
    await (await fixture.start(dir)).stop();
  } finally {
    disk.remove();
  }
});
