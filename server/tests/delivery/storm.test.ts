import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { OrderId } from '../../src/base/index.ts';
import { type DeliveryDecision, decideDelivery, listWaiting } from '../../src/fulfilment/index.ts';
import { addsOf, countAdds, type Plan, type ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import {
  deliveryStates,
  killWorkers,
  sellFrom,
  startFastWorker,
  until,
  type WorkerProcess,
} from './processes.ts';
import { deliveryOf, place } from './upstream.ts';
import type { FastClock } from './worker-process.ts';

// Everything at once: a provider that fails in all ways, workers that are killed and paused. Links
// have their faults and ends by the seed; when a worker dies depends on the machine.

const ordersMax = 1_000;
const waves = 7;
/** In this wave a worker is paused past its leases, not killed. */
const pausedWave = 3;
const seed = Number(process.env.STORM_SEED ?? randomInt(1_000_000));

let panel: TestPanel;
let upstream: FakeUpstream;
before(async () => {
  panel = await openTestPanel({ start: new Date() });
  upstream = await startFakeUpstream({
    balance: '100000.00',
    pace: { pendingMs: 200, deliverMs: 800 },
  });
});
after(async () => {
  await killWorkers();
  await upstream.stop();
  await panel.close();
});

type Random = (below: number) => number;

/** The same numbers for the same seed. */
function createRandom(from: number): Random {
  let state = from >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const addFaults: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_html', status: 502 },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_empty' },
  { kind: 'accept_then_redirect' },
  { kind: 'accept_then_hang' },
  { kind: 'reset_after', bytes: 20 },
  { kind: 'duplicate_id' },
  { kind: 'error_500' },
  { kind: 'reset' },
  { kind: 'refuse', error: 'Bad link' },
  { kind: 'rate_limit', retryAfter: '1' },
];
const statusFaults: readonly ScriptedFault[] = [
  { kind: 'error_500' },
  { kind: 'html' },
  { kind: 'accept_then_reset' },
  { kind: 'rows_missing' },
  { kind: 'rows_list' },
  { kind: 'rows_proto' },
  { kind: 'rows_regress' },
];
const quantity = 100;
const ends: readonly Plan[] = [
  { end: 'Partial', remains: 37 },
  { end: 'Canceled' },
  { end: 'Completed' },
];

/** What the seed says of each link: how its order ends upstream, and whether its add goes wrong. */
type Script = { links: string[]; ends: Map<string, Plan>; duplicates: Set<string> };

async function writeScript(random: Random): Promise<Script> {
  const links = Array.from({ length: ordersMax }, (_, at) => `https://example.com/storm/${at}`);
  const script: Script = { links, ends: new Map(), duplicates: new Set() };
  const faults: ScriptedFault[] = [];
  for (const link of links) {
    if (random(100) < 35) {
      const fault = addFaults[random(addFaults.length)];
      assert(fault);
      faults.push({ ...fault, on: { action: 'add', link } });
      if (fault.kind === 'duplicate_id') script.duplicates.add(link);
    }
    if (random(100) >= 15) continue;
    const plan = ends[random(ends.length)] ?? {};
    script.ends.set(link, plan);
    await upstream.plan({ link }, plan);
  }
  for (let count = 0; count < 40; count += 1) {
    const fault = statusFaults[random(statusFaults.length)];
    assert(fault);
    faults.push({ ...fault, on: { action: 'status' } });
  }
  await upstream.script(...faults);
  return script;
}

