import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, formatAmount, hourMs } from '../src/base/index.ts';
import { syncProvider } from '../src/catalog/index.ts';
import { readDashboard, rollUpDue } from '../src/figures/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { verify } from '../src/system/index.ts';
import { openUpstream, place, type Upstream } from './delivery/upstream.ts';
import { makeCustomer, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
let upstream: Upstream;

before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  await syncProvider(upstream.ctx, staff, upstream.providerId);
});
after(async () => {
  await upstream.close();
  await panel.close();
});

async function rollUpAll(): Promise<number> {
  let rolled = 0;
  while ((await rollUpDue(panel.app)) > 0) rolled += 1;
  return rolled;
}

async function costsOf(placedAt: Date, now: Date): Promise<string[]> {
  const cost = async (from: Date) => {
    const span = { from, to: new Date(from.getTime() + dayMs) };
    return formatAmount((await readDashboard(panel.app.db, span)).total.cost);
  };
  return [await cost(placedAt), await cost(now)];
}

const midnightOf = (at: Date) => new Date(Math.floor(at.getTime() / dayMs) * dayMs);

test('an order that its provider accepts once its day is closed still has its cost', async () => {
  const service = await upstream.sell({ rate: '5' });
  const { key } = await makeCustomer(panel, { funds: '100' });
  const placedOn = midnightOf(panel.clock.now());
  const orderId = await place(panel, {
    ...{ key, service, quantity: 1_000, link: 'https://example.com/late' },
  });
  panel.clock.advance(6 * dayMs);
  await rollUpAll();
  const isClosed = async () => {
    const [row] = await panel.owner.sql`
      select is_closed from figure_days where day = ${placedOn.toISOString()}`;
    return row?.is_closed;
  };
  assert.equal(await isClosed(), true);
  const acceptedOn = midnightOf(panel.clock.now());
  await upstream.forward();
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 400n });
  panel.clock.advance(hourMs);
  await rollUpAll();
  assert.deepEqual(await costsOf(placedOn, acceptedOn), ['0.00', '-0.36']);
  panel.clock.advance(dayMs + hourMs);
  await rollUpAll();
  assert.deepEqual(await costsOf(placedOn, acceptedOn), ['0.90', '-0.36']);
  assert.equal(await isClosed(), true);
  assert.deepEqual((await verify(panel.app.db)).broken, []);
  // It is summed up for that once, however often the day of its acceptance is.
  await panel.owner.sql`update figures set cost = 7 where day = ${placedOn.toISOString()}`;
  panel.clock.advance(4 * dayMs);
  await rollUpAll();
  assert.deepEqual(await costsOf(placedOn, acceptedOn), ['0.00000007', '-0.36']);
});
