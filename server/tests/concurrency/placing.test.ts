import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { type CustomerId, parseAmount } from '../../src/base/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { lockWallets, readBalances } from '../../src/ledger/index.ts';
import type { App, Runtime } from '../../src/runtime/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openPeer, place, tally, times } from './peers.ts';

let panel: TestPanel;
let peer: Runtime;
before(async () => {
  panel = await openTestPanel();
  peer = await openPeer(panel);
});
after(async () => {
  await peer.close();
  await panel.close();
});

const link = 'https://example.com/storm';

async function countOrders(customerId: CustomerId): Promise<number> {
  const [row] = await panel.owner.sql<{ count: number }[]>`
    select count(*)::int as count from orders where customer_id = ${customerId}`;
  return row?.count ?? -1;
}

async function assertBalance(customerId: CustomerId, text: string): Promise<void> {
  const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
  assert.equal(balance, parseAmount(text, 'balance'));
}

test('a wallet that one transaction has locked is waited for by every other', async () => {
  const { customerId } = await makeCustomer(panel);
  await inTransaction(panel.app.db, async (tx) => {
    await lockWallets(tx, [customerId]);
    const second = inTransaction(peer.app.db, async (other) => {
      await sql`set local lock_timeout = '50ms'`.execute(other);
      await lockWallets(other, [customerId]);
    });
    await assert.rejects(second, { code: '55P03' });
  });
});

test('1,000 adds at once over a balance for 100 give 100 orders and the exact rest', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10.05' });
  const service = await makeService(panel, { rate: '1' });
  const attempts = times(1_000, () =>
    place(panel.app, customerId, { service, link, quantity: 100 }),
  );
  assert.deepEqual(await tally(attempts), { ok: 100, insufficient_funds: 900 });
  assert.equal(await countOrders(customerId), 100);
  await assertBalance(customerId, '0.05');
  await panel.verify();
});

test('1,000 adds at once through two servers never spend the balance twice', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10.05' });
  const service = await makeService(panel, { rate: '1' });
  await peer.app.catalog.refresh();
  const attempts = times(1_000, (index) =>
    place(index % 2 === 0 ? panel.app : peer.app, customerId, { service, link, quantity: 100 }),
  );
  assert.deepEqual(await tally(attempts), { ok: 100, insufficient_funds: 900 });
  assert.equal(await countOrders(customerId), 100);
  await assertBalance(customerId, '0.05');
  await panel.verify();
});

test('orders that come alone to each of two servers never spend the balance twice', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '5.05' });
  const service = await makeService(panel, { rate: '1' });
  await peer.app.catalog.refresh();
  const oneByOne = async (app: App) => {
    const attempts: Promise<unknown>[] = [];
    for (let done = 0; done < 60; done += 1) {
      attempts.push(place(app, customerId, { service, link, quantity: 100 }));
      await Promise.allSettled(attempts);
    }
    return tally(attempts);
  };
  const [one, other] = await Promise.all([oneByOne(panel.app), oneByOne(peer.app)]);
  assert.equal((one.ok ?? 0) + (other.ok ?? 0), 50);
  assert.equal((one.insufficient_funds ?? 0) + (other.insufficient_funds ?? 0), 70);
  assert.equal(await countOrders(customerId), 50);
  await assertBalance(customerId, '0.05');
  await panel.verify();
});

test('stopped money buys nothing, neither an order alone nor many at once', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const service = await makeService(panel, { rate: '1' });
  await panel.owner.sql`update wallets set stopped_at = now() where customer_id = ${customerId}`;
  const attempt = () => place(panel.app, customerId, { service, link, quantity: 100 });
  assert.deepEqual(await tally([attempt()]), { money_stopped: 1 });
  assert.deepEqual(await tally(times(20, attempt)), { money_stopped: 20 });
  assert.equal(await countOrders(customerId), 0);
});

