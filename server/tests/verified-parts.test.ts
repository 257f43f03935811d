import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { dayMs, type OrderId, secondMs } from '../src/base/index.ts';
import { connect, type Source } from '../src/db/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { verify } from '../src/system/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { isSpread, openTestPanel } from './harness.ts';
import * as fixture from './notes.ts';
import { everyDay, everyNote, type Notes, notesMade, untilAllIsOver } from './notes.ts';

// In a cluster nothing is kept: its coordinator sees no pages.
const skip = isSpread ? 'a cluster keeps no parts' : false;

let notes: Notes;
let owner: Notes['owner'];
before(async () => {
  notes = await fixture.openNotes();
  owner = notes.owner;
});
after(() => notes.close());

const partsRead = (options?: fixture.PartsRead) => fixture.partsRead(notes, options);
const readAmounts = (of: Source, parts?: fixture.PartsAsked) =>
  fixture.readAmounts(notes, { of, ...(parts && { parts }) });
const readMoments = (table?: string) => fixture.readMoments(notes, table);
const everyPart = () => fixture.everyPart(notes);

test('a part of a table is summed up again only where a row of it changed', { skip }, async () => {
  assert.deepEqual(await partsRead(), [0n, 1n, 2n]);
  assert.deepEqual(await partsRead(), []);
  // In place or somewhere else, whoever does it and whatever comes to the same in sum.
  await owner.sql`update notes set amount = amount + 1 where id = 1`;
  const after = await partsRead();
  assert(after.includes(0n) && !after.includes(1n), String(after));
  await owner.sql`delete from notes where id = 5000`;
  assert.deepEqual(await partsRead(), [1n]);
  await owner.sql`vacuum notes`;
  assert.deepEqual(await partsRead(), []);
  // The same number of rows in the place of the one that went.
  await owner.sql`insert into notes select 5000, day, 7, filler from notes where id = 4999`;
  assert.equal((await partsRead()).length, 1);
  await owner.sql`update notes set filler = filler`;
  assert((await partsRead()).length >= 3);
});

/** Changes a row in a transaction of its own, which ends only after `work`. */
async function whileUnderWay(id: number, work: () => Promise<void>): Promise<void> {
  const other = connect({ url: notes.url }, { connectionsMax: 1, asOwner: true });
  try {
    await other.sql.begin(async (tx) => {
      await tx`update notes set amount = amount + 5 where id = ${id}`;
      await work();
    });
  } finally {
    await other.close();
  }
}

test('what was under way while a part was read is read when it is there', { skip }, async () => {
  await partsRead();
  await whileUnderWay(notesMade - 1, async () => {
    await owner.sql`update notes set amount = amount + 7 where id = ${notesMade}`;
    assert((await partsRead({ isUnderWay: true })).length > 0);
  });
  // As many rows, of which one is older than the newest that were there.
  assert((await partsRead()).length > 0);
  assert.deepEqual(await partsRead(), []);
  // The very oldest that was under way.
  await whileUnderWay(notesMade, async () => {
    await partsRead({ isWhole: true, isUnderWay: true });
  });
  assert((await partsRead()).length > 0);
});

test('what was read so many transactions ago that numbers come again is read', {
  skip,
}, async () => {
  await partsRead();
  await owner.sql`update verified_parts set since = since - 4294967296`;
  assert.deepEqual(await partsRead(), await everyPart());
});

test('rows that moved to another file are summed up again', { skip }, async () => {
  await partsRead();
  await owner.sql`vacuum full notes`;
  assert.deepEqual(await partsRead(), await everyPart());
  assert.deepEqual(await partsRead(), []);
});

test('all is summed up when it is asked for, and another way', { skip }, async () => {
  await partsRead();
  assert.deepEqual(await partsRead({ isWhole: true }), await everyPart());
  assert.deepEqual(await partsRead(), []);
  assert.deepEqual(await partsRead({ factor: 2 }), await everyPart());
});

test('what was last read long ago is read again, each part on another day', { skip }, async () => {
  await partsRead({ isWhole: true });
  notes.clock.advance(14 * dayMs);
  assert.deepEqual(await partsRead(), []);
  notes.clock.advance(2 * dayMs);
  assert.deepEqual(await partsRead(), [0n, 1n]);
  notes.clock.advance(dayMs);
  assert.deepEqual(await partsRead(), [2n]);
});

test('of what is in days whole days are summed up again', { skip }, async () => {
  const all = await partsRead({ of: everyDay });
  assert.equal(all.length, 7);
  assert.deepEqual(await partsRead({ of: everyDay }), []);
  const last = BigInt(new Date('2026-01-07T00:00:00Z').getTime() / dayMs);
  const newest = sql`(select max(id) from notes)`;
  const change = (what: string) =>
    sql`update notes set ${sql.raw(what)} where id = ${newest}`.execute(owner.db);
  await change('amount = amount + 1');
  assert.deepEqual(await partsRead({ of: everyDay }), [last]);
  // Of the same day, though it is none.
  await change("day = day + interval '300 ms'");
  assert.deepEqual(await partsRead({ of: everyDay }), [last]);
  await change("day = day + interval '1 day'");
  assert.deepEqual(await partsRead({ of: everyDay }), [last, last + 1n]);
  await sql`delete from notes where id = ${newest}`.execute(owner.db);
  assert.deepEqual(await partsRead({ of: everyDay }), []);
  assert.equal((await readMoments()).has(last + 1n), false);
});

