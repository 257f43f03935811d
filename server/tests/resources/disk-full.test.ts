import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import pino from 'pino';
import { systemClock } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { type Running, serve } from '../../src/runtime/index.ts';
import { verify } from '../../src/system/index.ts';
import { until } from '../delivery/processes.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { mountSmallDisk, noSmallDisk, type SmallDisk } from './small-disk.ts';

// A server with its own database on a disk that is full, and then is not.

const isSkipped = { skip: noSmallDisk ?? false };
const diskMegabytes = 110;
const callsMax = 400;
const lines: string[] = [];
const log = pino(
  new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  }),
);

let disk: SmallDisk;
let running: Running;
let key: string;
let service: number;
const answered = new Map<string, number>();
before(async () => {
  if (noSmallDisk !== undefined) return;
  disk = mountSmallDisk(diskMegabytes);
  running = await serve({
    ...{ role: 'api', host: '127.0.0.1', port: 0, publicUrl: undefined, isProxyTrusted: false },
    ...{ isProduction: true, databaseUrl: undefined, databaseUser: 'nobody', connectionsMax: 6 },
    ...{ dataDir: join(disk.path, 'data'), secret: undefined, clock: systemClock, log },
  });
  const { app } = running;
  const customer = await makeCustomer(running, { funds: '10000' });
  const { customerId } = customer;
  await updateCustomer(app, staff, { customerId, changes: { callsPerSecondMax: 100_000 } });
  key = customer.key;
  service = await makeService(running, { rate: '1' });
});
after(async () => {
  await running?.stop();
  disk?.remove();
});

/** Orders on a link that is long, and answers the HTTP status. */
async function add(name: string): Promise<number> {
  const link = `https://e.example/${name}/${randomBytes(900).toString('hex')}`;
  const fields = { key, action: 'add', service: String(service), link, quantity: '100' };
  const body = new URLSearchParams({ ...fields, request_id: name });
  const response = await fetch(`${running.url}/api/v2`, { method: 'POST', body });
  const reply = Object(await response.json());
  if (response.status === 200) answered.set(link, reply.order);
  return response.status;
}

/** As the database does by itself after every 16 MB that it has written. */
function beginLogFile(): Promise<void> {
  return running.app.db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    // An empty file is not ended; a message takes room in the log alone.
    await sql`select pg_logical_emit_message(false, 'full disk', 'line')`.execute(tx);
    await sql`select pg_switch_wal()`.execute(tx);
  });
}

async function databaseCheck(): Promise<unknown> {
  const { checks } = Object(await (await fetch(`${running.url}/readyz?verbose`)).json());
  return Object(checks[0]);
}

async function assertAllThere(): Promise<void> {
  const rows = await running.app.db.selectFrom('orders').select(['id', 'link']).execute();
  const stored = new Map(rows.map((row) => [row.link, Number(row.id)]));
  assert.equal(stored.size, rows.length);
  for (const [link, order] of answered) assert.equal(stored.get(link), order);
  assert.deepEqual((await verify(running.app.db)).broken, []);
}

test(
  'a full disk refuses orders and says so; with room again work goes on',
  isSkipped,
  async () => {
    assert.equal(await add('before'), 200);
    disk.fill();
    let status = 200;
    for (let count = 0; status === 200 && count < callsMax; count += 1) {
      status = await add(`full-${count}`);
    }
    assert.equal(status, 500, 'the disk was full');
    assert.deepEqual(await databaseCheck(), {
      name: 'database',
      ok: false,
      detail: 'its disk is full',
    });
    assert.equal(lines.filter((line) => line.includes('disk is full: make room')).length, 1);
    disk.free();
    assert.equal(await add('after'), 200);
    await assertAllThere();
  },
);

test('a database that stops on a full disk comes back by itself', isSkipped, async () => {
  disk.fill();
  // Without room for its log it stops rather than answer what it can't keep.
  await until('the database has stopped', async () => {
    await beginLogFile().catch(() => {});
    return Reflect.get(Object(await databaseCheck()), 'detail') === 'it does not answer';
  });
  assert.equal(await add('stopped'), 500);
  await until('the log says why', async () =>
    lines.some((line) => line.includes('no room is left on the disk of the data directory')),
  );
  disk.free();
  await until('orders are taken again', async () => (await add('again')) === 200);
  await assertAllThere();
});
