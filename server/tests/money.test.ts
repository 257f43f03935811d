import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { formatRate, parseRate, rate, type ServiceId } from '../src/base/index.ts';
import { setCustomerPrice, updateCustomer } from '../src/customers/index.ts';
import { orderFields } from '../src/orders/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { isSpread, openTestPanel, type TestPanel } from './harness.ts';
import { compare, type Model, type ModelService, steps, takeStep } from './money-model.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const link = 'https://example.com/money';
const minutes = 60_000;

async function makeModelServices(): Promise<ModelService[]> {
  const sold: [ModelService['kind'], string][] = [
    ['plain', '0.90'],
    ['plain', '0.00001'],
    ['plain', '0'],
    ['package', '4.50'],
    ['lines', '3.33333'],
    ['subscription', '1.23457'],
  ];
  const types = {
    plain: 'Default',
    package: 'Package',
    lines: 'Custom Comments',
    subscription: 'Subscriptions',
  } as const;
  const services: ModelService[] = [];
  for (const [kind, price] of sold) {
    const id = await makeService(panel, {
      type: types[kind],
      rate: price,
      min: 1,
      cancel: true,
      refill: true,
      dripfeed: kind === 'plain',
    });
    services.push({ id, kind, list: parseRate(price, 'rate') });
  }
  return services;
}

/** One life of sixty steps takes a cluster longer than many take elsewhere. */
const lifeTimeMs = isSpread ? 60_000 : 8_000;

test('after any life of a panel the books and every balance are the model’s', async () => {
  const services = await makeModelServices();
  const life = fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(life, async (list) => {
      const model: Model = { panel, services, customers: [], orders: [], deposits: 0 };
      for (let count = 0; count < 3; count += 1) {
        const { customerId } = await makeCustomer(panel, { funds: '2' });
        const balance = 200_000_000n;
        const terms = { limit: 0n, discount: 0n, own: new Map() };
        model.customers.push({ id: customerId, balance, ...terms });
      }
      for (const step of list) {
        await takeStep(model, step);
        await compare(model);
      }
      await panel.verify();
    }),
    { numRuns: 20, endOnFailure: true, interruptAfterTimeLimit: lifeTimeMs },
  );
});

/** The rate shown to a customer, in 10⁻⁵, and what an order then costs, in 10⁻⁸. */
async function shownRate(key: string, service: ServiceId): Promise<bigint> {
  const list: unknown = await panel.call({ key, action: 'services' });
  assert(Array.isArray(list));
  const row: unknown = list.find((one: unknown) => Reflect.get(Object(one), 'service') === service);
  return parseRate(String(Reflect.get(Object(row), 'rate')), 'rate');
}

async function chargeOf(fields: Record<string, string | number>): Promise<bigint> {
  const reply = await panel.call({ action: 'add', link, ...fields });
  const id: unknown = Reflect.get(Object(reply), 'order');
  assert.equal(typeof id, 'number', JSON.stringify(reply));
  const [row] = await panel.owner.sql<{ charge: bigint }[]>`
    select charge from orders where id = ${String(id)}`;
  panel.clock.advance(minutes);
  return row?.charge ?? -1n;
}