async function countAttempts(where: 'all' | 'sending'): Promise<number> {
  const found = await panel.app.db
    .selectFrom('attempts')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .$if(where === 'sending', (query) => query.where('state', '=', 'sending'))
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

/** Kills a worker in the middle of its work and starts another; once it is paused instead. */
async function strike(workers: WorkerProcess[], at: number, clock: FastClock, wave: number) {
  const victim = workers[at];
  assert(victim);
  if (wave !== pausedWave) {
    await victim.end('SIGKILL');
    workers[at] = await startFastWorker(panel, clock);
    return;
  }
  victim.signal('SIGSTOP');
  const stopped = await panel.owner.sql<{ order_id: bigint; number: number }[]>`
    select order_id, number from attempts where state = 'sending'`;
  await until('what it was sending is taken for unknown, or answered by the other', async () => {
    const open = await panel.owner.sql<{ order_id: bigint; number: number }[]>`
      select order_id, number from attempts where state = 'sending'`;
    const left = new Set(open.map((row) => `${row.order_id}/${row.number}`));
    return !stopped.some((row) => left.has(`${row.order_id}/${row.number}`));
  });
  victim.signal('SIGCONT');
}

/** Orders in waves; in each a worker is struck at a random moment. */
async function storm(script: Script, random: Random): Promise<void> {
  const { key } = await makeCustomer(panel, { funds: '100000' });
  const { service } = await sellFrom(panel, upstream, { name: 'Storm', addTimeoutMs: 1_000 });
  const clock = { epochMs: Date.now(), startMs: panel.clock.now().getTime(), factor: 10 };
  const workers = await Promise.all([startFastWorker(panel, clock), startFastWorker(panel, clock)]);
  const perWave = Math.ceil(ordersMax / waves);
  for (let wave = 0; wave < waves; wave += 1) {
    const before = await countAttempts('all');
    const links = script.links.slice(wave * perWave, (wave + 1) * perWave);
    const placing = links.map((link) => place(panel, { key, service, link, quantity }));
    const moment = before + 1 + random(Math.floor(links.length * 0.8));
    await until('the wave is under way', async () => (await countAttempts('all')) >= moment);
    await strike(workers, random(workers.length), clock, wave);
    await Promise.all(placing);
  }
  const isSettled = async () => {
    const { due = 0, sending = 0 } = await deliveryStates(panel);
    return due + sending === 0;
  };
  await until('every order is sent, or with staff', isSettled);
}

/** Links as staff can find them at the provider, and which of them were sent by their consent. */
async function decideAll(): Promise<void> {
  const journal = addsOf(await upstream.journal());
  const external = new Map(journal.map((entry) => [entry.params.link, String(entry.order)]));
  for (const { orderId, reason } of await listWaiting(panel.app.db, ordersMax)) {
    const { link } = await orderOf(orderId);
    const externalId = external.get(link);
    const decide = (decision: DeliveryDecision) =>
      decideDelivery(panel.app, staff, { orderId, decision });
    // A late answer may come first; the order waits for nobody then.
    if (!(await isWaiting(orderId))) continue;
    if (reason === 'rejected') await decide({ kind: 'refund' });
    else if (externalId === undefined) await decide({ kind: 'send_again' });
    // Where the provider gave this id to another order too, ours cannot be followed.
    else await decide({ kind: 'bind', externalId }).catch(() => decide({ kind: 'refund' }));
  }
}

async function isWaiting(orderId: OrderId): Promise<boolean> {
  const { state } = await deliveryOf(panel, orderId);
  return state === 'unknown' || state === 'held';
}

function orderOf(orderId: OrderId) {
  return panel.app.db
    .selectFrom('orders')
    .select(['id', 'link', 'status', 'charge', 'refunded'])
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow();
}

/** In the provider's own journal no order is there twice but by consent. */
async function assertSentOnce(): Promise<void> {
  const consents = await panel.owner.sql<{ link: string; count: number }[]>`
    select o.link, count(*)::int as count from delivery_events e join orders o on o.id = e.order_id
    where e.kind = 'decided' and e.detail ->> 'decision' = 'send_again' group by o.link`;
  const allowed = new Map(consents.map((row) => [row.link, 1 + row.count]));
  const made = countAdds(await upstream.journal(), 'link');
  for (const [link, count] of made) {
    assert(count <= (allowed.get(link) ?? 1), `${link} is there ${count} times`);
  }
}

/** Each order follows its own, and money went back only where the provider or staff ended it so. */
async function assertTrue(script: Script): Promise<void> {
  const links = new Map(
    addsOf(await upstream.journal()).map((entry) => [String(entry.order), entry.params.link]),
  );
  const rows = await panel.owner.sql<
    { link: string; external_id: string | null; refunded: bigint; charge: bigint; by: string }[]
  >`select o.link, d.external_id, o.refunded, o.charge, coalesce((select min(e.actor)
      from order_events e where e.order_id = o.id and e.refund > 0), '') as by
    from orders o join deliveries d on d.order_id = o.id`;
  assert.equal(rows.length, ordersMax);
  for (const row of rows) {
    // What it says of these orders is a lie, which nobody can tell from the truth.
    if (script.duplicates.has(row.link)) continue;
    if (row.external_id !== null) assert.equal(links.get(row.external_id), row.link);
    if (row.refunded === 0n || row.by.startsWith('staff:')) continue;
    assert.equal(row.by, 'system:poller');
    const { end, remains = quantity } = script.ends.get(row.link) ?? {};
    assert(end === 'Partial' || end === 'Canceled', `${row.link} was refunded while it ran`);
    assert.equal(row.refunded, (row.charge / BigInt(quantity)) * BigInt(remains));
  }
}

/** What the storm has led to, for whoever wonders whether it was one. */
async function describeStorm(): Promise<string> {
  const rows = await panel.owner.sql<{ what: string; count: number }[]>`
    select trim(state || ' ' || reason) as what, count(*)::int as count from attempts
    group by 1 union all
    select kind, count(*)::int from delivery_events group by 1 order by 2 desc`;
  return rows.map(({ what, count }) => `${count} ${what}`).join(', ');
}

test('a storm of faults, kills and pauses sends no order twice and loses none', async (t) => {
  t.diagnostic(`STORM_SEED=${seed}`);
  const random = createRandom(seed);
  const script = await writeScript(random);
  await storm(script, random);
  await assertSentOnce();
  await panel.verify();
  const waiting = new Set((await listWaiting(panel.app.db, ordersMax)).map((row) => row.orderId));
  const running = await panel.owner.sql<{ id: OrderId; state: string }[]>`
    select o.id, d.state from orders o join deliveries d on d.order_id = o.id
    where o.completed_at is null`;
  for (const { id, state } of running) {
    assert(state === 'following' || waiting.has(id), `order ${id} is ${state}, in no queue`);
  }
  t.diagnostic(await describeStorm());
  await upstream.clearFaults();
  await upstream.release();
  const isOver = async () => {
    // What is sent again may become unknown again, on a busy machine.
    await decideAll();
    return ((await deliveryStates(panel)).done ?? 0) === ordersMax;
  };
  await until('every order is over', isOver);
  await assertSentOnce();
  await assertTrue(script);
  await panel.verify();
});
