import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { AppError, type OrderId } from '../../src/base/index.ts';
import { type DeliveryDecision, decideDelivery, listWaiting } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addsOf, countAdds } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { createRandom, type Random } from '../random.ts';
import {
  deliveryStates,
  killWorkers,
  startFastWorker,
  until,
  type WorkerProcess,
} from './processes.ts';
import { openTarget, type Script, type Target, writeScript } from './storm-script.ts';
import { place } from './upstream.ts';

// Everything at once: providers of each kind that fail in all ways, workers that are killed and
// paused, staff who decide. Links have their faults and ends by the seed, and staff their minds;
// when a worker dies depends on the machine.

const ordersMax = 1_000;
const waves = 7;
/** In this wave a worker is paused past its leases, not killed. */
const pausedWave = 3;
const quantity = 100;
/** Orders of a wave that staff end by hand, wherever they are. */
const settledPerWave = 5;
const seed = Number(process.env.STORM_SEED ?? randomInt(1_000_000));

let panel: TestPanel;
let targets: Target[];
let clock: { epochMs: number; startMs: number; factor: number };
before(async () => {
  panel = await openTestPanel({ start: new Date() });
  const kinds = ['by_staff', 'by_request_id', 'by_ids'] as const;
  targets = await Promise.all(kinds.map((kind) => openTarget(panel, kind)));
  clock = { epochMs: Date.now(), startMs: panel.clock.now().getTime(), factor: 10 };
});
after(async () => {
  await killWorkers();
  await Promise.all(targets.map(({ upstream }) => upstream.stop()));
  await panel.close();
});

