import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type ServiceId } from '../../src/base/index.ts';
import { inFlightMax } from '../../src/fulfilment/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { until } from './processes.ts';
import { openUpstream, place, type Upstream } from './upstream.ts';

const others = 19;
const rounds = 3;
const ordersPerRound = 5;
/** More than may be on their way at a time. */
const ordersOfHole = inFlightMax + 16;

let panel: TestPanel;
let key: string;
before(async () => {
  panel = await openTestPanel({ connectionsMax: 12 });
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await panel.verify();
  await panel.close();
});

type Sold = { upstream: Upstream; service: ServiceId; links: string[] };

async function open(name: string): Promise<Sold> {
  const upstream = await openUpstream(panel, { name, addTimeoutMs: 60_000 });
  return { upstream, service: await upstream.sell(), links: [] };
}

async function order({ upstream, service, links }: Sold, count: number): Promise<void> {
  const placing = Array.from({ length: count }, () => {
    const link = `https://example.com/${upstream.providerId}/${links.length}`;
    links.push(link);
    return place(panel, { key, service, link, quantity: 100 });
  });
  await Promise.all(placing);
}

/** The links that a provider has made orders for, by its journal. */
function made({ upstream }: Sold): (string | undefined)[] {
  const adds = upstream.sandbox.journal().filter((entry) => entry.kind === 'add');
  return adds.map((entry) => entry.params.link).sort();
}

async function countOf(...states: ('following' | 'done')[]): Promise<number> {
  const found = await panel.app.db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('state', 'in', states)
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

test('one provider that is a black hole leaves 19 others their pace', async (t) => {
  const hole = await open('Black hole');
  const sold: Sold[] = [];
  for (let at = 0; at < others; at += 1) sold.push(await open(`Other ${at}`));
  t.after(() => Promise.all([hole, ...sold].map(({ upstream }) => upstream.close())));
  const { sandbox, served } = hole.upstream;
  // Whatever it is asked: it takes the call, and never says a word.
  sandbox.script({ kind: 'hang', times: 0 });
  await order(hole, ordersOfHole);
  const worker = startWorker(panel.app);
  t.after(async () => {
    served.release('reset');
    await worker.stop();
  });
  await until('it holds all it may', async () => served.held() >= inFlightMax);

  for (let round = 1; round <= rounds; round += 1) {
    await Promise.all(sold.map((one) => order(one, ordersPerRound)));
    const total = round * ordersPerRound * others;
    await until(
      'every order of this round but the hole’s is accepted',
      async () => (await countOf('following', 'done')) === total,
    );
    for (const one of sold) assert.deepEqual(made(one), one.links.toSorted());
    panel.clock.advance(30 * minuteMs);
    await until('all those are delivered', async () => (await countOf('done')) === total);
    const adds = sandbox.calls().filter(({ action }) => action === 'add');
    assert.equal(adds.length, inFlightMax, 'it holds as many as it did at first, and no more');
    assert(served.held() >= inFlightMax, 'it still says nothing');
    assert.deepEqual(made(hole), []);
  }
});
