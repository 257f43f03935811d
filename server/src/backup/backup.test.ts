import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { makeCustomer, makeService, staff } from '../../tests/factories.ts';
import {
  createEmptyDatabase,
  createRestoreTarget,
  dropDatabase,
  openTestPanel,
  type TestPanel,
} from '../../tests/harness.ts';
import { parseRate, silentLog, systemClock } from '../base/index.ts';
import { setAllowedAddresses, setCustomerPrice } from '../customers/index.ts';
import { connect } from '../db/index.ts';
import { settleOrder } from '../orders/index.ts';
import { openRuntime } from '../runtime/index.ts';
import { verify } from '../system/index.ts';
import { decodeFrames, encodeFrame, type Frame, magic } from './format.ts';
import { createBackup, restoreBackup } from './index.ts';

let panel: TestPanel;
let dir: string;
let file: string;
const databases: string[] = [];

before(async () => {
  panel = await openTestPanel();
  dir = await mkdtemp(join(tmpdir(), 'panelwright-backup-'));
  file = join(dir, 'panel.backup');
  await fillPanel();
  await panel.stopServing();
  await createBackup({ target: { url: panel.databaseUrl }, file, clock: panel.clock });
});

after(async () => {
  await panel.close();
  for (const url of databases) await dropDatabase(url);
  await rm(dir, { recursive: true, force: true });
});

/** Something in every kind of column, with all that COPY has to escape. */
async function fillPanel(): Promise<void> {
  const { customerId, key } = await makeCustomer(panel);
  const description = 'tab\tnew\nline\r\\. back\\slash "quote" \\N 中文 🎉';
  const service = await makeService(panel, { description, dripfeed: true, refill: true });
  await panel.app.catalog.refresh();
  const link = 'https://example.com/a?b=\\n';
  await panel.call({ key, action: 'add', service, link, quantity: 100, request_id: 'one' });
  const dripFeed = { runs: 3, interval: 5 };
  await panel.call({ key, action: 'add', service, link, quantity: 50, ...dripFeed });
  const [order] = await panel.app.db.selectFrom('orders').select('id').orderBy('id').execute();
  assert(order);
  await settleOrder(panel.app, staff, { orderId: order.id, status: 'Partial', remains: 40n });
  const rate = parseRate('0.1', 'rate');
  await setCustomerPrice(panel.app, staff, { customerId, serviceId: service, rate });
  await panel.owner.sql`create table order_events_2031_05 partition of order_events
    for values from ('2031-05-01') to ('2031-06-01')`;
  const [keyRow] = await panel.app.db.selectFrom('api_keys').select('id').execute();
  assert(keyRow);
  const allowedAddresses = ['127.0.0.1', '10.0.0.0/8'];
  await setAllowedAddresses(panel.app, staff, { customerId, keyId: keyRow.id, allowedAddresses });
}

async function emptyDatabase(): Promise<string> {
  const url = await createRestoreTarget();
  databases.push(url);
  return url;
}

