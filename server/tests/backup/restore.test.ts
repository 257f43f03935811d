import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createBackup, readLastBackup, restoreBackup } from '../../src/backup/index.ts';
import {
  type Actor,
  AppError,
  minuteMs,
  type OrderId,
  type StaffAccess,
  type StaffId,
} from '../../src/base/index.ts';
import { expireCancels, forwardCancels, resolveCancels } from '../../src/cancels/index.ts';
import { inTransaction, readLastRestore } from '../../src/db/index.ts';
import {
  createRecorder,
  decideDelivery,
  expireLeases,
  forwardDue,
  readDispatchState,
  reconcileDue,
} from '../../src/fulfilment/index.ts';
import { enqueueMail } from '../../src/mail/index.ts';
import { announcePost, createDuePosts, createDueRuns } from '../../src/orders/index.ts';
import { findProvider } from '../../src/providers/index.ts';
import { expireRefills, forwardRefills } from '../../src/refills/index.ts';
import { applyRetention } from '../../src/retention/index.ts';
import type { JournalEntry } from '../../src/sandbox/index.ts';
import { confirmRestore } from '../../src/system/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { askRefill, placeDelivered, placeFollowed } from '../delivery/requests.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, staff } from '../factories.ts';
import { createRestoreTarget, openTestPanel, type TestPanel } from '../harness.ts';

const link = (name: string) => `https://example.com/${name}`;
const orders: Record<string, OrderId> = {};
let dir: string;
let old: TestPanel;
let upstream: Upstream;
let key: string;
let panel: TestPanel;
/** What the provider had when the old panel ended. */
let atTheEnd: readonly JournalEntry[];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'panelwright-restore-'));
  old = await openTestPanel();
  upstream = await openUpstream(old, { requestIdField: 'request_id' });
  ({ key } = await makeCustomer(old, { funds: '10000' }));
  const services = await fill();
  const file = join(dir, 'old.backup');
  await createBackup({ target: { url: old.databaseUrl }, file, clock: old.clock });
  await goOn(services);
  await old.stopServing();
  atTheEnd = [...upstream.sandbox.journal()];
  const url = await createRestoreTarget();
  const { doubted, doubtedRequests } = await restoreBackup({
    target: { url },
    file,
    clock: old.clock,
  });
  assert.deepEqual([doubted, doubtedRequests], [4, 2]);
  panel = await openTestPanel({ databaseUrl: url, clock: old.clock });
});

after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
  await old.close();
  await rm(dir, { recursive: true, force: true });
});

/** Everything that can be due or under way when a backup is taken. */
async function fill() {
  const plain = await upstream.sell({ refill: true, dripfeed: true });
  const subscribed = await upstream.sell({ type: 'Subscriptions' });
  const fields = { key, service: plain, quantity: 100 };
  const [delivered] = await placeDelivered(old, upstream, { fields });
  assert(delivered !== undefined);
  await askRefill(old, key, delivered);
  const followed = await placeFollowed(old, upstream, fields);
  await old.call({ key, action: 'cancel', orders: String(followed) });
  upstream.sandbox.script({
    kind: 'accept_then_500',
    on: { action: 'add', link: link('unknown') },
  });
  upstream.sandbox.script({
    kind: 'refuse',
    error: 'neworder.error.link',
    on: { action: 'add', link: link('held') },
  });
  for (const name of ['unknown', 'held']) {
    orders[name] = await place(old, { ...fields, link: link(name) });
  }
  await upstream.forward();
  for (const name of ['sent-later', 'never-sent']) {
    orders[name] = await place(old, { ...fields, link: link(name) });
  }
  orders.drip = await place(old, { ...fields, link: link('drip'), runs: 4, interval: 5 });
  orders.subscription = await place(old, {
    ...{ key, service: subscribed, username: 'ann', min: 100, max: 100, posts: 2, delay: 0 },
  });
  const post = { orderId: orders.subscription, link: link('post') };
  await announcePost(old.app, staff, post);
  await inTransaction(old.app.db, (tx) =>
    enqueueMail(tx, {
      ...{ to: 'ann@example.com', language: 'en', kind: 'password_changed', values: {} },
      at: old.clock.now(),
    }),
  );
  await old.owner.sql`
    insert into alarms (name, subject, detail, began_at) values ('dispatch', '', '', now())`;
  await old.owner.sql`
    insert into alarm_calls (body, due_at, created_at) values ('{}', now(), now())`;
  return { plain };
}

