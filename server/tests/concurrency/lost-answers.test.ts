import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CustomerId, parseAmount, type ServiceId } from '../../src/base/index.ts';
import { readBalances } from '../../src/ledger/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type CuttingProxy, openCuttingProxy } from './cutting-proxy.ts';
import { openPeer, place, tally, times } from './peers.ts';

let panel: TestPanel;
let proxy: CuttingProxy;
let server: Runtime;
let service: ServiceId;
before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, { rate: '1' });
  proxy = await openCuttingProxy(panel.databaseUrl);
  server = await openPeer(panel, { databaseUrl: proxy.url });
});
after(async () => {
  await server.close();
  await proxy.close();
  await panel.close();
});

async function countByLink(customerId: CustomerId): Promise<Map<string, number>> {
  const rows = await panel.owner.sql<{ link: string; count: number }[]>`
    select link, count(*)::int as count from orders where customer_id = ${customerId}
    group by link`;
  return new Map(rows.map((row) => [row.link, row.count]));
}

for (const when of ['before', 'after'] as const) {
  test(`a batch cut off ${when} its commit arrived is stored once and answered`, async () => {
    const { customerId } = await makeCustomer(panel, { funds: '1000' });
    const linksExpected: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const links = Array.from({ length: 40 }, (_, index) => `https://e.example/${round}/${index}`);
      linksExpected.push(...links);
      proxy.cutNextCommit(when);
      const cutsBefore = proxy.cuts();
      const ids = await Promise.all(
        links.map((link) => place(server.app, customerId, { service, link, quantity: 100 })),
      );
      assert.equal(new Set(ids).size, links.length);
      assert.equal(proxy.cuts(), cutsBefore + 1, 'the proxy cut a commit of this round');
    }
    const counts = await countByLink(customerId);
    assert.deepEqual([...counts.keys()].sort(), linksExpected.sort());
    assert.deepEqual(new Set(counts.values()), new Set([1]));
    const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
    assert.equal(balance, parseAmount('968', 'balance'));
    await panel.verify();
  });

  test(`a request_id cut off ${when} its commit arrived still makes one order`, async () => {
    const { customerId } = await makeCustomer(panel, { funds: '1000' });
    for (let round = 0; round < 4; round += 1) {
      const fields = { service, link: `https://e.example/${round}`, quantity: 100 };
      proxy.cutNextCommit(when);
      const ids = await Promise.all(
        times(20, () => place(server.app, customerId, { ...fields, request_id: `r-${round}` })),
      );
      assert.equal(new Set(ids).size, 1);
    }
    const counts = await countByLink(customerId);
    assert.deepEqual([...counts.values()], [1, 1, 1, 1]);
    await panel.verify();
  });

  test(`a deposit cut off ${when} its commit arrived adds once when it is repeated`, async () => {
    const { customerId } = await makeCustomer(panel, { funds: '0' });
    const deposit = { customerId, amount: parseAmount('7', 'amount'), reference: `cut-${when}` };
    proxy.cutNextCommit(when);
    await assert.rejects(addFunds(server.app, staff, deposit));
    const isNew = await addFunds(server.app, staff, deposit);
    assert.equal(isNew, when === 'before');
    const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
    assert.equal(balance, parseAmount('7', 'balance'));
    await panel.verify();
  });

  test(`a refund cut off ${when} its commit arrived is paid once when repeated`, async () => {
    const { customerId } = await makeCustomer(panel, { funds: '1' });
    const fields = { service, link: 'https://e.example/refund', quantity: 100 };
    const orderId = await place(server.app, customerId, fields);
    const report = { orderId, status: 'Partial' as const, remains: 40n };
    proxy.cutNextCommit(when);
    await assert.rejects(settleOrder(server.app, staff, report));
    const again = await settleOrder(server.app, staff, report);
    assert.equal(again.outcome, when === 'before' ? 'changed' : 'same');
    const balance = (await readBalances(panel.app.db, [customerId])).get(customerId);
    assert.equal(balance, parseAmount('0.94', 'balance'));
    await panel.verify();
  });
}

test('of a batch refused after its connection broke, the bad order fails alone', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '1000' });
  // The bad order is another customer's: in a cluster his is a transaction that never commits.
  const other = await makeCustomer(panel, { funds: '1000' });
  const poison = 'https://poison.example/';
  await panel.owner.sql.unsafe(`alter table orders add constraint poison
    check (link <> '${poison}') not valid`);
  const links = Array.from({ length: 20 }, (_, index) => `https://e.example/${index}`);
  proxy.cutNextCommit('before');
  const cutsBefore = proxy.cuts();
  const bad = place(server.app, other.customerId, { service, link: poison, quantity: 100 });
  const good = links.map((link) => place(server.app, customerId, { service, link, quantity: 100 }));
  const [refused, ...outcomes] = await Promise.allSettled([bad, ...good]);
  await panel.owner.sql`alter table orders drop constraint poison`;
  assert.equal(proxy.cuts(), cutsBefore + 1, 'the proxy cut the commit of the batch');
  assert.equal(refused.status, 'rejected');
  assert.deepEqual(
    outcomes.filter(({ status }) => status === 'rejected'),
    [],
  );
  const counts = await countByLink(customerId);
  assert.deepEqual([...counts.keys()].sort(), links.sort());
  assert.deepEqual(new Set(counts.values()), new Set([1]));
  assert.deepEqual(await countByLink(other.customerId), new Map());
  await panel.verify();
});

test('sessions ended by the server in the middle of a storm lose and double nothing', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '1000' });
  const links = Array.from({ length: 1_500 }, (_, index) => `https://kill.example/${index}`);
  const settled = Promise.allSettled(
    links.map((link) => place(panel.app, customerId, { service, link, quantity: 100 })),
  );
  for (let round = 0; round < 5; round += 1) {
    await panel.owner.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and usename = current_user and state <> 'idle'
        and pid <> pg_backend_pid()`;
  }
  const outcomes = await settled;
  const counts = await countByLink(customerId);
  assert.deepEqual(new Set(counts.values()), new Set([1]));
  const answered = links.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  assert.deepEqual(
    answered.filter((link) => !counts.has(link)),
    [],
  );
  await panel.verify();
  // Sessions that ended unnoticed may cost an answer each, and then they are gone.
  const last = times(10, () => panel.app.catalog.refresh());
  await Promise.allSettled(last);
  const fields = { service, link: 'https://kill.example/end', quantity: 100 };
  assert.equal((await tally(times(20, () => place(panel.app, customerId, fields)))).ok, 20);
});
