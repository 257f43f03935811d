import { readCustomerTimeline } from '../../src/fulfilment/index.ts';
import { readStatement } from '../../src/ledger/index.ts';
import { listOrders } from '../../src/orders/index.ts';
import { lostIn, recent } from './customers.ts';
import { must } from './model.ts';
import { type Operation, pick, scale } from './operations.ts';
import { secretsOf, type World } from './world.ts';

const pageMax = 20;

/** A customer reads a page: it holds nothing of others, and nothing of upstreams. */
export async function look(world: World, operation: Operation): Promise<string> {
  const { model } = world;
  const customer = pick(model.customers, operation.a);
  const order = pick(recent(world), operation.b);
  if (customer === undefined || order === undefined) return 'nothing';
  const customerId = customer.id;
  const page = await readPage(world, { customerId, orderId: order.id, which: operation.c }).catch(
    lostIn(world),
  );
  if (page === undefined) return 'lost';
  const text = JSON.stringify(page, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const leak = secretsOf(world).find((secret) => text.includes(secret));
  must(leak === undefined, 'I12', () => `a page of customer ${customerId} holds ${leak}`);
  for (const row of page) {
    const found = model.orders.get(Object(row).orderId ?? Object(row).id);
    const isForeign = found !== undefined && found.customer !== customer;
    must(!isForeign, 'I12', () => `a page of customer ${customerId} shows ${found?.id}`);
  }
  const isForeign = order.customer !== customer;
  const isTimeline = scale(operation.c, 3) === 1;
  must(!(isForeign && isTimeline && page.length > 0), 'I12', () => `sees ${order.id}'s timeline`);
  return String(page.length);
}

type Asked = {
  customerId: Parameters<typeof readStatement>[1];
  orderId: Parameters<typeof readCustomerTimeline>[1]['orderId'];
  which: number;
};

async function readPage(
  { app }: World,
  { customerId, orderId, which }: Asked,
): Promise<readonly unknown[]> {
  switch (scale(which, 3)) {
    case 0:
      return listOrders(app.db, { customerId, limit: pageMax });
    case 1:
      return (await readCustomerTimeline(app.db, { customerId, orderId })).entries;
    default:
      return (await readStatement(app.db, customerId, { limit: pageMax })).lines;
  }
}
