import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, minuteMs } from '../src/base/index.ts';
import { figureChecks, rollUpDue } from '../src/figures/index.ts';
import { orderChecks, settleOrder } from '../src/orders/index.ts';
import { type DamageLab, openDamageLab, withoutProof } from './damage.ts';
import { place } from './delivery/upstream.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

// Where staff have reopened nothing, orders themselves tell on which day they were refunded.

let panel: TestPanel;
let lab: DamageLab;

before(async () => {
  panel = await openTestPanel();
  const { key } = await makeCustomer(panel, { funds: '100' });
  for (const rate of ['1', '5']) {
    const service = await makeService(panel, { rate });
    for (const remains of [100n, 40n, 0n]) {
      const link = `https://example.com/${service}/${remains}`;
      const orderId = await place(panel, { key, service, link, quantity: 100 });
      panel.clock.advance(minuteMs);
      const status = remains === 0n ? 'Completed' : remains === 100n ? 'Canceled' : 'Partial';
      await settleOrder(panel.app, staff, { orderId, status, remains });
    }
    panel.clock.advance(dayMs);
  }
  while ((await rollUpDue(panel.app)) > 0);
  await panel.owner.sql`update figure_days set is_closed = true`;
});
after(async () => {
  await lab?.close();
  await panel.close();
});

test('no proof of refunds falls back on rows', async () => {
  const [found] = await panel.owner.sql<{ days: number }[]>`
    select count(distinct day)::int as days from figures where refunded > 0`;
  assert.equal(found?.days, 2);
  assert.deepEqual(await withoutProof(panel, [...figureChecks, ...orderChecks]), []);
});

test('refunds that figures have of another day, service or amount are found', async () => {
  lab = await openDamageLab(panel);
  const name = 'figures_equal_orders_and_events';
  const [found] = await panel.owner.sql<{ first: Date; second: Date }[]>`
    select min(day) as first, max(day) as second from figures where refunded > 0`;
  assert(found);
  const [first, second] = [found.first, found.second].map((day) => `'${day.toISOString()}'`);
  for (const damage of [
    'update figures set refunded = 0',
    `update figures set refunded = 0 where day = ${first}`,
    'update figures set refunded = refunded + 1 where service_id <> 0 and refunded > 0',
    `update transfers set created_at = ${first} where debit = 'sales'`,
    `update transfers set created_at = ${second} where debit = 'sales'`,
  ]) {
    assert((await lab.withDamage(damage)).includes(name), damage);
  }
  // An order that does not tell the day is nothing that figures have wrong.
  const moved = `update orders set completed_at = ${second}
    where refunded > 0 and completed_at < ${second}`;
  assert.deepEqual(await lab.withDamage(moved), []);
});
