import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, minuteMs, parseAmount, type ServiceId } from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addMethod, updateMethod } from '../../src/payments/index.ts';
import { place } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { makeProvider } from '../listings.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
let service: ServiceId;
let key: string;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
  service = await makeService(panel, { rate: '10', cancel: true });
  ({ key } = await makeCustomer(panel, { funds: '40' }));
});
after(() => panel.close());

type Day = {
  day: string;
  orders: number;
  revenue: string;
  deposits: string;
  medianSeconds: number | null;
};
type Figures = {
  total: { orders: number; revenue: string; margin: string; completed: number };
  before: { orders: number };
  days: Day[];
  providers: { providerId: number | null; orders: number }[];
  services: { serviceId: number; orders: number }[];
};

async function figures(days: string): Promise<Figures> {
  const { status, body } = await member.get(`/dashboard?days=${days}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Figures; // the test looks at its fields
}

/** Sums up every day that is due, as a worker does. */
async function rollUp(): Promise<void> {
  while (await rollUpDue(panel.app));
}

test('a span has its orders and money, and the one before it is told apart', async () => {
  for (const [at, quantity] of [100, 200].entries()) {
    const link = `https://example.com/day/${at}`;
    const orderId = await place(panel, { key, service, link, quantity });
    panel.clock.advance(minuteMs);
    await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  }
  await rollUp();
  const week = await figures('7');
  assert.deepEqual([week.total.orders, week.total.revenue], [2, '3.00']);
  assert.deepEqual([week.total.margin, week.total.completed], ['3.00', 2]);
  assert.equal(week.days.length, 7);
  const times = week.days.map(({ medianSeconds }) => medianSeconds);
  assert.deepEqual([times.at(-1), times.at(-2)], [64, null]);
  assert.deepEqual([week.before.orders, week.days.at(-1)?.deposits], [0, '40.00']);
  assert.deepEqual(
    week.services.map(({ serviceId, orders }) => [serviceId, orders]),
    [[service, 2]],
  );
  assert.deepEqual(
    week.providers.map(({ providerId, orders }) => [providerId, orders]),
    [[null, 2]],
  );
  panel.clock.advance(7 * dayMs);
  await rollUp();
  const next = await figures('7');
  assert.deepEqual([next.total.orders, next.before.orders], [0, 2]);
  assert.equal((await figures('30')).total.orders, 2);
});

test('days are told of one provider, or of what staff delivered', async () => {
  const providerId = await makeProvider(panel);
  const daysOf = async (provider: string | number) => {
    const { status, body } = await member.get(`/dashboard/days?days=30&provider=${provider}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.days as unknown as (Day & { uncosted: number })[]; // looked at below
  };
  const [byStaff, byProvider] = [await daysOf('staff'), await daysOf(providerId)];
  assert.deepEqual([byStaff.length, byProvider.length], [30, 30]);
  const known = byStaff.filter(({ orders }) => orders > 0);
  assert.deepEqual(
    known.map(({ orders, revenue, uncosted, deposits }) => [orders, revenue, uncosted, deposits]),
    [[2, '3.00', 0, undefined]],
  );
  assert(byProvider.every(({ orders, revenue }) => orders === 0 && revenue === '0.00'));
});

test('a new panel says what there is to set up, and ticks off what was', async () => {
  const fresh = await openSignInPanel();
  try {
    const operator = await openMember(fresh);
    const steps = async () => (await operator.get('/dashboard')).body.steps;
    const none = { settings: false, provider: false, services: false };
    assert.deepEqual(await steps(), { ...none, payments: false, customers: false });
    await makeService(fresh, { rate: '1' });
    await makeProvider(fresh);
    await makeCustomer(fresh);
    const method = {
      kind: 'manual',
      name: 'Transfer',
      min: parseAmount('1', 'min'),
      max: parseAmount('10', 'max'),
    } as const;
    const methodId = await addMethod(fresh.app, staff, { ...method, enabled: false });
    const some = { settings: false, provider: true, services: true };
    assert.deepEqual(await steps(), { ...some, payments: false, customers: true });
    await updateMethod(fresh.app, staff, { methodId, changes: { enabled: true } });
    await updateSettings(fresh.app, staff, { name: 'Clearwater' });
    const all = { settings: true, provider: true, services: true };
    assert.deepEqual(await steps(), { ...all, payments: true, customers: true });
  } finally {
    await fresh.close();
  }
});

test('only the offered spans, and a provider where one is needed, are answered', async () => {
  for (const path of [
    ...['/dashboard?days=8', '/dashboard/days?days=8&provider=staff'],
    ...['/dashboard/days?days=7&provider=0', '/dashboard/days?days=7'],
  ]) {
    const answer = await member.get(path);
    assert.deepEqual(refusalOf(answer), { status: 400, code: 'invalid_input' }, path);
  }
});

test('staff who do not see payments do not see what the panel earns', async () => {
  const other = await openMember(panel, ['orders', 'services', 'customers']);
  for (const path of ['/dashboard', '/dashboard/days?provider=staff']) {
    const answer = await other.get(path);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' }, path);
  }
});