/** What the old panel does after its backup, until it is lost. */
async function goOn({ plain }: { plain: number }): Promise<void> {
  const unsent = { orderId: id('never-sent') };
  await old.call({ key, action: 'cancel', orders: String(unsent.orderId) });
  for (const name of ['unknown', 'held']) {
    await decideDelivery(old.app, staff, { orderId: id(name), decision: { kind: 'send_again' } });
  }
  await createDuePosts(old.app);
  for (let run = 0; run < 2; run += 1) {
    await createDueRuns(old.app);
    await work(old);
    old.clock.advance(5 * minuteMs);
  }
  orders.lost = await place(old, { key, service: plain, quantity: 100, link: link('lost') });
  await work(old);
}

/** All that goes out to the provider, as a worker does it. */
async function work(of: TestPanel): Promise<void> {
  const ctx = { ...of.app, recorder: createRecorder(of.app) };
  const provider = () => findProvider(of.app.db, upstream.providerId);
  await expireLeases(of.app);
  await expireRefills(of.app);
  await expireCancels(of.app);
  await resolveCancels(of.app);
  while ((await createDueRuns(of.app)) > 0);
  while ((await createDuePosts(of.app)) > 0);
  while ((await forwardDue(ctx, await provider(), { limit: 100, brake: { isSet: false } })) > 0);
  await forwardRefills(ctx, await provider(), 100);
  await forwardCancels(ctx, await provider(), 100);
  await reconcileDue(ctx, await provider());
}

function id(name: string): OrderId {
  const found = orders[name];
  assert(found !== undefined);
  return found;
}

function callsSinceTheEnd() {
  return upstream.sandbox.journal().slice(atTheEnd.length);
}

const checkOf = async (name: string) => {
  const { checks } = (await (await fetch(`${panel.url}/readyz?verbose`)).json()) as {
    checks: { name: string; ok: boolean; detail: string }[];
  };
  return checks.find((check) => check.name === name);
};

test('until staff confirm, no worker calls a provider, and the state is red', async () => {
  const calls = upstream.sandbox.calls().length;
  for (let round = 0; round < 2; round += 1) {
    await work(panel);
    await startWorker(panel.app).stop();
    panel.clock.advance(5 * minuteMs);
  }
  const made = upstream.sandbox.calls().slice(calls);
  assert.deepEqual(
    made.filter(({ action }) => action !== 'status'),
    [],
  );
  assert.deepEqual(callsSinceTheEnd(), []);
  const { restoredFrom } = await readDispatchState(panel.app.db, panel.clock.now());
  assert.notEqual(restoredFrom, null);
  assert.equal((await checkOf('restore'))?.ok, false);
  await panel.verify();
});

test('a mail that waited is given up, and whoever was signed in signs in again', async () => {
  const mails = await panel.app.db.selectFrom('mails').select(['due_at', 'given_up_at']).execute();
  assert.deepEqual([mails.length, mails[0]?.due_at], [1, null]);
  const sessions = await panel.app.db.selectFrom('user_sessions').selectAll().execute();
  assert.deepEqual(sessions, []);
});

test('alarms that last begin anew for who is told now, and nothing is told twice', async () => {
  const left = await panel.owner.sql`
    select name from alarms where ended_at is null union all select body from alarm_calls`;
  // What a worker has seen since.
  assert.deepEqual([...left], [{ name: 'restore' }]);
});

test('an order number that was given after the backup is not given again', async () => {
  const { key: newKey } = await makeCustomer(panel);
  const [service] = await panel.app.db.selectFrom('services').select('id').orderBy('id').execute();
  assert(service);
  const fields = { key: newKey, service: service.id, quantity: 100 };
  orders.new = await place(panel, { ...fields, link: link('new') });
  assert(id('new') > id('lost'));
});

