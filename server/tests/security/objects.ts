import assert from 'node:assert/strict';
import { dayMs, type OrderId } from '../../src/base/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';
import { makeProvider } from '../listings.ts';
import { makeMethod, start } from '../payments/steps.ts';
import type { Route } from './routes.ts';

/** Numbers of one customer's things, and of the panel's, by the names that routes give them. */
export type Objects = Readonly<Record<string, string>>;

/** Numbers that nothing has. */
export const missing: Objects = {
  orderId: '999999001',
  orders: '999999001',
  parent: '999999001',
  refillId: '999999002',
  customerId: '9999003',
  keyId: '9999004',
  paymentId: '9999005',
  staffId: '9999006',
  serviceId: '9999007',
  categoryId: '9999008',
  providerId: '9999009',
  methodId: '9999010',
  strayId: '9999011',
  id: 'session-of-nobody',
};

/** A customer with one of everything that a customer can have. */
export async function makeObjects(panel: TestPanel) {
  const { customerId, key } = await makeCustomer(panel, { funds: '1000' });
  const service = await makeService(panel, {
    ...{ dripfeed: true, cancel: true, refill: true, refillDays: 30 },
  });
  const add = async (more: Record<string, string | number> = {}) => {
    const link = `https://example.com/${customerId}/${Math.random()}`;
    const reply = await panel.call({ key, action: 'add', service, link, quantity: 100, ...more });
    const order: unknown = Reflect.get(Object(reply), 'order');
    assert(order !== undefined, JSON.stringify(reply));
    return String(order);
  };
  const refilled = await add();
  await settleOrder(panel.app, staff, {
    orderId: BigInt(refilled) as OrderId,
    status: 'Completed',
  });
  panel.clock.advance(2 * dayMs);
  const refill = Object(await panel.call({ key, action: 'refill', order: refilled }));
  const methodId = await makeMethod(panel, { kind: 'manual' });
  const paymentId = await start(panel.app, { customerId, methodId });
  const parent = await add({ runs: 3, interval: 60 });
  await createDueRuns(panel.app);
  const [keyRow] = await panel.owner.sql`select id from api_keys where customer_id = ${customerId}`;
  const [category] = await panel.owner.sql`select id from categories limit 1`;
  const [stray] = await panel.owner.sql`
    insert into payment_strays (method_id, external_event_id, report, created_at)
    values (${methodId}, ${`stray-${customerId}`}, '{}', ${panel.clock.now()}) returning id`;
  const providerId = await makeProvider(panel);
  const objects: Objects = {
    orderId: parent,
    parent,
    orders: await add(),
    refillId: String(refill.refill),
    customerId: String(customerId),
    keyId: String(keyRow?.id),
    paymentId: String(paymentId),
    serviceId: String(service),
    categoryId: String(category?.id),
    providerId: String(providerId),
    methodId: String(methodId),
    strayId: String(stray?.id),
  };
  return { customerId, key, objects };
}

/** A request for a route that names these objects. */
export function requestOf(
  route: Route,
  objects: Objects,
): { path: string; method: string; body?: string; headers: Record<string, string> } {
  const { api, method, pathNames, queryNames } = route;
  const path = pathNames.reduce((text, name) => {
    const id = objects[name];
    assert(id !== undefined, `${route.path}: add an example of ${name} to objects.ts`);
    return text.replace(`{${name}}`, id);
  }, route.path);
  const given = new URLSearchParams(route.query);
  if (queryNames.includes('parent')) given.set('parent', String(objects.parent));
  const query = given.toString();
  const url = `/api/${api}${path}${query === '' ? '' : `?${query}`}`;
  if (route.body === undefined) return { path: url, method, headers: {} };
  const body = JSON.stringify(withOwned(route.body, objects));
  return { path: url, method, body, headers: { 'content-type': 'application/json' } };
}

/** A body that names these orders. */
function withOwned(body: unknown, { orders }: Objects): unknown {
  const named = Object(body);
  return Array.isArray(named.orders) ? { ...named, orders: [Number(orders)] } : body;
}
