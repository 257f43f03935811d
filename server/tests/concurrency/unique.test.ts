import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, minuteMs } from '../../src/base/index.ts';
import { constraintName } from '../../src/db/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  const { key } = await makeCustomer(panel);
  const link = 'https://example.com/1';
  const plain = await makeService(panel, { refill: true, dripfeed: true });
  const order = { key, service: plain, link, quantity: 100 };
  const orderId = await place(panel, { ...order, request_id: 'one' });
  await place(panel, { ...order, runs: 2, interval: 1 });
  await createDueRuns(panel.app);
  await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  panel.clock.advance(2 * dayMs + minuteMs);
  await panel.call({ key, action: 'refill', order: String(orderId) });
  await place(panel, { key, service: await upstream.sell(), link, quantity: 100 });
  await upstream.forward();
});
after(async () => {
  await upstream.close();
  await panel.close();
});

/** A row again with another key: what else makes it a second one of what there is to be one of. */
const twins = [
  ['transfers', { number: 999_999 }, 'true', 'transfers_reference_unique'],
  ['orders', { id: 999_999 }, 'request_id is not null', 'orders_request_id'],
  ['orders', { id: 999_999 }, 'parent_id is not null', 'orders_run'],
  ['refills', { id: 999_999 }, "status = 'Pending'", 'refills_one_open'],
  ['attempts', { number: 99 }, 'external_id is not null', 'attempts_external'],
  ['deliveries', { order_id: 999_999 }, 'external_id is not null', 'deliveries_external'],
] as const;

for (const [table, change, which, constraint] of twins) {
  test(`the database itself refuses a second row by ${constraint}`, async () => {
    const { sql } = panel.owner;
    const found = await sql.unsafe(`select from ${table} where ${which}`);
    assert(found.length > 0, 'there is one to double');
    const again = sql.unsafe(`insert into ${table}
      select (jsonb_populate_record(r, '${JSON.stringify(change)}')).*
      from ${table} r where ${which} limit 1`);
    await assert.rejects(again, (error) => constraintName(error) === constraint);
  });
}
