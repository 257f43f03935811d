import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  type CustomerId,
  dayMs,
  formatAmount,
  hourMs,
  minuteMs,
  type OrderId,
  type ProviderId,
  parseAmount,
  type ServiceId,
} from '../src/base/index.ts';
import { setRoutes, syncProvider } from '../src/catalog/index.ts';
import {
  figureChecks,
  readDashboard,
  readDaysOf,
  readRouteQuality,
  readTopServices,
  recomputeFigures,
  rollUpDue,
} from '../src/figures/index.ts';
import { createDueRuns, settleOrder } from '../src/orders/index.ts';
import { addFunds } from '../src/payments/index.ts';
import { updateProvider } from '../src/providers/index.ts';
import { verify } from '../src/system/index.ts';
import { openDamageLab, withoutProof } from './damage.ts';
import { openUpstream, place, type Upstream } from './delivery/upstream.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { lose, postBySubscription, sellUncosted, shown } from './figures-steps.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

// The figures are worked out by hand. Of the provider's service 1000 cost 0.90 there, and one of
// its currency costs two of the panel's: an order of 1000, sold for 5.00, costs 1.80.

let panel: TestPanel;
let upstream: Upstream;
let sold: ServiceId;
let manual: ServiceId;
let customerId: CustomerId;
let key: string;
let partialLater: OrderId;

const dayOne = new Date('2026-03-01T00:00:00Z');
const days = (count: number) => new Date(dayOne.getTime() + count * dayMs);
const dayNumber = () => Math.floor((panel.clock.now().getTime() - dayOne.getTime()) / dayMs);

before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  const { providerId } = upstream;
  await updateProvider(upstream.ctx, staff, {
    providerId,
    changes: { exchangeRate: parseAmount('2', 'rate') },
  });
  await syncProvider(upstream.ctx, staff, providerId);
  sold = await upstream.sell({ rate: '5', dripfeed: true });
  manual = await makeService(panel, { rate: '1' });
  ({ customerId, key } = await makeCustomer(panel, { funds: '100' }));
  await firstDay();
});
after(async () => {
  await upstream.close();
  await panel.close();
});

