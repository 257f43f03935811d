import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { decideDelivery, listWaiting } from '../../src/fulfilment/index.ts';
import { addsOf, countAdds } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryStates, killWorkers, sellFrom, startFastWorker, until } from './processes.ts';
import { deliveryOf, place } from './upstream.ts';

const feeds = 25;
const runs = 4;
const links = Array.from({ length: feeds }, (_, at) => `https://example.com/feed/${at}`);

let panel: TestPanel;
let upstream: FakeUpstream;
before(async () => {
  panel = await openTestPanel({ start: new Date() });
  upstream = await startFakeUpstream({ pace: { pendingMs: 100, deliverMs: 200 } });
});
after(async () => {
  await killWorkers();
  await upstream.stop();
  await panel.close();
});

async function countRuns(): Promise<number> {
  const found = await panel.app.db
    .selectFrom('orders')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('parent_id', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

/** Staff find each unknown run among what the provider has for its link and nobody follows. */
async function decideAll(): Promise<void> {
  for (const { orderId } of await listWaiting(panel.app.db, feeds * runs)) {
    // A late answer may come first; the order waits for nobody then.
    if (!['unknown', 'held'].includes((await deliveryOf(panel, orderId)).state)) continue;
    const { link } = await panel.app.db
      .selectFrom('orders')
      .select('link')
      .where('id', '=', orderId)
      .executeTakeFirstOrThrow();
    const followed = await panel.app.db.selectFrom('attempts').select('external_id').execute();
    const known = new Set(followed.map((row) => row.external_id));
    const made = addsOf(await upstream.journal()).filter((entry) => entry.params.link === link);
    const lost = made.map((entry) => String(entry.order)).find((id) => !known.has(id));
    const decision =
      lost === undefined
        ? ({ kind: 'send_again' } as const)
        : ({ kind: 'bind', externalId: lost } as const);
    await decideDelivery(panel.app, staff, { orderId, decision });
  }
}

/** How often staff had a run of a link sent again. */
async function countConsents(): Promise<Map<string, number>> {
  const rows = await panel.owner.sql<{ link: string; count: number }[]>`
    select o.link, count(*)::int as count from delivery_events e
    join orders o on o.customer_id = e.customer_id and o.id = e.order_id
    where e.kind = 'decided' and e.detail ->> 'decision' = 'send_again' group by o.link`;
  return new Map(rows.map((row) => [row.link, row.count]));
}

test('workers killed between the runs of drip-feeds neither skip nor double one', async () => {
  const { key } = await makeCustomer(panel, { funds: '10000' });
  const name = 'Feeds';
  const flags = { name, addTimeoutMs: 1_000, dripfeed: true };
  const { service } = await sellFrom(panel, upstream, flags);
  for (const link of links) {
    await place(panel, { key, service, link, quantity: 100, runs, interval: 1 });
  }
  const clock = { epochMs: Date.now(), startMs: panel.clock.now().getTime(), factor: 25 };
  const workers = await Promise.all([startFastWorker(panel, clock), startFastWorker(panel, clock)]);
  for (let run = 0; run < runs; run += 1) {
    const moment = run * feeds + 1 + randomInt(feeds);
    await until('a run is under way', async () => (await countRuns()) >= moment);
    const at = randomInt(workers.length);
    await workers[at]?.end('SIGKILL');
    workers[at] = await startFastWorker(panel, clock);
  }
  const isSent = async () => {
    const { due = 0, sending = 0 } = await deliveryStates(panel);
    return (await countRuns()) === feeds * runs && due + sending === 0;
  };
  await until('every run is sent, or with staff', isSent);
  for (const count of countAdds(await upstream.journal(), 'link').values()) assert(count <= runs);
  await panel.verify();
  const isOver = async () => {
    // What is sent again may become unknown again, on a busy machine.
    await decideAll();
    return ((await deliveryStates(panel)).done ?? 0) === feeds * runs;
  };
  await until('every run is over', isOver);
  const made = countAdds(await upstream.journal(), 'link');
  const consents = await countConsents();
  for (const link of links) {
    const count = made.get(link) ?? 0;
    assert(count >= runs && count <= runs + (consents.get(link) ?? 0), `${link}: ${count}`);
  }
  const parents = await panel.app.db
    .selectFrom('orders')
    .select(['status', 'refunded'])
    .where('kind', '=', 'drip_feed')
    .execute();
  assert.equal(parents.length, feeds);
  for (const parent of parents) assert.deepEqual(parent, { status: 'Completed', refunded: 0n });
  await panel.verify();
});
