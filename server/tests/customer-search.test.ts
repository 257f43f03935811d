import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CustomerId, formatAmount, parseAmount, parseRate } from '../src/base/index.ts';
import { requestCancels } from '../src/cancels/index.ts';
import {
  createCustomer,
  readCustomer,
  revokeKey,
  searchCustomers,
  setCustomerPrice,
  updateCustomer,
} from '../src/customers/index.ts';
import { readCustomerActivity } from '../src/figures/index.ts';
import { inviteUser } from '../src/sign-in/index.ts';
import { place } from './delivery/upstream.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

async function find(text: string, status?: 'active' | 'suspended'): Promise<CustomerId[]> {
  const filter = { text, ...(status === undefined ? {} : { status }) };
  const { customers } = await searchCustomers(panel.app.db, filter, { limit: 50 });
  return customers.map(({ id }) => id);
}

test('customers are found by number, and by a part of name or e-mail in any case', async () => {
  const add = (name: string) => createCustomer(panel.app, staff, { name });
  const [ann, percent, other] = [
    await add('Ann Müller'),
    await add('100% Growth_x'),
    await add('Q'),
  ];
  const email = 'Buyer.Ann@Example.com';
  await inviteUser(panel.app, staff, { owner: { customerId: other }, email });
  assert.deepEqual(await find('MÜLLER'), [ann]);
  assert.deepEqual(await find('  ann'), [other, ann]);
  assert.deepEqual(await find('buyer.ANN@'), [other]);
  assert.deepEqual(await find(`${percent}`), [percent]);
  assert.deepEqual(await find('0%'), [percent]);
  assert.deepEqual(await find('h_x'), [percent]);
  assert.deepEqual(await find('%'), [percent]);
  assert.deepEqual(await find('nobody at all'), []);
  assert.deepEqual(await find('99999999999999999999'), []);
  await updateCustomer(panel.app, staff, { customerId: ann, changes: { status: 'suspended' } });
  assert.deepEqual(await find('ann', 'suspended'), [ann]);
  assert.deepEqual(await find('ann', 'active'), [other]);
});

test('pages go on where the last one ended while customers are added', async () => {
  for (let count = 0; count < 5; count += 1) {
    await createCustomer(panel.app, staff, { name: `Paged ${count}` });
  }
  const page = (before?: CustomerId) =>
    searchCustomers(
      panel.app.db,
      { text: 'paged' },
      { limit: 2, ...(before === undefined ? {} : { before }) },
    );
  const first = await page();
  await createCustomer(panel.app, staff, { name: 'Paged late' });
  assert(first.next !== null);
  const second = await page(first.next);
  assert(second.next !== null);
  const third = await page(second.next);
  const names = [first, second, third].flatMap(({ customers }) =>
    customers.map(({ name }) => name),
  );
  assert.deepEqual(names, ['Paged 4', 'Paged 3', 'Paged 2', 'Paged 1', 'Paged 0']);
  assert.equal(third.next, null);
});

test('a customer is shown with balance, terms, prices, keys and what is under way', async () => {
  const { customerId, key } = await makeCustomer(panel, { funds: '20' });
  const service = await makeService(panel, { rate: '1', cancel: true, name: 'Shown' });
  await setCustomerPrice(panel.app, staff, {
    customerId,
    serviceId: service,
    rate: parseRate('0.5', 'rate'),
  });
  await updateCustomer(panel.app, staff, {
    customerId,
    changes: {
      discountBasisPoints: 250,
      creditLimit: parseAmount('10', 'limit'),
      callsPerSecondMax: 5,
    },
  });
  const link = 'https://example.com/shown';
  const orderId = await place(panel, { key, service, link, quantity: 1_000 });
  await requestCancels(panel.app, { kind: 'customer', customerId, keyId: null }, [orderId]);
  const shown = await readCustomer(panel.app.db, customerId);
  assert(shown !== undefined);
  const { keys, balance, creditLimit, createdAt, name, ...rest } = shown;
  assert.deepEqual([balance, creditLimit].map(formatAmount), ['19.50', '10.00']);
  assert.deepEqual([createdAt, keys.length, name.length > 0], [panel.clock.now(), 1, true]);
  assert.deepEqual(rest, {
    id: customerId,
    email: null,
    status: 'active',
    discountBasisPoints: 250,
    suspendedBy: null,
    suspensionNote: '',
    callsPerSecondMax: 5,
    language: 'en',
    timeZone: 'UTC',
    notifications: [],
    transfers: 2n,
    prices: [{ serviceId: service, service: 'Shown', rate: parseRate('0.5', 'rate') }],
  });
  assert.deepEqual(await readCustomerActivity(panel.app.db, customerId), {
    running: 1,
    openRefills: 0,
    openCancels: 1,
    lastOrderAt: panel.clock.now(),
  });
  const [only] = keys;
  assert(only !== undefined);
  await revokeKey(panel.app, staff, { customerId, keyId: only.id });
  const after = await readCustomer(panel.app.db, customerId);
  assert.deepEqual(after?.keys[0]?.revokedAt, panel.clock.now());
  await setCustomerPrice(panel.app, staff, { customerId, serviceId: service, rate: null });
  assert.deepEqual((await readCustomer(panel.app.db, customerId))?.prices, []);
  assert.equal(await readCustomer(panel.app.db, 999_999 as CustomerId), undefined);
});