test('in every pricing layer an order costs the rate that is shown, exactly', async () => {
  const layers = fc.record({
    list: fc.integer({ min: 1, max: 100_000_000 }),
    discount: fc.integer({ min: 0, max: 9_999 }),
    own: fc.option(fc.integer({ min: 1, max: 100_000_000 }), { nil: null }),
    quantity: fc.integer({ min: 1, max: 10_000 }),
  });
  const { customerId, key } = await makeCustomer(panel, { funds: '90000000000' });
  await fc.assert(
    fc.asyncProperty(layers, async ({ list, discount, own, quantity }) => {
      const price = formatRate(rate(BigInt(list)));
      const service = await makeService(panel, { min: 1, rate: price, dripfeed: true });
      const pack = await makeService(panel, { type: 'Package', min: 1, max: 1, rate: price });
      const changes = { discountBasisPoints: discount };
      await updateCustomer(panel.app, staff, { customerId, changes });
      if (own !== null) {
        const input = { customerId, serviceId: service, rate: rate(BigInt(own)) };
        await setCustomerPrice(panel.app, staff, input);
      }
      // Every process hears of a change within moments; a customer is charged what it was shown.
      panel.app.keyring.onChange({ kind: 'customer', customerId });
      const shown = await shownRate(key, service);
      const discounted = (BigInt(list) * BigInt(10_000 - discount) + 9_999n) / 10_000n;
      assert.equal(shown, own === null ? discounted : BigInt(own));
      assert(shown > 0n);
      assert.equal(await chargeOf({ key, service, quantity }), shown * BigInt(quantity));
      const dripFeed = { key, service, quantity, runs: 3, interval: 1 };
      assert.equal(await chargeOf(dripFeed), shown * BigInt(quantity * 3));
      const packRate = await shownRate(key, pack);
      assert.equal(await chargeOf({ key, service: pack }), packRate * 1000n);
    }),
    { numRuns: 20, endOnFailure: true, interruptAfterTimeLimit: 4_000 },
  );
  await panel.verify();
});

test('splitting an order never makes it cheaper, and no priced order is free', async () => {
  const splits = fc.record({
    parts: fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 2, maxLength: 3 }),
    list: fc.integer({ min: 1, max: 500 }),
    discount: fc.integer({ min: 0, max: 9_999 }),
  });
  const { customerId, key } = await makeCustomer(panel, { funds: '1000' });
  await fc.assert(
    fc.asyncProperty(splits, async ({ parts, list, discount }) => {
      const service = await makeService(panel, { min: 1, rate: formatRate(rate(BigInt(list))) });
      const changes = { discountBasisPoints: discount };
      await updateCustomer(panel.app, staff, { customerId, changes });
      panel.app.keyring.onChange({ kind: 'customer', customerId });
      const total = parts.reduce((sum, part) => sum + part, 0);
      const whole = await chargeOf({ key, service, quantity: total });
      let split = 0n;
      for (const quantity of parts) {
        const charge = await chargeOf({ key, service, quantity });
        assert(charge > 0n);
        split += charge;
      }
      assert(split >= whole);
    }),
    { numRuns: 15, endOnFailure: true, interruptAfterTimeLimit: 2_500 },
  );
});

test('no field of a request changes the price but quantity, lists and runs', async () => {
  const service = await makeService(panel, { rate: '0.90', min: 1 });
  const pack = await makeService(panel, { type: 'Package', rate: '0.90', min: 1, max: 1 });
  const { key } = await makeCustomer(panel, { funds: '1000' });
  const documented = new Set<string>([...Object.keys(orderFields), 'key', 'action', 'service']);
  const tempting = ['rate', 'charge', 'price', 'discount', 'amount', 'total', 'customer_id', 'id'];
  const odd = [
    'balance',
    'currency',
    'parent_id',
    '__proto__',
    'constructor',
    'discountBasisPoints',
  ];
  const names = fc.oneof(
    fc.constantFrom(...tempting, ...odd, 'quantity[]', 'rate[]', 'Quantity', 'QUANTITY'),
    fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !documented.has(name)),
    // Documented, of other types: a plain order does not have them.
    fc.constantFrom('comments', 'usernames', 'min', 'max', 'posts', 'answer_number', 'device'),
  );
  const values = fc.constantFrom('0', '0.00001', '-1', '1', '999999', '', 'x', 'null');
  const extras = fc.dictionary(names, values, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(extras, async (extra) => {
      const { request_id: _id, link: _link, quantity: _quantity, ...rest } = extra;
      assert.equal(await chargeOf({ ...rest, key, service, quantity: 100 }), 9_000_000n);
      assert.equal(await chargeOf({ ...rest, key, service: pack, quantity: 5 }), 90_000_000n);
    }),
    { numRuns: 40, endOnFailure: true, interruptAfterTimeLimit: 2_500 },
  );
});
