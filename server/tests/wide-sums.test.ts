import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OrderId, parseAmount, type ServiceId } from '../src/base/index.ts';
import { syncProvider } from '../src/catalog/index.ts';
import { runCommand } from '../src/cli/fixture.ts';
import { figureChecks, rollUpDue } from '../src/figures/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { updateProvider } from '../src/providers/index.ts';
import { sandboxServices } from '../src/sandbox/index.ts';
import { openDamageLab, withoutProof } from './damage.ts';
import { openUpstream, place, type Upstream } from './delivery/upstream.ts';
import { makeCustomer, staff } from './factories.ts';
import { openSignInPanel, type SignInPanel } from './sign-in/visitor.ts';
import { type Member, openMember } from './web/members.ts';

// A wallet holds 92,233,720,368.54775807 at most. In a currency of which a dollar is sixteen
// thousand or more, several of them together hold more, and a day moves more. Figures are worked
// out by hand: an order of 5,000,000 is sold for 50 billion and costs 300 at the provider, of whose
// currency one costs 100 million of the panel's.

let panel: SignInPanel;
let upstream: Upstream;
let member: Member;
let sold: ServiceId;
let uncosted: ServiceId;
const max = 10_000_000;
const orders: OrderId[] = [];
const keys: string[] = [];

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
  const services = sandboxServices.map((service) => ({ ...service, max }));
  upstream = await openUpstream(panel, { services });
  const { providerId } = upstream;
  const changes = { exchangeRate: parseAmount('100000000', 'rate') };
  await updateProvider(upstream.ctx, staff, { providerId, changes });
  await syncProvider(upstream.ctx, staff, providerId);
  await panel.owner.sql`update provider_services set cost = 6000000 where external_id = '1'`;
  sold = await upstream.sell({ rate: '10000000', max });
  await panel.owner.sql`update provider_services set cost = null where external_id = '2'`;
  uncosted = await upstream.sell({ rate: '10000000', external: '2', max });
});
after(async () => {
  await upstream.close();
  await panel.close();
});

