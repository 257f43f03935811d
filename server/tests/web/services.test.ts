import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseRate } from '../../src/base/index.ts';
import { updateService, updateSettings } from '../../src/catalog/index.ts';
import { setCustomerPrice, updateCustomer } from '../../src/customers/index.ts';
import { makeService, staff } from '../factories.ts';
import { createVisitor, openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf } from './customers.ts';

type Listed = { services: { id: number; rate: string }[]; favourites: number[] };
type State = { rate?: string; min?: number };
type Changes = {
  rows: { id: number; service: number; kind: string; before: State; after: State }[];
  next: string | null;
};

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

async function makePublic(isPriceListPublic: boolean): Promise<void> {
  await updateSettings(panel.app, staff, { isPriceListPublic });
  await panel.app.catalog.refresh();
}

test('the price list is there for everybody only where the operator allows it', async () => {
  const visitor = createVisitor(panel);
  await makePublic(false);
  const closed = await visitor.get('/api/customer/price-list');
  assert.deepEqual(refusalOf(closed), { status: 404, code: 'not_found' });
  await makePublic(true);
  const service = await makeService(panel, { rate: '2.5' });
  const hidden = await makeService(panel);
  await updateService(panel.app, staff, { serviceId: hidden, changes: { hidden: true } });
  await panel.app.catalog.refresh();
  const open = await visitor.get('/api/customer/price-list');
  assert.equal(open.status, 200);
  const { services } = open.body as Listed;
  assert.equal(services.find(({ id }) => id === service)?.rate, '2.50');
  assert.equal(
    services.find(({ id }) => id === hidden),
    undefined,
  );
});

test('the public list has list prices, and the signed-in one what the customer pays', async () => {
  await makePublic(true);
  const customer = await makeWebCustomer(panel);
  const { customerId } = customer;
  const service = await makeService(panel, { rate: '10' });
  await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints: 2_500 } });
  const rateIn = ({ services }: Listed) => services.find(({ id }) => id === service)?.rate;
  assert.equal(rateIn(await customer.ask<Listed>('/services')), '7.50');
  assert.equal(rateIn(await customer.ask<Listed>('/price-list')), '10.00');
});

test('favourites are kept for the customer alone, and an unknown service is none', async () => {
  const [one, two] = [await makeWebCustomer(panel), await makeWebCustomer(panel)];
  const service = await makeService(panel);
  const keep = (id: number, isFavourite: boolean) =>
    one.visitor.send(`/api/customer/favourites/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ isFavourite }),
    });
  assert.equal((await keep(service, true)).status, 204);
  assert.equal((await keep(service, true)).status, 204);
  assert.deepEqual((await one.ask<Listed>('/services')).favourites, [service]);
  assert.deepEqual((await two.ask<Listed>('/services')).favourites, []);
  assert.equal((await keep(service, false)).status, 204);
  assert.deepEqual((await one.ask<Listed>('/services')).favourites, []);
  assert.deepEqual(refusalOf(await keep(999_999, true)), { status: 404, code: 'not_found' });
});

test('changes are told page by page, at what the customer pays, never of hidden ones', async () => {
  const customer = await makeWebCustomer(panel);
  const { customerId } = customer;
  await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints: 1_000 } });
  const service = await makeService(panel, { rate: '1', min: 50 });
  const own = await makeService(panel, { rate: '1' });
  const rate = parseRate('0.5', 'rate');
  await setCustomerPrice(panel.app, staff, { customerId, serviceId: own, rate });
  const hidden = await makeService(panel, { rate: '1' });
  const set = (serviceId: typeof service, changes: object) =>
    updateService(panel.app, staff, { serviceId, changes });
  await set(service, { rate: parseRate('2', 'rate'), min: 100 });
  await set(own, { rate: parseRate('3', 'rate') });
  await set(hidden, { hidden: true, rate: parseRate('9', 'rate') });
  await set(service, { enabled: false });
  await panel.app.catalog.refresh();

  const rows: Changes['rows'] = [];
  let path = '/services/changes?limit=2';
  for (;;) {
    const page: Changes = await customer.ask<Changes>(path);
    assert(page.rows.length <= 2);
    rows.push(...page.rows);
    if (page.next === null) break;
    path = `/services/changes?limit=2&cursor=${page.next}`;
  }
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  const told = (id: number) => rows.filter((row) => row.service === id).map(({ kind }) => kind);
  // What is disabled shows only that it is.
  assert.deepEqual(told(service), ['disabled']);
  assert.deepEqual(told(hidden), []);
  assert.deepEqual(told(own), ['created']);

  await set(service, { enabled: true });
  await panel.app.catalog.refresh();
  const { rows: all } = await customer.ask<Changes>('/services/changes?limit=100');
  const changed = all.find((row) => row.service === service && row.kind === 'rate');
  assert.deepEqual([changed?.before, changed?.after], [{ rate: '0.90' }, { rate: '1.80' }]);
  const limits = all.find((row) => row.service === service && row.kind === 'limits');
  assert.deepEqual([limits?.before.min, limits?.after.min], [50, 100]);
});

test('changes that a customer does not feel leave no page empty before the end', async () => {
  const customer = await makeWebCustomer(panel);
  const { customerId } = customer;
  const felt = await makeService(panel, { rate: '1' });
  const own = await makeService(panel, { rate: '1' });
  const rate = parseRate('0.5', 'rate');
  await setCustomerPrice(panel.app, staff, { customerId, serviceId: own, rate });
  const raise = (serviceId: typeof felt, text: string) =>
    updateService(panel.app, staff, { serviceId, changes: { rate: parseRate(text, 'rate') } });
  await raise(felt, '2');
  for (const text of ['2', '3', '4', '5', '6']) await raise(own, text);
  await panel.app.catalog.refresh();
  const { rows, next } = await customer.ask<Changes>('/services/changes?limit=2');
  assert.equal(rows[0]?.service, felt);
  assert.equal(next, String(rows.at(-1)?.id));
});