test('until staff confirm no backup is made by itself, and no month of history goes', async () => {
  const target = { url: panel.databaseUrl };
  const backups = { target, dir: join(dir, 'by-itself'), everyMs: 1, kept: 1 };
  await startWorker(panel.app, { backups }).stop();
  assert.equal(await readLastBackup(panel.app.db), undefined);
  const run = await applyRetention(panel.app, staff, { target, dir });
  assert.deepEqual([run?.isHalted, run?.dropped], [true, []]);
});

test('only staff with the permission confirm, and once', async () => {
  const access: StaffAccess = { staffId: 1 as StaffId, areas: new Set(['orders']) };
  const clerk: Actor = { kind: 'staff', name: 'clerk', access };
  const code = (expected: string) => (error: unknown) =>
    error instanceof AppError && error.code === expected;
  await assert.rejects(confirmRestore(panel.app, clerk), code('not_allowed'));
  assert.deepEqual(await confirmRestore(panel.app, staff), { doubted: 4 });
  await assert.rejects(confirmRestore(panel.app, staff), code('conflict'));
  const restore = await readLastRestore(panel.app.db);
  assert.equal(restore?.confirmedBy, 'staff:test');
  panel.clock.advance(2_000);
  assert.equal((await checkOf('restore'))?.ok, true);
});

test('confirmed, nothing of the backup goes out again; what is new does', async () => {
  for (let round = 0; round < 6; round += 1) {
    await work(panel);
    panel.clock.advance(2 * minuteMs);
  }
  const made = callsSinceTheEnd().filter(({ kind }) => kind !== 'child');
  const links = made.map((entry) => (entry.kind === 'add' ? entry.params.link : entry.kind));
  // Two runs of four were due until the restore was confirmed, and one or two are after it.
  assert.deepEqual(
    links.filter((each) => each !== link('drip')),
    [link('new')],
  );
  await panel.verify();
});

test('runs that were due before the confirmation are unknown, later ones are sent', async () => {
  const runs = await panel.app.db
    .selectFrom('orders as o')
    .innerJoin('deliveries as d', (join) =>
      join.onRef('d.customer_id', '=', 'o.customer_id').onRef('d.order_id', '=', 'o.id'),
    )
    .select(['o.run', 'd.state'])
    .where('o.parent_id', '=', id('drip'))
    .orderBy('o.run')
    .execute();
  const sentHere = callsSinceTheEnd().filter(
    (entry) => entry.kind === 'add' && entry.params.link === link('drip'),
  );
  const unknown = runs.filter(({ state }) => state === 'unknown' || state === 'held');
  assert.equal(runs.length, 4);
  assert(unknown.length >= 3);
  assert.equal(unknown.length + sentHere.length, 4);
});

test('staff resolve what is unknown: it is there, or it is refunded', async () => {
  const adds = upstream.sandbox.journal().filter((entry) => entry.kind === 'add');
  const externalOf = (name: string) =>
    String(adds.findLast((entry) => entry.params.link === link(name))?.order);
  const bind = { kind: 'bind', externalId: externalOf('sent-later') } as const;
  await decideDelivery(panel.app, staff, { orderId: id('sent-later'), decision: bind });
  await decideDelivery(panel.app, staff, {
    orderId: id('never-sent'),
    decision: { kind: 'refund' },
  });
  const again = { kind: 'bind', externalId: externalOf('unknown') } as const;
  await decideDelivery(panel.app, staff, { orderId: id('unknown'), decision: again });
  const held = { kind: 'bind', externalId: externalOf('held') } as const;
  await decideDelivery(panel.app, staff, { orderId: id('held'), decision: held });
  await work(panel);
  assert.equal((await deliveryOf(panel, id('sent-later'))).state, 'following');
  const counts = ['sent-later', 'never-sent', 'held', 'lost', 'new'].map((name) =>
    addsIn(upstream, link(name)),
  );
  assert.deepEqual(counts, [1, 0, 1, 1, 1]);
  // Twice by the consent of staff, before the old panel was lost; the restore added none.
  assert.equal(addsIn(upstream, link('unknown')), 2);
  await panel.verify();
});