async function done(method: 'POST' | 'PATCH', path: string, body: object) {
  const answer = await member.ask(method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

async function read(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await member.get(path);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** Some fields of an object, one after the other. */
function fieldsOf(value: unknown, ...names: string[]): unknown[] {
  return names.map((name) => Object(value)[name]);
}

test('one member of staff may give customers more on a day than one wallet holds', async () => {
  for (let number = 0; number < 6; number += 1) {
    const { customerId, key } = await makeCustomer(panel, { funds: '0' });
    const path = `/customers/${customerId}`;
    await done('POST', `${path}/funds`, { amount: '80000000000', reference: 'first' });
    const link = `https://example.com/${number}`;
    keys.push(key);
    orders.push(await place(panel, { key, service: sold, link, quantity: 5_000_000 }));
    if (number < 2) continue;
    const bonus = { amount: '24000000000', reference: 'bonus', source: 'bonuses' };
    await done('POST', `${path}/funds`, bonus);
    const change = { amount: '24000000000', reason: 'sorry', reference: 'sorry' };
    await done('POST', `${path}/adjustments`, change);
  }
  const [given] = await panel.owner.sql`select amount::text from staff_spending`;
  assert.equal(given?.amount, '67200000000000000000');
});

test('a day on which more moved than one wallet holds has its figures', async () => {
  await upstream.forward();
  for (const orderId of orders.slice(0, 2)) {
    await settleOrder(panel.app, staff, { orderId, status: 'Canceled', remains: 5_000_000n });
  }
  for (const key of keys.slice(2)) {
    const link = `https://example.com/${key}`;
    await place(panel, { key, service: uncosted, link, quantity: 4_000_000 });
  }
  await upstream.forward();
  while ((await rollUpDue(panel.app)) > 0);
  const { total, days, services, providers } = await read('/dashboard?days=365');
  const [today, provider, of] = [Object(days).at(-1), Object(providers)[0], Object(services)];
  const money = ['revenue', 'cost', 'margin', 'uncostedRevenue'];
  for (const sums of [total, today, provider]) {
    assert.deepEqual(fieldsOf(sums, ...money), [
      ...['360000000000.00', '120000000000.00', '80000000000.00', '160000000000.00'],
    ]);
  }
  assert.deepEqual(fieldsOf(of[0], 'serviceId', 'revenue'), [sold, '200000000000.00']);
  assert.deepEqual(fieldsOf(of[1], 'serviceId', 'revenue'), [uncosted, '160000000000.00']);
  assert.deepEqual(fieldsOf(today, 'deposits', 'bonuses', 'adjustments'), [
    ...['480000000000.00', '96000000000.00', '96000000000.00'],
  ]);
});

test('what a provider was paid is told of the day, and of many', async () => {
  const { providerId } = upstream;
  const spent = ['120000000000.00', '120000000000.00'];
  const { providers } = await read('/providers');
  assert.deepEqual(fieldsOf(Object(providers)[0], 'spentToday', 'spentMonth'), spent);
  const { days, ...provider } = await read(`/providers/${providerId}`);
  assert.deepEqual(fieldsOf(provider, 'spentToday', 'spentMonth'), spent);
  const expected = ['120000000000.00', '360000000000.00'];
  assert.deepEqual(fieldsOf(Object(days).at(-1), 'cost', 'revenue'), expected);
  const chart = await read(`/dashboard/days?days=7&provider=${providerId}`);
  assert.deepEqual(fieldsOf(Object(chart.days).at(-1), 'cost', 'revenue'), expected);
});

test('what one order costs is told in the currency of the panel', async () => {
  const { money, attempts } = await read(`/orders/${orders[5]}`);
  assert.deepEqual(fieldsOf(money, 'cost', 'margin'), ['30000000000.00', '20000000000.00']);
  const [attempt] = Object(attempts);
  assert.deepEqual(fieldsOf(attempt, 'cost'), ['30000000000.00']);
});

test('a closed day of such sums is proven by sums, and one that is wrong is found', async () => {
  await panel.owner.sql`update figure_days set is_closed = true`;
  await panel.verify();
  assert.deepEqual(await withoutProof(panel, figureChecks), []);
  const { code, stdout } = await runCommand(['verify', '--json'], {
    DATABASE_URL: panel.databaseUrl,
    LOG_LEVEL: 'warn',
  });
  assert.deepEqual([code, JSON.parse(stdout).ok], [0, true]);
  const lab = await openDamageLab(panel);
  try {
    for (const column of ['charge', 'refunded']) {
      const damage = `update figures set ${column} = ${column} + 1 where service_id = ${sold}`;
      assert.deepEqual(await lab.withDamage(damage), [
        ...['figures_equal_orders_and_events', 'figures_of_all_services_equal_those_of_each'],
      ]);
    }
    for (const column of ['deposits', 'bonuses', 'adjustments']) {
      const damage = `update figure_days set ${column} = ${column} - 1`;
      assert.deepEqual(await lab.withDamage(damage), ['figures_equal_money_in']);
    }
  } finally {
    await lab.close();
  }
});

test('counts of a span are more than an integer holds', async () => {
  await panel.owner.sql`
    insert into figures
    select date_trunc('day', now(), 'UTC') - interval '1 day' * n, 0, service, 2000000000, 0, 0, 0,
      2000000001, 2000000002, 2000000003, 2000000004, 2000000005, 2000000006, 0
    from generate_series(1, 3) n, unnest(array[0, ${sold}::int]) service`;
  const counts = ['attempts', 'failures', 'completed', 'partial', 'canceled', 'uncosted'];
  const { total, before, providers } = await read('/dashboard?days=90');
  const [byStaff] = Object(providers).filter((row: object) => fieldsOf(row, 'name')[0] === null);
  assert.deepEqual(
    fieldsOf(byStaff, 'orders', ...counts),
    [0, 1, 2, 3, 4, 5, 6].map((more) => 3 * (2_000_000_000 + more)),
  );
  assert(Object(total).attempts > 6_000_000_000 && Object(before).attempts === 0);
});