/** Every table's rows as text, to compare two databases by, but what a restore says of itself. */
async function contents(url: string): Promise<Record<string, string>> {
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  const found: Record<string, string> = {};
  const tables = await database.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not in ('migrations', 'restores')`;
  for (const { name } of tables) {
    const [row] = await database.sql<{ text: string | null }[]>`
      select string_agg(t::text, '|' order by t::text) as text from ${database.sql(name)} t`;
    found[name] = row?.text ?? '';
  }
  await database.close();
  return found;
}

/** The last number that each sequence gave, 0 for none. */
async function lastNumbers(url: string): Promise<Map<string, bigint>> {
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  const sequences = await database.sql<{ name: string; value: bigint | null }[]>`
    select sequencename as name, last_value as value from pg_sequences
    where schemaname = 'public'`;
  await database.close();
  return new Map(sequences.map(({ name, value }) => [name, value ?? 0n]));
}

/** Writes a copy of the backup whose frames were changed; a table's checksum follows its rows. */
async function forge(name: string, change: (frame: Frame) => Buffer): Promise<string> {
  const unpacked = gunzipSync(await readFile(file));
  const parts: Buffer[] = [magic];
  let hash = createHash('sha256');
  const sums: [string, string][] = [];
  for await (const frame of decodeFrames(Readable.from([unpacked]))) {
    let payload = change(frame);
    if (frame.kind === 'D') hash.update(payload);
    if (frame.kind === 'E') {
      const sum = hash.digest('hex');
      const old: unknown = JSON.parse(payload.toString());
      sums.push([String(Reflect.get(Object(old), 'sha256')), sum]);
      hash = createHash('sha256');
    }
    if (frame.kind === 'E' || frame.kind === 'M') {
      let text = payload.toString();
      for (const [before, now] of sums) text = text.replaceAll(before, now);
      payload = Buffer.from(text);
    }
    parts.push(encodeFrame(frame.kind, payload));
  }
  const path = join(dir, name);
  await writeFile(path, gzipSync(Buffer.concat(parts)));
  return path;
}

function restoreInto(url: string, from: string) {
  return restoreBackup({ target: { url }, file: from, clock: systemClock });
}

test('a restored database has every row, and gives no number that was given since', async () => {
  const url = await emptyDatabase();
  const summary = await restoreInto(url, file);
  assert(summary.rows > 20);
  assert.deepEqual(await contents(url), await contents(panel.databaseUrl));
  const earlier = await lastNumbers(panel.databaseUrl);
  const { small, large } = summary.numbersSkipped;
  assert(small >= 1_000 && large >= 1_000_000);
  for (const [name, value] of await lastNumbers(url)) {
    const skipped = value - (earlier.get(name) ?? 0n);
    assert(skipped >= BigInt(name.startsWith('order') ? large : small), name);
  }
});

/** The partitions of all tables, and how many columns the key of each has. */
async function partitions(url: string): Promise<unknown> {
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  const rows = await database.sql`
    select inhrelid::regclass::text as name, pg_get_expr(relpartbound, c.oid) as bounds,
      (select count(*)::int from pg_constraint where conrelid = c.oid and contype = 'p') as keys
    from pg_inherits join pg_class c on c.oid = inhrelid where c.relkind = 'r' order by name`;
  await database.close();
  return rows.map(({ name, bounds, keys }) => ({ name, bounds, keys }));
}

test('a restored database has the months that the other had, each with its key', async () => {
  const url = await emptyDatabase();
  await panel.owner.sql`alter table order_events_2031_05
    add primary key (customer_id, order_id, id)`;
  await restoreInto(url, file);
  assert.deepEqual(await partitions(url), await partitions(panel.databaseUrl));
});

test('what else is in the database is left out, and the backup restores all the same', async () => {
  const { sql } = panel.owner;
  await sql`create table noted (id serial primary key, text text)`;
  await sql`insert into noted (text) values ('before the fix')`;
  const other = join(dir, 'beside.backup');
  await createBackup({ target: { url: panel.databaseUrl }, file: other, clock: panel.clock });
  await sql`drop table noted`;
  const url = await emptyDatabase();
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  await database.sql`create table kept_by_others (id serial primary key)`;
  await database.sql`alter sequence kept_by_others_id_seq maxvalue 100`;
  await restoreInto(url, other);
  await database.sql`drop table kept_by_others`;
  await database.close();
  assert.deepEqual(await contents(url), await contents(panel.databaseUrl));
});

test('a column that is not the panel’s is named, and once it is there, restored', async () => {
  const { sql } = panel.owner;
  await sql`alter table orders add column noted text default 'here'`;
  const other = join(dir, 'column.backup');
  await createBackup({ target: { url: panel.databaseUrl }, file: other, clock: panel.clock });
  await sql`alter table orders drop column noted`;
  const url = await emptyDatabase();
  await assert.rejects(restoreInto(url, other), /table orders .* a column noted/);
  const database = connect({ url }, { connectionsMax: 1, asOwner: true });
  await database.sql`alter table orders add column noted text`;
  await restoreInto(url, other);
  const noted = await database.sql`select distinct noted from orders`;
  await database.close();
  assert.deepEqual([...noted], [{ noted: 'here' }]);
});

test('a restored panel takes orders and its books hold', async () => {
  const url = await emptyDatabase();
  await restoreInto(url, file);
  const restored = await openRuntime({
    databaseUrl: url,
    dataDir: '',
    databaseUser: '',
    connectionsMax: 4,
    clock: panel.clock,
    log: silentLog,
  });
  try {
    const app = { ...panel, app: restored.app };
    const { customerId } = await makeCustomer(app);
    assert(customerId > 2);
    await makeService(app);
    assert.deepEqual((await verify(restored.app.db)).broken, []);
  } finally {
    await restored.close();
  }
});

test('a database with anything in it is refused and stays as it is', async () => {
  const earlier = await contents(panel.databaseUrl);
  await assert.rejects(restoreInto(panel.databaseUrl, file), /not empty/);
  assert.deepEqual(await contents(panel.databaseUrl), earlier);
});

test('a backup of another schema is refused with what to do', async () => {
  const other = await forge('schema.backup', ({ kind, payload }) =>
    kind === 'H' ? Buffer.from(payload.toString().replaceAll(/\d{4}_/g, '0000_')) : payload,
  );
  await assert.rejects(restoreInto(await emptyDatabase(), other), /has schema 0000_.* release/);
});

test('a file cut short, changed or foreign restores nothing; the whole one still can', async () => {
  const url = await emptyDatabase();
  const whole = await readFile(file);
  for (const part of [0, 10, whole.length >> 1, whole.length - 9]) {
    const path = join(dir, 'cut.backup');
    await writeFile(path, whole.subarray(0, part));
    await assert.rejects(restoreInto(url, path), /damaged|no Panelwright backup/);
  }
  const flipped = join(dir, 'flipped.backup');
  const unpacked = gunzipSync(whole);
  const at = unpacked.indexOf('https://example.com');
  unpacked[at] = 'H'.charCodeAt(0);
  await writeFile(flipped, gzipSync(unpacked));
  await assert.rejects(restoreInto(url, flipped), /damaged/);
  const foreign = join(dir, 'foreign.backup');
  await writeFile(foreign, 'no backup at all');
  await assert.rejects(restoreInto(url, foreign), /no Panelwright backup/);
  await restoreInto(url, file);
  assert.deepEqual(await contents(url), await contents(panel.databaseUrl));
});

test('rows the database refuses, at once or at the end of a table, restore nothing', async () => {
  const url = await emptyDatabase();
  let table = '';
  const rowsOf = (wanted: string, rows: (text: string) => string) => (frame: Frame) => {
    if (frame.kind === 'T') {
      table = String(Reflect.get(Object(JSON.parse(frame.payload.toString())), 'table'));
    }
    const isWanted = frame.kind === 'D' && table === wanted;
    return isWanted ? Buffer.from(rows(frame.payload.toString())) : frame.payload;
  };
  const foreignKey = rowsOf('wallets', (text) => text.replace(/^1\t/, '77\t'));
  await assert.rejects(restoreInto(url, await forge('fk', foreignKey)), /refused the rows/);
  const notANumber = rowsOf('wallets', (text) => text.replace(/^1\t/, 'x\t'));
  await assert.rejects(restoreInto(url, await forge('nan', notANumber)), /wallets|integer/);
  await restoreInto(url, file);
});

test('a database without a panel is no backup', async () => {
  const target = { url: await createEmptyDatabase() };
  databases.push(target.url);
  await assert.rejects(createBackup({ target, file, clock: systemClock }), /no panel/);
});

test('a backup that cannot be written says so and leaves nothing behind', async () => {
  const target = { url: panel.databaseUrl };
  const clock = systemClock;
  const missing = join(dir, 'missing', 'panel.backup');
  await assert.rejects(createBackup({ target, file: missing, clock }), /cannot write the backup/);
  await assert.rejects(createBackup({ target, file: dir, clock }), /cannot write the backup/);
  assert(!(await readdir(dir)).some((name) => name.includes('partial')));
});
