import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type OrderId, systemClock } from '../src/base/index.ts';
import { distribute, migrate } from '../src/db/index.ts';
import { placeOrder, settleOrder } from '../src/orders/index.ts';
import { copyDatabase } from './damage.ts';
import { openUpstream, place, statusOf } from './delivery/upstream.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import {
  createEmptyDatabase,
  dropDatabase,
  isSpread,
  openTestPanel,
  type TestPanel,
} from './harness.ts';

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const order = { link: 'https://example.com/p/1', quantity: 1_000 };

test('a panel that has run goes into a cluster with all it has, and goes on there', {
  skip: !isSpread && 'the server of this run is no cluster',
}, async () => {
  const { panel: before, keys, orders, manual } = await openUsedPanel();
  const readAll = async (panel: TestPanel) => [
    ...(await Promise.all(keys.map((key) => panel.call({ key, action: 'balance' })))),
    ...(await Promise.all(orders.map(({ key, id }) => statusOf(panel, key, id)))),
  ];
  const told = await readAll(before);

  const url = await copyDatabase(before);
  closing.push(() => dropDatabase(url));
  const { distributed } = await distribute({ url });
  assert(distributed.includes('orders'));
  const panel = await openTestPanel({ databaseUrl: url, clock: before.clock });
  closing.push(panel.close);
  assert.deepEqual(await readAll(panel), told);
  await panel.verify();
  const [shards] = await panel.owner.sql`
    select count(distinct get_shard_id_for_distribution_column('orders', customer_id))::int as n
    from orders`;
  assert(shards?.n > 1, 'orders are in more than one shard');
  for (const key of keys) {
    const id = await place(panel, { ...order, key, service: manual });
    assert(
      orders.every((earlier) => earlier.id < id),
      'numbers go on',
    );
  }
  await panel.verify();
});

test('the orders of a customer are committed in one step, on the one node that has him', {
  skip: !isSpread && 'the server of this run is no cluster',
}, async () => {
  const panel = await openTestPanel();
  closing.push(panel.close);
  const upstream = await openUpstream(panel);
  closing.push(upstream.close);
  const service = await upstream.sell();
  const customers = [await makeCustomer(panel), await makeCustomer(panel)];
  const terms = { discountBasisPoints: 0, ownRates: new Map() };
  const fields = new Map([
    ['service', `${service}`],
    ['link', order.link],
    ['quantity', '1000'],
  ]);
  // What is committed in two steps leaves a row for each node, until a minute later.
  const readTwoSteps = () => panel.owner.sql`select gid from pg_dist_transaction`;
  const before = await readTwoSteps();
  const ids = await Promise.all(
    [...customers, ...customers].map(({ customerId }) =>
      placeOrder(panel.app, { kind: 'customer', customerId, keyId: null }, { terms, fields }),
    ),
  );
  assert.equal(new Set(ids).size, 4);
  const known = new Set(before.map(({ gid }) => gid));
  assert.deepEqual(
    (await readTwoSteps()).filter(({ gid }) => !known.has(gid)),
    [],
  );
  await panel.verify();
});

/** Orders of five customers: at a provider, done, refunded in part, and with staff. */
async function openUsedPanel() {
  const databaseUrl = await createEmptyDatabase();
  await migrate({ url: databaseUrl }, systemClock);
  const panel = await openTestPanel({ databaseUrl });
  closing.push(panel.close);
  const upstream = await openUpstream(panel);
  closing.push(upstream.close);
  const routed = await upstream.sell({ rate: '2' });
  const manual = await makeService(panel, { rate: '1' });
  const keys: string[] = [];
  const orders: { key: string; id: OrderId }[] = [];
  for (let number = 0; number < 5; number += 1) {
    const { key } = await makeCustomer(panel, { funds: '10' });
    keys.push(key);
    for (const service of [routed, routed, manual]) {
      orders.push({ key, id: await place(panel, { ...order, key, service }) });
    }
  }
  await upstream.forward(8);
  const [, done, partial] = orders;
  assert(done && partial);
  await settleOrder(panel.app, staff, { orderId: done.id, status: 'Completed' });
  const part = { status: 'Partial', remains: 400n } as const;
  await settleOrder(panel.app, staff, { orderId: partial.id, ...part });
  return { panel, keys, orders, manual };
}