let links = 0;
function order(service: ServiceId, more: Record<string, string | number> = {}): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/f/${links}`;
  return place(panel, { key, service, link, quantity: 1_000, ...more });
}

async function settle(orderId: OrderId, status: 'Completed' | 'Partial' | 'Canceled', remains = 0) {
  await settleOrder(panel.app, staff, { orderId, status, remains: BigInt(remains) });
}

/** From 12:00: five orders and a drip-feed with the first of its two runs, till 13:02. */
async function firstDay(): Promise<void> {
  const amount = parseAmount('5', 'bonus');
  const bonus = { customerId, amount, reference: 'bonus', source: 'bonuses' } as const;
  await addFunds(panel.app, staff, bonus);
  const byHand = await order(manual);
  const refused = await order(sold);
  const slow = await order(sold);
  const other = await order(sold);
  partialLater = await order(sold);
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward(1);
  await upstream.forward();
  await order(sold, { quantity: 100, runs: 2, interval: 60 });
  await createDueRuns(panel.app);
  await upstream.forward();
  panel.clock.advance(100_000);
  await settle(refused, 'Canceled', 1_000);
  panel.clock.advance(100_000);
  await settle(byHand, 'Completed');
  panel.clock.advance(hourMs - 200_000);
  await settle(slow, 'Completed');
  await settle(other, 'Completed');
  await createDueRuns(panel.app);
  await upstream.forward();
  panel.clock.advance(2 * minuteMs);
}

async function rollUpAll(): Promise<number> {
  let rolled = 0;
  while ((await rollUpDue(panel.app)) > 0) rolled += 1;
  return rolled;
}

const dashboard = (from: number, to: number) =>
  readDashboard(panel.app.db, { from: days(from), to: days(to) });

const topServices = () => readTopServices(panel.app.db, { from: days(0), to: days(1) });

test('a day comes to what its orders, refunds, attempts and deposits say', async () => {
  assert.equal(await rollUpAll(), 1);
  const { total, days: rows, providers } = await dashboard(0, 1);
  const services = await topServices();
  assert.deepEqual(shown(total), {
    orders: 6,
    // 1 by hand, 4 × 5 and two runs of 0.50, less 5 that came back; 3 × 1.80 and two runs of 0.18.
    money: '17.00 5.76 11.24',
    tries: '1/6',
    ended: '3 0 1',
  });
  assert.deepEqual(
    rows.map(({ day, deposits, bonuses, adjustments, asOf, ...sums }) => ({
      day,
      money: [deposits, bonuses, adjustments].map(formatAmount).join(' '),
      asOf,
      sums: shown(sums),
    })),
    [
      {
        day: dayOne,
        money: '100.00 5.00 0.00',
        asOf: panel.clock.now(),
        sums: shown(total),
      },
    ],
  );
  assert.deepEqual(
    providers.map(({ providerId, name, orders, ...figures }) => [
      ...[providerId, name, orders],
      shown({ orders, ...figures }).money,
    ]),
    [
      [upstream.providerId, (await upstream.provider()).name, 5, '16.00 5.76 10.24'],
      [null, null, 1, '1.00 0.00 1.00'],
    ],
  );
  assert.deepEqual(
    services.map(({ serviceId, ...figures }) => [serviceId, shown(figures).money]),
    [
      [sold, '16.00 5.76 10.24'],
      [manual, '1.00 0.00 1.00'],
    ],
  );
});

test('delivery times are those of completed orders, to within a fifth', async () => {
  const { total, providers } = await dashboard(0, 1);
  const services = await topServices();
  const near = (seconds: number | null, expected: number) => {
    assert(seconds !== null && seconds >= expected && seconds <= expected * 1.2, `${seconds}`);
  };
  near(total.medianSeconds, 3_600);
  near(total.p95Seconds, 3_600);
  near(providers[0]?.p95Seconds ?? null, 3_600);
  near(providers[1]?.p95Seconds ?? null, 200);
  const byHand = services.find(({ serviceId }) => serviceId === manual);
  near(byHand?.medianSeconds ?? null, 200);
  const [route, ...others] = await readRouteQuality(panel.app.db, panel.clock.now());
  assert.deepEqual(others, []);
  assert(route !== undefined);
  const { medianSeconds, p95Seconds, ...counts } = route;
  near(medianSeconds, 3_600);
  near(p95Seconds, 3_600);
  assert.deepEqual(counts, {
    serviceId: sold,
    providerId: upstream.providerId,
    completed: 2,
    partial: 0,
    canceled: 1,
    attempts: 6,
    failures: 1,
  });
  assert.deepEqual(
    await readRouteQuality(panel.app.db, panel.clock.now(), { serviceId: manual }),
    [],
  );
});

test('rolled up again a day is the same, and before a minute has passed it is left', async () => {
  const first = await dashboard(0, 1);
  assert.equal(await rollUpAll(), 0);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await rollUpAll(), 1);
  const again = await dashboard(0, 1);
  assert.deepEqual(again.total, first.total);
  assert.deepEqual(again.days[0]?.asOf, panel.clock.now());
});

test('workers that roll up at the same moment do not add up', async () => {
  const { total } = await dashboard(0, 1);
  panel.clock.advance(10 * minuteMs);
  await Promise.all([1, 2, 3, 4].map(() => rollUpDue(panel.app)));
  assert.deepEqual((await dashboard(0, 1)).total, total);
});

test('a refund and the cost that comes back stand on the day they happened', async () => {
  panel.clock.advance(dayMs);
  await settle(partialLater, 'Partial', 400);
  await rollUpAll();
  const { total, days: rows } = await dashboard(1, 2);
  assert.deepEqual(shown(total), {
    orders: 0,
    money: '-2.00 -0.72 -1.28',
    tries: '0/0',
    ended: '0 1 0',
  });
  assert.equal(rows.length, 1);
  assert.equal(formatAmount((await dashboard(0, 2)).total.revenue), '15.00');
  assert.equal((await dashboard(0, 2)).days.length, 2);
});

test('what staff undo is taken back from the day they undo it', async () => {
  panel.clock.advance(10 * minuteMs);
  await settleOrder(panel.app, staff, { orderId: partialLater, status: 'In progress' });
  await rollUpAll();
  assert.deepEqual(shown((await dashboard(1, 2)).total), {
    orders: 0,
    money: '0.00 0.00 0.00',
    tries: '0/0',
    ended: '0 0 0',
  });
});

test('an order that is found at its provider days later still has its cost and day', async () => {
  const before = (await dashboard(0, 1)).total;
  const find = await lose(panel, partialLater);
  panel.clock.advance(dayMs);
  await rollUpAll();
  const lower = (await dashboard(0, 1)).total;
  assert.equal(lower.failures, before.failures + 1);
  assert.equal(formatAmount(lower.cost), '3.96');
  await find();
  panel.clock.advance(dayMs);
  await rollUpAll();
  assert.deepEqual((await dashboard(0, 1)).total, before);
});

test('days after which no worker ran are rolled up, and closed after three more', async () => {
  panel.clock.advance(5 * dayMs);
  assert.equal(await rollUpAll(), 9);
  const closed = await panel.owner.sql`
    select count(*)::int as count from figure_days where is_closed`;
  assert.equal(closed[0]?.count, 5);
  const report = await verify(panel.app.db);
  assert.deepEqual(report.broken, []);
  assert.equal(report.checked.figures_equal_orders_and_events, 5);
  const { total } = await dashboard(0, 1);
  const find = await lose(panel, partialLater);
  panel.clock.advance(dayMs);
  assert.equal(await rollUpAll(), 5);
  assert.deepEqual((await dashboard(0, 1)).total, total);
  await find();
});

test('closed days that staff have computed anew are closed again, and right', async () => {
  const before = await dashboard(0, 3);
  await panel.owner.sql`update figures set orders = orders + 7, cost = 0`;
  const span = { from: dayOne, to: days(2) };
  assert.equal(await recomputeFigures(panel.app, staff, span), 2);
  assert.equal(await rollUpAll(), 2);
  assert.deepEqual((await dashboard(0, 2)).total.orders, before.total.orders);
  assert.deepEqual((await dashboard(0, 2)).total.cost, before.total.cost);
  const report = await verify(panel.app.db);
  assert.deepEqual(report.broken, []);
  assert.equal(report.checked.figures_equal_orders_and_events, 6);
});

test('orders without a known cost are told apart, and the margin leaves them out', async () => {
  const today = dayNumber();
  const uncosted = await sellUncosted({ panel, upstream }, '2');
  await order(uncosted);
  const partial = await order(uncosted);
  await order(sold);
  await upstream.forward();
  await settle(partial, 'Partial', 400);
  await postBySubscription({ panel, upstream, key });
  await rollUpAll();
  const { total, days: rows, providers } = await dashboard(today, today + 1);
  for (const sums of [total, rows[0], providers[0]]) {
    assert(sums !== undefined);
    // 3 × 5 and a post, less 2 that came back; all but the one that costs 1.80 are uncosted.
    assert.equal(shown(sums).money, '13.50 1.80 3.20');
    assert.deepEqual([sums.uncosted, formatAmount(sums.uncostedRevenue)], [3, '8.50']);
  }
  assert.equal(rows.length, 1);
});

test('a drip-feed counts where its first run is, and before it by its route', async () => {
  const today = dayNumber();
  const span = { from: days(today), to: days(today + 1) };
  const counts = async () => {
    panel.clock.advance(10 * minuteMs);
    await rollUpAll();
    const of = async (id: ProviderId | null) =>
      (await readDaysOf(panel.app.db, span, id)).map(({ orders }) => orders);
    return [await of(upstream.providerId), await of(null)].flat();
  };
  const before = await counts();
  const service = await upstream.sell({ rate: '5', dripfeed: true });
  await order(service, { quantity: 100, runs: 2, interval: 600 });
  const [byProvider = 0, byStaff = 0] = before;
  assert.deepEqual(await counts(), [byProvider + 1, byStaff]);
  await setRoutes(panel.app, staff, { serviceId: service, routes: [] });
  await panel.app.catalog.refresh();
  await createDueRuns(panel.app);
  assert.deepEqual(await counts(), [byProvider, byStaff + 1]);
});

test('the upgrade that tells such orders apart sums up their days again, no others', async () => {
  const { sql: owner } = panel.owner;
  await owner`update figure_days set is_closed = true`;
  const file = new URL('../migrations/0038_uncosted.sql', import.meta.url);
  const [, reopening = ''] = (await readFile(file, 'utf8')).split(/^(?=with uncosted)/m);
  await owner.unsafe(reopening);
  const opened = await owner`select day from figure_days where not is_closed order by day`;
  assert.deepEqual(
    opened.map(({ day }) => day),
    [dayOne, days(dayNumber())],
  );
  await rollUpAll();
});

test('where closed days are right, sums show it and no proof falls back on rows', async () => {
  // Amounts of more than 31 bits are weighed in another way.
  const dear = await makeService(panel, { rate: '5' });
  await settle(await order(dear, { quantity: 6_000 }), 'Partial', 5_000);
  panel.clock.advance(10 * minuteMs);
  await rollUpAll();
  await panel.owner.sql`update figure_days set is_closed = true`;
  const [row] = await panel.owner.sql`
    select count(*)::int as closed, (select count(*)::int from order_events
      where before ->> 'status' = 'Partial' and after ->> 'status' = 'In progress') as reopened,
      (select count(*)::int from orders where charge >> 31 > 0 and refunded >> 31 > 0) as large
    from figure_days where is_closed`;
  assert(row?.closed > 0 && row?.reopened > 0 && row?.large > 0);
  assert.deepEqual(await withoutProof(panel, figureChecks), []);
});

test('verify finds a closed day that is not what its orders and transfers say', async () => {
  const lab = await openDamageLab(panel);
  const whole = 'figures_of_all_services_equal_those_of_each';
  const day = `'${dayOne.toISOString()}'`;
  try {
    for (const damage of [
      `update figures set orders = orders + 1 where day = ${day} and service_id = ${sold}`,
      `update figures set charge = charge + 1 where day = ${day} and service_id = ${sold}`,
      `update figures set refunded = refunded - 1 where day = ${day} and service_id = ${sold}`,
      `update figures set completed = completed + 1 where day = ${day} and service_id = ${sold}`,
      `update figures set partial = 1, canceled = canceled - 1
        where day = ${day} and service_id = ${sold}`,
      `delete from figures where day = ${day} and service_id = ${manual}`,
      `insert into figures select day, 99, 99, 1, 0, 0, 0, 0, 0, 0, 0, 0 from figure_days
        where day = ${day}`,
    ]) {
      const broken = new Set(await lab.withDamage(damage));
      const expected = ['figures_equal_orders_and_events', whole];
      assert.deepEqual([...broken], expected, damage);
    }
    for (const damage of [
      `update figures set orders = orders + 1 where day = ${day} and service_id = 0`,
      `update figures set failures = failures + 1 where day = ${day} and service_id = ${sold}`,
      `update figures set uncosted = uncosted + 1 where day = ${day} and service_id = ${sold}`,
      `delete from figures where day = ${day} and service_id = 0 and provider_id = 0`,
    ]) {
      assert.deepEqual([...new Set(await lab.withDamage(damage))], [whole], damage);
    }
    for (const column of ['deposits', 'bonuses', 'adjustments']) {
      const damage = `update figure_days set ${column} = ${column} + 1 where day = ${day}`;
      assert.deepEqual(await lab.withDamage(damage), ['figures_equal_money_in'], damage);
    }
  } finally {
    await lab.close();
  }
});