test('columns that are read otherwise are summed up again', { skip }, async () => {
  await partsRead();
  await owner.sql`alter table notes add column other bigint default 7`;
  assert.deepEqual(await partsRead(), await everyPart());
  await owner.sql.begin(async (tx) => {
    await tx`alter table notes rename column amount to away`;
    await tx`alter table notes rename column other to amount`;
  });
  assert.deepEqual(await partsRead(), await everyPart());
  // A value that no row holds, but the table for all that are from before.
  await owner.sql`alter table notes drop column amount`;
  await owner.sql`alter table notes add column amount bigint default 8`;
  assert.deepEqual(await partsRead(), await everyPart());
});

test('a clock that was ahead keeps nothing for longer', { skip }, async () => {
  await partsRead();
  await readAmounts(everyNote, {
    ...{ now: new Date(notes.clock.now().getTime() + 1_000 * dayMs), isWhole: true },
  });
  assert.deepEqual(await partsRead(), await everyPart());
  assert.deepEqual(await partsRead(), []);
});

test('what can not be kept is told, and what was found is answered', { skip }, async () => {
  const told: unknown[] = [];
  const parts = {
    now: notes.clock.now(),
    isWhole: true,
    onNotKept: (error: unknown) => told.push(error),
  };
  await owner.sql`revoke insert on verified_parts from panelwright_app`;
  assert.deepEqual(await readAmounts(everyNote, parts), await readAmounts(everyNote));
  await owner.sql`grant insert on verified_parts to panelwright_app`;
  assert.match(String(told), /permission denied/);
});

test('of a table in months the same stretch of each is one part', { skip }, async () => {
  const rowsOf = { table: 'monthly', from: (some = sql`monthly`) => some };
  const of: Source = { from: rowsOf.from(), days: [sql`day`], rowsOf };
  await owner.sql.unsafe(`
    create table monthly (day timestamptz, amount bigint) partition by range (day);
    create table monthly_1 partition of monthly for values from ('2026-01-01Z') to ('2026-02-01Z');
    create table monthly_2 partition of monthly for values from ('2026-02-01Z') to ('2026-03-01Z');
    insert into monthly select '2026-01-31Z'::timestamptz + n * interval '1 day', n
      from generate_series(0, 5) n;
    grant select on monthly to panelwright_app;`);
  assert.deepEqual(await partsRead({ of }), [0n]);
  assert.deepEqual(await partsRead({ of }), []);
  await owner.sql`update monthly set amount = 9 where day >= '2026-02-02Z'`;
  assert.deepEqual(await partsRead({ of }), [0n]);
  await owner.sql`drop table monthly_1`;
  assert.deepEqual(await partsRead({ of }), [0n]);
});

test('a transaction sees its own changes, and keeps nothing', { skip }, async () => {
  // So few that all versions of them are in one part.
  await owner.sql.unsafe(`
    create table few (day timestamptz, amount bigint);
    insert into few select '2026-01-01Z', 1 from generate_series(1, 3);
    grant select on few to panelwright_app;`);
  const rowsOf = { table: 'few', from: (some = sql`few`) => some };
  const of: Source = { from: rowsOf.from(), days: [sql`day`], rowsOf };
  await partsRead({ of });
  const before = await readMoments('few');
  const undone = new Error('undone');
  const trial = owner.db.transaction().execute(async (tx) => {
    const readAll = async () =>
      (await readAmounts(of, { now: notes.clock.now(), isWhole: false, tx }))[0]?.all;
    assert.equal(await readAll(), 3n);
    // A savepoint's rows are of a later transaction than the one that ages are counted from.
    await sql`savepoint later`.execute(tx);
    await sql`update few set amount = 5`.execute(tx);
    assert.equal(await readAll(), 15n);
    await sql`update few set amount = 0`.execute(tx);
    assert.equal(await readAll(), 0n);
    throw undone;
  });
  await assert.rejects(trial, undone);
  assert.deepEqual(await readMoments('few'), before);
});

test('of what went out of the table nothing is kept', { skip }, async () => {
  await partsRead();
  await owner.sql`truncate notes`;
  await fixture.fillNotes(notes, notesMade / 5);
  assert.deepEqual(await partsRead(), [0n]);
  assert.deepEqual([...(await readMoments()).keys()], [0n]);
  await owner.sql`truncate notes`;
  assert.deepEqual(await partsRead(), []);
  assert.equal((await readMoments()).size, 0);
});

test('verify sums up again only what changed, and says the same', { skip }, async () => {
  const panel = await openTestPanel();
  const { app } = panel;
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel, { rate: '1' });
  const link = 'https://example.com/verified';
  const call = { key, action: 'add', service, link, quantity: 100 };
  const orderId = BigInt(String(Reflect.get(Object(await panel.call(call)), 'order'))) as OrderId;
  await settleOrder(app, staff, { orderId, status: 'In progress', remains: 50n });
  const verifyKnown = async () => {
    await untilAllIsOver(panel.owner);
    panel.clock.advance(secondMs);
    const now = panel.clock.now();
    const report = await verify(app.db, { parts: { now } });
    assert.deepEqual(report, await verify(app.db));
    const read = app.db.selectFrom('verified_parts').where('read_at', '=', now);
    const rows = await read.select('relation').orderBy('relation').execute();
    return { report, read: rows.map(({ relation }) => relation) };
  };
  assert.deepEqual((await verifyKnown()).read, ['order_events', 'orders', 'transfers']);
  assert.deepEqual((await verifyKnown()).read, []);
  await settleOrder(app, staff, { orderId, status: 'Partial', remains: 40n });
  const { report, read } = await verifyKnown();
  assert(report.ok);
  assert.deepEqual(read, ['order_events', 'orders', 'transfers']);
  await panel.close();
});