test('a credit limit is used to the last unit and never beyond', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '1' });
  const service = await makeService(panel, { rate: '1' });
  await panel.owner.sql`update wallets set credit_limit = 200000000
    where customer_id = ${customerId}`;
  await panel.owner.sql`insert into credit_limits (customer_id, from_number, credit_limit,
    created_at) values (${customerId}, 2, 200000000, now())`;
  const attempts = times(300, () => place(panel.app, customerId, { service, link, quantity: 100 }));
  assert.deepEqual(await tally(attempts), { ok: 30, insufficient_funds: 270 });
  await panel.verify();
});

test('500 copies of one request_id over HTTP answer the same bytes and charge once', async () => {
  const { customerId, key } = await makeCustomer(panel, { funds: '10' });
  const service = await makeService(panel, { rate: '1' });
  const fields = { key, action: 'add', service, link, quantity: 100, request_id: 'one' };
  const replies = await Promise.all(times(500, () => panel.callText(fields)));
  assert.equal(new Set(replies).size, 1);
  assert.match(replies[0] ?? '', /^\{"order":\d+\}$/);
  assert.equal(await countOrders(customerId), 1);
  await assertBalance(customerId, '9.9');
});

test('500 copies of one request_id through two servers make one order', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const service = await makeService(panel, { rate: '1' });
  await peer.app.catalog.refresh();
  const fields = { service, link, quantity: 100, request_id: 'one' };
  const ids = await Promise.all(
    times(500, (index) => place(index % 2 === 0 ? panel.app : peer.app, customerId, fields)),
  );
  assert.equal(new Set(ids).size, 1);
  assert.equal(await countOrders(customerId), 1);
  await assertBalance(customerId, '9.9');
  await panel.verify();
});

test('of one request_id with two sets of parameters one wins and the other is told', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '100' });
  const service = await makeService(panel, { rate: '1' });
  await peer.app.catalog.refresh();
  const attempts = times(200, (index) =>
    place(index % 3 === 0 ? panel.app : peer.app, customerId, {
      service,
      link,
      quantity: index % 2 === 0 ? 100 : 200,
      request_id: 'two',
    }),
  );
  assert.deepEqual(await tally(attempts), { ok: 100, request_id_reused: 100 });
  assert.equal(await countOrders(customerId), 1);
});

test('the same request_id of two customers makes an order for each', async () => {
  const service = await makeService(panel, { rate: '1' });
  const customers = [await makeCustomer(panel), await makeCustomer(panel)];
  const fields = { service, link, quantity: 100, request_id: 'shared' };
  const ids = await Promise.all(
    customers.flatMap(({ customerId }) => times(50, () => place(panel.app, customerId, fields))),
  );
  assert.equal(new Set(ids).size, 2);
});

test('where duplicates are denied, 100 adds at once give one running order', async () => {
  const { customerId } = await makeCustomer(panel);
  const service = await makeService(panel, { denyDuplicates: true });
  await peer.app.catalog.refresh();
  const attempts = times(100, (index) =>
    place(index % 2 === 0 ? panel.app : peer.app, customerId, { service, link, quantity: 100 }),
  );
  assert.deepEqual(await tally(attempts), { ok: 1, active_order_with_link: 99 });
  assert.equal(await countOrders(customerId), 1);
});

test('a pool of two connections serves any number of callers, each rightly', async () => {
  const small = await openTestPanel({ connectionsMax: 2 });
  try {
    const { customerId, key } = await makeCustomer(small, { funds: '10' });
    const service = await makeService(small, { rate: '1', refill: true, cancel: true });
    const first = await place(small.app, customerId, { service, link, quantity: 100 });
    const order = String(first);
    const adds = times(300, () => place(small.app, customerId, { service, link, quantity: 100 }));
    const reads = times(300, () => small.call({ key, action: 'status', order }));
    const cancels = times(50, () => small.call({ key, action: 'cancel', orders: order }));
    assert.deepEqual(await tally(adds), { ok: 99, insufficient_funds: 201 });
    assert.equal(new Set((await Promise.all(reads)).map((reply) => JSON.stringify(reply))).size, 1);
    const taken = (await Promise.all(cancels)).filter((reply) =>
      JSON.stringify(reply).endsWith(':1}]'),
    );
    assert.equal(taken.length, 1);
    await small.verify();
  } finally {
    await small.close();
  }
});