async function countAttempts(): Promise<number> {
  const found = await panel.app.db
    .selectFrom('attempts')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

/** Kills a worker in the middle of its work and starts another; once it is paused instead. */
async function strike(workers: WorkerProcess[], at: number, wave: number): Promise<void> {
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

/** Orders in waves; in each a worker is struck at a random moment, while staff decide. */
async function storm(script: Script, random: Random): Promise<void> {
  const { key } = await makeCustomer(panel, { funds: '100000' });
  const minds = createRandom(seed + 1);
  const workers = await Promise.all([startFastWorker(panel, clock), startFastWorker(panel, clock)]);
  const perWave = Math.ceil(ordersMax / waves);
  for (let wave = 0; wave < waves; wave += 1) {
    const before = await countAttempts();
    const orders = script.orders.slice(wave * perWave, (wave + 1) * perWave);
    const placing = orders.map(({ link, target: { service } }) =>
      place(panel, { key, service, link, quantity }),
    );
    const moment = before + 1 + random(Math.floor(orders.length * 0.8));
    await until('the wave is under way', async () => (await countAttempts()) >= moment);
    const staffAtWork = Promise.all(placing).then((placed) => meddle(minds, placed));
    await strike(workers, random(workers.length), wave);
    await staffAtWork;
  }
  const isSettled = async () => {
    const { due = 0, sending = 0 } = await deliveryStates(panel);
    return due + sending === 0;
  };
  await until('every order is sent, or with staff', isSettled);
}

/** A command of staff, at the time the workers have; true unless something came before it. */
async function command(run: (ctx: TestPanel['app']) => Promise<unknown>): Promise<boolean> {
  const { epochMs, startMs, factor } = clock;
  const now = () => new Date(startMs + (Date.now() - epochMs) * factor);
  try {
    await run({ ...panel.app, clock: { now } });
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}

const decide = (orderId: OrderId, decision: DeliveryDecision) =>
  command((ctx) => decideDelivery(ctx, staff, { orderId, decision }));

/** The ids of orders there, by their links. */
async function readExternals(): Promise<Map<string | undefined, string>> {
  const journals = await Promise.all(targets.map(({ upstream }) => upstream.journal()));
  const entries = journals.flatMap(addsOf);
  return new Map(entries.map((entry) => [entry.params.link, String(entry.order)]));
}

/** Staff who don't wait for what is being found out, and who end orders wherever they are. */
async function meddle(random: Random, placed: readonly OrderId[]): Promise<void> {
  for (let count = 0; count < settledPerWave; count += 1) {
    const orderId = placed[random(placed.length)];
    assert(orderId);
    await command((ctx) => settleOrder(ctx, staff, { orderId, status: 'Canceled' }));
  }
  const external = await readExternals();
  for (const { orderId, link, reason } of await listWaiting(panel.app.db, ordersMax)) {
    if (reason !== 'unknown' || random(100) >= 20) continue;
    const externalId = external.get(link);
    const ways: DeliveryDecision[] = [
      { kind: 'wait' },
      { kind: 'refund' },
      externalId === undefined ? { kind: 'send_again' } : { kind: 'bind', externalId },
    ];
    await decide(orderId, ways[random(ways.length)] ?? { kind: 'wait' });
  }
}

const noIds: Awaited<ReturnType<typeof readExternals>> = new Map();

/** Staff decide all that waits, by what they find at the provider. */
async function decideAll(): Promise<void> {
  const waiting = await listWaiting(panel.app.db, ordersMax);
  const open = waiting.filter(({ reason }) => reason !== 'late_accepted');
  const external = open.length === 0 ? noIds : await readExternals();
  for (const { orderId, link, reason } of open) {
    const externalId = external.get(link);
    if (reason === 'rejected') await decide(orderId, { kind: 'refund' });
    else if (externalId === undefined) await decide(orderId, { kind: 'send_again' });
    // Where the provider gave this id to another order too, ours cannot be followed.
    else if (!(await decide(orderId, { kind: 'bind', externalId }))) {
      await decide(orderId, { kind: 'refund' });
    }
  }
}

/** In the providers' own journals no order is there twice but by consent. */
async function assertSentOnce(): Promise<void> {
  const consents = await panel.owner.sql<{ link: string; count: number }[]>`
    select o.link, count(*)::int as count from delivery_events e
    join orders o on o.customer_id = e.customer_id and o.id = e.order_id
    where e.kind = 'decided' and e.detail ->> 'decision' = 'send_again' group by o.link`;
  const allowed = new Map(consents.map((row) => [row.link, 1 + row.count]));
  for (const { upstream } of targets) {
    for (const [link, count] of countAdds(await upstream.journal(), 'link')) {
      assert(count <= (allowed.get(link) ?? 1), `${link} is there ${count} times`);
    }
  }
}

/** Each order follows its own, and money went back only where the provider or staff ended it so. */
async function assertTrue(script: Script): Promise<void> {
  const links = new Map<string, string | undefined>();
  for (const { providerId, upstream } of targets) {
    for (const entry of addsOf(await upstream.journal())) {
      links.set(`${providerId}/${entry.order}`, entry.params.link);
    }
  }
  const rows = await panel.owner.sql<
    { link: string; there: string | null; refunded: bigint; charge: bigint; by: string }[]
  >`select o.link, d.provider_id || '/' || d.external_id as there, o.refunded, o.charge,
      coalesce((select min(e.actor) from order_events e
        where e.customer_id = o.customer_id and e.order_id = o.id and e.refund > 0), '') as by
    from orders o join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id`;
  assert.equal(rows.length, ordersMax);
  for (const row of rows) {
    // What it says of these orders is a lie, which nobody can tell from the truth.
    if (script.duplicates.has(row.link)) continue;
    if (row.there !== null) assert.equal(links.get(row.there), row.link);
    if (row.refunded === 0n || row.by.startsWith('staff:')) continue;
    assert.equal(row.by, 'system:poller');
    const { end, remains = quantity } = script.ends.get(row.link) ?? {};
    assert(end === 'Partial' || end === 'Canceled', `${row.link} was refunded while it ran`);
    assert.equal(row.refunded, (row.charge / BigInt(quantity)) * BigInt(remains));
  }
}

/** Every order that runs is followed, or in the queue of staff. */
async function assertNoneInLimbo(): Promise<void> {
  const waiting = new Set((await listWaiting(panel.app.db, ordersMax)).map((row) => row.orderId));
  const running = await panel.owner.sql<{ id: OrderId; state: string }[]>`
    select o.id, d.state from orders o
    join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    where o.completed_at is null`;
  for (const { id, state } of running) {
    assert(state === 'following' || waiting.has(id), `order ${id} is ${state}, in no queue`);
  }
}

/** How many orders are not final here. */
async function countRunning(): Promise<number> {
  const [row] = await panel.owner.sql<{ count: number }[]>`
    select count(*)::int as count from orders where completed_at is null`;
  return row?.count ?? 0;
}

/** What the storm has led to, for whoever wonders whether it was one. */
async function describeStorm(): Promise<string> {
  const rows = await panel.owner.sql<{ what: string; count: number }[]>`
    select trim(state || ' ' || reason) as what, count(*)::int as count from attempts
    group by 1 union all
    select kind || ' by ' || actor, count(*)::int from delivery_events group by 1 union all
    select 'resolved at ' || p.name, count(*)::int from attempts a
    join providers p on p.id = a.provider_id where a.resolved_by = 'system:reconciler' group by 1
    order by 2 desc`;
  return rows.map(({ what, count }) => `${count} ${what}`).join(', ');
}

test('a storm of faults, kills and staff sends no order twice and loses none', async (t) => {
  t.diagnostic(`STORM_SEED=${seed}`);
  const random = createRandom(seed);
  const script = await writeScript(random, targets, ordersMax);
  await storm(script, random);
  await assertSentOnce();
  await panel.verify();
  await assertNoneInLimbo();
  t.diagnostic(await describeStorm());
  for (const { upstream } of targets) {
    await upstream.clearFaults();
    await upstream.release();
  }
  const isOver = async () => {
    // What is sent again may become unknown again, on a busy machine.
    await decideAll();
    return (await countRunning()) === 0;
  };
  await until('every order is over', isOver);
  await assertSentOnce();
  await assertTrue(script);
  await panel.verify();
  t.diagnostic(await describeStorm());
});
