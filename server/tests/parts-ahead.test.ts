import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, hourMs, minuteMs, type OrderId, secondMs } from '../src/base/index.ts';
import { connect, readAhead, type Source } from '../src/db/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { readSystemFacts, readVerifyAhead, verify } from '../src/system/index.ts';
import { startWorker } from '../src/worker/index.ts';
import { until } from './delivery/processes.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { isSpread, openTestPanel, type TestPanel } from './harness.ts';
import {
  checkNotes,
  everyDay,
  everyNote,
  everyPart,
  type Notes,
  notesMade,
  openNotes,
  partsRead,
  readAt,
  untilAllIsOver,
} from './notes.ts';

// In a cluster nothing is kept, nor read ahead.
const skip = isSpread ? 'a cluster keeps no parts' : false;

let notes: Notes;
let panel: TestPanel;
before(async () => {
  [notes, panel] = await Promise.all([openNotes(), openTestPanel()]);
});
after(() => Promise.all([notes.close(), panel.close()]));

/** Which parts are read ahead; `onPiece` is told after each piece whose turn it was. */
async function readNotesAhead(
  of: Source = everyNote,
  onPiece: (piece: number) => Promise<unknown> = async () => {},
): Promise<bigint[]> {
  await untilAllIsOver(notes.owner);
  notes.clock.advance(secondMs);
  let pieces = 0;
  await readAhead(notes.reader.db, [checkNotes(of)], {
    clock: notes.clock,
    onPiece: async () => {
      pieces += 1;
      return (await onPiece(pieces)) !== false;
    },
  });
  return readAt(notes, { now: notes.clock.now(), of });
}

const forget = () => notes.owner.sql`delete from verified_parts`;

test('what is read ahead is known to the next verification', { skip }, async () => {
  await forget();
  for (const source of [everyNote, everyDay]) {
    const all = await readNotesAhead(source);
    assert.equal(all.length, source === everyDay ? 7 : 3);
    assert.deepEqual(await partsRead(notes, { of: source }), []);
    // The sums of one forget what those of the other came to.
    await forget();
  }
});

test('ahead is read what changed, and what nobody has read', { skip }, async () => {
  await partsRead(notes, { isWhole: true });
  assert.deepEqual(await readNotesAhead(), []);
  await notes.owner.sql`update notes set amount = amount + 1 where id = ${notesMade / 2}`;
  const changed = await readNotesAhead();
  assert(changed.includes(1n) && !changed.includes(0n), String(changed));
  assert.deepEqual(await partsRead(notes), []);
  await notes.owner.sql`delete from verified_parts where part = 0`;
  assert.deepEqual(await readNotesAhead(), [0n]);
  assert.deepEqual(await partsRead(notes), []);
});

test('what changes after its piece was read is read by the verification', { skip }, async () => {
  await forget();
  await readNotesAhead(everyNote, async (piece) => {
    if (piece === 1) await notes.owner.sql`update notes set amount = amount + 1 where id = 1`;
  });
  assert((await partsRead(notes)).includes(0n));
});

test('no snapshot lasts from one piece to the next', { skip }, async () => {
  await forget();
  let pieces = 0;
  await readNotesAhead(everyNote, async () => {
    pieces += 1;
    const [row] = await notes.owner.sql`
      select count(*)::int as held from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend'
        and pid <> pg_backend_pid() and backend_xmin is not null`;
    assert.equal(row?.held, 0);
  });
  assert(pieces > 1, `${pieces} pieces`);
});

test('a verification that reads all meanwhile is the one that counts', { skip }, async () => {
  await forget();
  await readNotesAhead(everyNote, async (piece) => {
    if (piece === 1) await partsRead(notes, { isWhole: true });
  });
  assert.deepEqual(await partsRead(notes), []);
});

test('a piece that began before one that reads all is given up', { skip }, async () => {
  await partsRead(notes, { isWhole: true });
  await notes.owner.sql`delete from verified_parts where part = 0`;
  const other = connect({ url: notes.url }, { connectionsMax: 1, asOwner: true });
  const reading = await other.sql.begin(async (tx) => {
    await tx`lock table verified_parts in share row exclusive mode`;
    // As if it were what another one keeps.
    await tx`update verified_parts set salt = salt # 1`;
    const { reader, clock } = notes;
    const begun = readAhead(reader.db, [checkNotes(everyNote)], {
      ...{ clock, onPiece: async () => false },
    });
    await until('a piece waits to be kept', async () => {
      const [row] = await tx`
        select exists (select from pg_locks
          where not granted and relation = 'verified_parts'::regclass
            and database = (select oid from pg_database where datname = current_database())
          ) as is_so`;
      return row?.is_so === true;
    });
    return [begun];
  });
  await Promise.all(reading);
  await other.close();
  const kept = await notes.owner.sql<{ part: bigint; salts: number }[]>`
    select part, (select count(distinct salt)::int from verified_parts) as salts
    from verified_parts order by part`;
  assert(kept.length > 1 && kept.every(({ part, salts }) => part > 0n && salts === 1));
});

test('what another salt left is forgotten, or nothing could be kept beside it', {
  skip,
}, async () => {
  await partsRead(notes, { isWhole: true });
  // What another one left that began with another salt.
  await notes.owner.sql`
    insert into verified_parts
      select 'other', part, files, code, salt # 1, row_count, totals, '2020-01-01Z', since
      from verified_parts where part = 0`;
  await partsRead(notes);
  await notes.owner.sql`delete from verified_parts where relation = 'notes' and part = 0`;
  assert.deepEqual(await readNotesAhead(), [0n]);
});

