import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { CustomerId, ServiceId } from '../../src/base/index.ts';
import { createKey } from '../../src/customers/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, plantTrigger, type TestPanel } from '../harness.ts';
import { place, tally, times } from './peers.ts';

let panel: TestPanel;
let service: ServiceId;
let customerId: CustomerId;
before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, { rate: '1', dripfeed: true });
});
after(() => panel.close());
beforeEach(async () => {
  ({ customerId } = await makeCustomer(panel, { funds: '20' }));
});

const add = (link: string, quantity = 100, more: Record<string, string | number> = {}) =>
  place(panel.app, customerId, { service, link, quantity, ...more });

async function readLinks(): Promise<string[]> {
  const rows = await panel.owner.sql<{ link: string }[]>`
    select link from orders where customer_id = ${customerId} order by link`;
  return rows.map((row) => row.link);
}

test('in one batch every order gets its own outcome', async () => {
  const attempts = await Promise.allSettled([
    add('https://a.example/1'),
    add('https://a.example/2', 10_000),
    add('https://a.example/3', 10_000),
    add('https://a.example/4', 10_000),
    add('https://a.example/5', 50),
  ]);
  const outcomes = attempts.map((one) =>
    one.status === 'fulfilled' ? 'ok' : Reflect.get(Object(one.reason), 'code'),
  );
  // 20.00 pays 0.10 and one 10.00; what is too dear takes nothing from the next.
  const dear = 'insufficient_funds';
  assert.deepEqual(outcomes, ['ok', 'ok', dear, dear, 'ok']);
  await panel.verify();
});

test('the same request_id of many customers in one batch is an order of each', async () => {
  const customers = await Promise.all(times(12, () => makeCustomer(panel)));
  const fields = { service, link: 'https://a.example/', quantity: 100, request_id: 'the-same' };
  const ids = await Promise.all(
    customers.map((customer) => place(panel.app, customer.customerId, fields)),
  );
  assert.equal(new Set(ids).size, customers.length);
});

test('an order the database refuses fails alone, and its neighbours are placed', async () => {
  await panel.owner.sql`alter table orders add constraint poison
    check (link <> 'https://poison.example/') not valid`;
  const attempts = times(60, (index) =>
    add(index % 20 === 7 ? 'https://poison.example/' : `https://good.example/${index}`),
  );
  const outcomes = await Promise.allSettled(attempts);
  const failed = outcomes.flatMap((one, index) => (one.status === 'rejected' ? [index] : []));
  assert.deepEqual(failed, [7, 27, 47]);
  assert.equal((await readLinks()).length, 57);
  await panel.owner.sql`alter table orders drop constraint poison`;
  await panel.verify();
});

test('what is dearer than a wallet can be is refused, its neighbours are one batch', async () => {
  const dear = await makeService(panel, { rate: '10000000', max: 2_000_000_000 });
  const attempts = times(40, (index) => {
    const asked: Record<string, number> =
      index === 20 ? { service: dear, quantity: 2_000_000_000 } : {};
    return add(`https://b.example/${index}`, 100, asked);
  });
  const outcomes = await Promise.allSettled(attempts);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  assert.deepEqual(refused, ['insufficient_funds']);
  const [stored] = await panel.owner.sql<{ orders: number; transactions: number }[]>`
    select count(*)::int as orders, count(distinct xmin::text)::int as transactions
    from orders where customer_id = ${customerId}`;
  assert.equal(stored?.orders, 39);
  // The first leaves at once, and all that came meanwhile with the second.
  assert((stored?.transactions ?? 0) <= 3, `${stored?.transactions} transactions`);
});

test('an order refused after its own charge leaves no charge behind', async () => {
  await panel.owner.sql`alter table drip_feeds add constraint poison
    check (interval_minutes <> 77) not valid`;
  const attempts = [
    add('https://a.example/', 50),
    add('https://b.example/', 50, { runs: 2, interval: 77 }),
    add('https://c.example/', 50, { runs: 2, interval: 10 }),
  ];
  const outcomes = (await Promise.allSettled(attempts)).map((one) => one.status);
  assert.deepEqual(outcomes, ['fulfilled', 'rejected', 'fulfilled']);
  assert.deepEqual(await readLinks(), ['https://a.example/', 'https://c.example/']);
  await panel.owner.sql`alter table drip_feeds drop constraint poison`;
  await panel.verify();
});

test('a customer without a wallet fails alone', async () => {
  const attempts = [
    add('https://a.example/'),
    place(panel.app, 999_999 as CustomerId, { service, link: 'https://x.example/', quantity: 50 }),
    add('https://b.example/'),
  ];
  const outcomes = (await Promise.allSettled(attempts)).map((one) => one.status);
  assert.deepEqual(outcomes, ['fulfilled', 'rejected', 'fulfilled']);
  await panel.verify();
});

test('a batch rolled back for a deadlock is placed once all the same', async () => {
  await failInserts('40P01', 2);
  assert.deepEqual(await tally(times(50, (index) => add(`https://a.example/${index}`))), {
    ok: 50,
  });
  assert.equal((await readLinks()).length, 50);
  await panel.owner.sql`drop function fail_insert cascade`;
  await panel.verify();
});

test('serialisation failures without end are told, and leave nothing behind', async () => {
  await failInserts('40001', 1_000_000);
  const outcomes = await Promise.allSettled(times(3, () => add('https://a.example/')));
  assert.deepEqual(
    outcomes.map((one) => one.status),
    ['rejected', 'rejected', 'rejected'],
  );
  await panel.owner.sql`drop function fail_insert cascade`;
  assert.deepEqual(await readLinks(), []);
  await panel.verify();
});

test('work that loses two deadlocks in a row runs a third time, on fresh rows', async () => {
  let tries = 0;
  const seen = await inTransaction(panel.app.db, async (tx) => {
    tries += 1;
    const row = await tx
      .selectFrom('wallets')
      .select('balance')
      .where('customer_id', '=', customerId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (tries < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    return row.balance;
  });
  assert.deepEqual([seen, tries], [2_000_000_000n, 3]);
});

/** Makes the next inserts of orders fail; a sequence counts them, as it is never rolled back. */
async function failInserts(state: string, count: number): Promise<void> {
  await plantTrigger(
    panel,
    `drop sequence if exists failures`,
    `create sequence failures`,
    `grant usage on failures to public`,
    `create or replace function fail_insert() returns trigger language plpgsql as $$
    begin
      if nextval('failures') <= ${count} then raise sqlstate '${state}'; end if;
      return null;
    end $$`,
    `create trigger fail_inserts before insert on orders
      for each statement execute function fail_insert()`,
  );
}

test('a status and a balance are answered while all that writes waits for the disk', async () => {
  const { key, customerId: of } = await makeCustomer(panel, { funds: '20' });
  const link = 'https://a.example/read';
  // A key that no call has used is read, too.
  const { key: unused } = await createKey(panel.app, staff, { customerId: of, name: 'unused' });
  const order = { key, action: 'add', service, link, quantity: 100 };
  const { order: id } = (await panel.call(order)) as { order: number };
  const disk = Promise.withResolvers<void>();
  // More than there are sessions.
  const waiting = times(20, () => inTransaction(panel.app.db, () => disk.promise));
  try {
    const status = await panel.call({ key: unused, action: 'status', order: id });
    assert.equal((status as { charge: string }).charge, '0.10');
    const balance = await panel.call({ key, action: 'balance' });
    assert.equal((balance as { balance: string }).balance, '19.90');
  } finally {
    disk.resolve();
    await Promise.all(waiting);
  }
});