test('it ends where it is told to, and goes on there', { skip }, async () => {
  await forget();
  const all = await everyPart(notes);
  assert.deepEqual(await readNotesAhead(everyNote, async () => false), [0n]);
  assert.deepEqual(await readNotesAhead(), all.slice(1));
});

/** The tables of which parts were read at the panel's present moment. */
async function tablesRead(): Promise<string[]> {
  const read = panel.owner.db
    .selectFrom('verified_parts')
    .where('read_at', '=', panel.clock.now())
    .select('relation')
    .distinct()
    .orderBy('relation');
  return (await read.execute()).map(({ relation }) => relation);
}

const stays = new AbortController().signal;
/** Rests take no time, and are told. */
const restless = (rests: number[] = []) => ({
  ...panel.app,
  clock: { now: panel.clock.now, pass: async (ms: number) => void rests.push(ms) },
});

async function placeAndSettle(key: string, service: number): Promise<void> {
  const link = `https://example.com/${panel.clock.now().getTime()}`;
  const call = { key, action: 'add', service, link, quantity: 100 };
  const orderId = BigInt(String(Reflect.get(Object(await panel.call(call)), 'order'))) as OrderId;
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 40n });
}

test('a worker reads ahead what verify would read', { skip }, async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel, { rate: '1' });
  const rests: number[] = [];
  const ahead = async () => {
    await untilAllIsOver(panel.owner);
    panel.clock.advance(secondMs);
    return readVerifyAhead(restless(rests), stays);
  };
  await placeAndSettle(key, service);
  assert.equal(await ahead(), true);
  const changed = ['order_events', 'orders', 'transfers'];
  assert.deepEqual(await tablesRead(), changed);
  assert(rests.length >= changed.length && rests.every((ms) => ms > 0));

  await untilAllIsOver(panel.owner);
  panel.clock.advance(secondMs);
  const report = await verify(panel.app.db, { parts: { now: panel.clock.now() } });
  assert.deepEqual(report, await verify(panel.app.db));
  assert.deepEqual(await tablesRead(), []);

  await placeAndSettle(key, service);
  assert.equal(await ahead(), false, 'not twice in an hour, whoever asks');
  panel.clock.advance(hourMs - minuteMs);
  assert.equal(await ahead(), false);
  panel.clock.advance(minuteMs);
  assert.equal(await ahead(), true);
  assert.deepEqual(await tablesRead(), changed);
  panel.clock.advance(-40 * dayMs);
  assert.equal(await ahead(), true, 'a clock that was ahead holds nobody up');

  const pass = async () => panel.clock.advance(10 * minuteMs);
  const slow = { ...panel.app, clock: { now: panel.clock.now, pass } };
  panel.clock.advance(dayMs);
  const begun = panel.clock.now().getTime();
  assert.equal(await readVerifyAhead(slow, stays), true);
  const tookMs = panel.clock.now().getTime() - begun;
  assert(tookMs >= 10 * minuteMs && 24 * tookMs < dayMs, `${tookMs} ms`);
  panel.clock.advance(23 * tookMs - secondMs);
  assert.equal(await readVerifyAhead(restless(), stays), false);
  panel.clock.advance(secondMs);
  assert.equal(await readVerifyAhead(restless(), stays), true, '24 times as long as one took');
});

test('who leaves lets the next one read ahead, who fails not at once', { skip }, async () => {
  panel.clock.advance(100 * dayMs);
  const leaving = new AbortController();
  const clock = { now: panel.clock.now, pass: async () => leaving.abort() };
  assert.equal(await readVerifyAhead({ ...panel.app, clock }, leaving.signal), false);
  await panel.owner.sql`revoke insert on verified_parts from panelwright_app`;
  await assert.rejects(readVerifyAhead(restless(), stays), /permission denied/);
  await panel.owner.sql`grant insert on verified_parts to panelwright_app`;
  assert.equal(await readVerifyAhead(restless(), stays), false, 'it would fail again');
  panel.clock.advance(hourMs);
  const [one, other] = await Promise.all([
    readVerifyAhead(restless(), stays),
    readVerifyAhead(restless(), stays),
  ]);
  assert.notEqual(one, other, 'of two at a time one does it');
});

test('a worker begins to read ahead ten minutes after its start', { skip }, async (t) => {
  const startAndPass = (ms: number) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const worker = startWorker(panel.app);
    t.after(() => worker.stop());
    t.mock.timers.tick(ms);
    // What it does at once begins later, with real timers.
    t.mock.timers.reset();
    return worker;
  };
  const findTask = async () => {
    const { tasks } = await readSystemFacts(panel.app.db);
    return tasks.find(({ name }) => name === 'verify_ahead');
  };
  await startAndPass(10 * minuteMs - 1).stop();
  assert.equal(await findTask(), undefined);
  await panel.owner.sql`update verify_marks set read_ahead_due_at = null`;
  const worker = startAndPass(10 * minuteMs);
  await until('a round has begun', async () => {
    const [marks] = await panel.owner.sql`select read_ahead_due_at from verify_marks`;
    return marks?.read_ahead_due_at !== null;
  });
  await worker.stop();
  assert.equal((await findTask())?.failedAt, null);
});
