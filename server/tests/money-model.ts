import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Actor,
  type Amount,
  AppError,
  amount,
  type CustomerId,
  hourMs,
  minuteMs,
  type OrderId,
  type Rate,
  rate,
  type ServiceId,
} from '../src/base/index.ts';
import { cancelParent, decideCancel, requestCancels } from '../src/cancels/index.ts';
import { readPriceTerms, setCustomerPrice, updateCustomer } from '../src/customers/index.ts';
import { readBalances } from '../src/ledger/index.ts';
import {
  announcePost,
  createDuePosts,
  createDueRuns,
  type OrderStatus,
  placeOrder,
  settleOrder,
} from '../src/orders/index.ts';
import { addFunds } from '../src/payments/index.ts';
import { requestRefills } from '../src/refills/index.ts';
import { staff } from './factories.ts';
import type { TestPanel } from './harness.ts';

/** What the test sells: a list price in 10⁻⁵, and how an order of it is asked for. */
export type ModelService = {
  id: ServiceId;
  list: bigint;
  kind: 'plain' | 'package' | 'lines' | 'subscription';
};

type ModelOrder = { id: OrderId; customer: ModelCustomer; isParent: boolean };
type ModelCustomer = {
  id: CustomerId;
  balance: bigint;
  limit: bigint;
  discount: bigint;
  own: Map<ServiceId, bigint>;
};

export type Model = {
  panel: TestPanel;
  services: readonly ModelService[];
  customers: ModelCustomer[];
  orders: ModelOrder[];
  deposits: number;
};

const pick = fc.nat({ max: 1_000_000 });
const statuses = fc.constantFrom<OrderStatus>(
  'In progress',
  'Completed',
  'Partial',
  'Canceled',
  'Pending',
);

/** One step of the random life of a panel; `who`, `what` and `n` choose by remainder. */
export const steps = fc.record({
  kind: fc.constantFrom(
    'deposit',
    'terms',
    'place',
    'place',
    'place',
    'settle',
    'settle',
    'cancel',
    'decide',
    'runs',
    'posts',
    'stop',
    'refill',
  ),
  who: pick,
  what: pick,
  n: pick,
  status: statuses,
  byStaff: fc.boolean(),
});

export type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Takes a step on the panel and in the model; fails where the two differ. */
export async function takeStep(model: Model, step: Step): Promise<void> {
  const customer = at(model.customers, step.who);
  switch (step.kind) {
    case 'deposit':
      return deposit(model, customer, BigInt(step.n % 100_000) + 1n);
    case 'terms':
      return changeTerms(model, customer, step);
    case 'place':
      return place(model, customer, step);
    case 'runs':
      model.panel.clock.advance((step.n % 90) * minuteMs);
      await createDueRuns(model.panel.app);
      return learnChildren(model);
    case 'posts':
      return orderPosts(model, step);
    default:
      if (model.orders.length > 0) await changeOrder(model, at(model.orders, step.what), step);
  }
}

/** Fails unless the database's balances are the model's, and its books are in order. */
export async function compare(model: Model): Promise<void> {
  const ids = model.customers.map((customer) => customer.id);
  const balances = await readBalances(model.panel.app.db, ids);
  for (const customer of model.customers) {
    assert.equal(balances.get(customer.id), customer.balance, `balance of ${customer.id}`);
  }
}

async function deposit(model: Model, customer: ModelCustomer, units: bigint): Promise<void> {
  model.deposits += 1;
  const input = { customerId: customer.id, amount: amount(units * 1_000_003n) };
  const reference = `deposit-${model.deposits}`;
  assert.equal(await addFunds(model.panel.app, staff, { ...input, reference }), true);
  assert.equal(await addFunds(model.panel.app, staff, { ...input, reference }), false);
  customer.balance += input.amount;
}

async function changeTerms(model: Model, customer: ModelCustomer, step: Step): Promise<void> {
  const { app } = model.panel;
  const customerId = customer.id;
  if (step.n % 3 === 0) {
    const discountBasisPoints = step.what % 10_000;
    await updateCustomer(app, staff, { customerId, changes: { discountBasisPoints } });
    customer.discount = BigInt(discountBasisPoints);
  } else if (step.n % 3 === 1) {
    const service = at(model.services, step.what);
    const own = step.byStaff ? BigInt(step.n) : null;
    const price: Rate | null = own === null ? null : rate(own);
    await setCustomerPrice(app, staff, { customerId, serviceId: service.id, rate: price });
    if (own === null) customer.own.delete(service.id);
    else customer.own.set(service.id, own);
  } else {
    const limit = BigInt(step.what) * 10_000n;
    const changed = updateCustomer(app, staff, {
      customerId,
      changes: { creditLimit: amount(limit) },
    });
    if (customer.balance < -limit) return refused(changed, 'conflict');
    await changed;
    customer.limit = limit;
  }
}

/** The price by its own arithmetic: the own price, or the list price discounted and rounded up. */
function priceOf(customer: ModelCustomer, service: ModelService): bigint {
  const scaled = service.list * (10_000n - customer.discount);
  return customer.own.get(service.id) ?? scaled / 10_000n + (scaled % 10_000n > 0n ? 1n : 0n);
}

async function place(model: Model, customer: ModelCustomer, step: Step): Promise<void> {
  const service = at(model.services, step.what);
  const quantity = (step.n % 900) + 1;
  const runs = service.kind === 'plain' && step.n % 4 === 0 ? (step.n % 5) + 2 : 1;
  const fields: Record<string, string> = {
    service: String(service.id),
    link: 'https://m.example/',
  };
  if (service.kind === 'plain') fields.quantity = String(quantity);
  if (service.kind === 'lines') fields.comments = 'line\n'.repeat(quantity);
  if (service.kind === 'package') fields.quantity = '999999';
  if (runs > 1) Object.assign(fields, { runs: String(runs), interval: '30' });
  if (service.kind === 'subscription') {
    Object.assign(fields, { username: 'user', min: '10', max: '90', delay: '0' });
  }
  const price = priceOf(customer, service);
  const units = { plain: quantity * runs, lines: quantity, package: 1000, subscription: 0 };
  const charge = price * BigInt(units[service.kind]);
  const { app } = model.panel;
  const placed = placeOrder(
    app,
    { kind: 'customer', customerId: customer.id, keyId: null },
    {
      terms: await readPriceTerms(app.db, customer.id),
      fields: new Map(Object.entries(fields)),
    },
  );
  if (charge > 0n && customer.balance - charge < -customer.limit) {
    return refused(placed, 'insufficient_funds');
  }
  const id = await placed;
  customer.balance -= charge;
  model.orders.push({ id, customer, isParent: runs > 1 || service.kind === 'subscription' });
}

async function changeOrder(model: Model, order: ModelOrder, step: Step): Promise<void> {
  const { app } = model.panel;
  const before = await readRefunded(model, order);
  const asCustomer = { kind: 'customer', customerId: order.customer.id, keyId: null } as const;
  const orderId = order.id;
  let moved: Promise<unknown>;
  if (step.kind === 'cancel') moved = requestCancels(app, asCustomer, [orderId]);
  else if (step.kind === 'refill') {
    model.panel.clock.advance(25 * hourMs);
    moved = requestRefills(app, asCustomer, [orderId]);
  } else if (step.kind === 'decide') {
    const remains = BigInt(step.n % 300);
    const decision = { kind: 'accept_partly', remains } as const;
    moved = decideCancel(app, staff, {
      orderId,
      decision: step.byStaff ? { kind: 'accept' } : decision,
    });
  } else if (step.kind === 'stop') moved = cancelParent(app, staff, orderId);
  else {
    const actor: Actor = step.byStaff ? staff : { kind: 'system', name: 'poller' };
    const remains = BigInt((step.n % 1_100) - 50);
    moved = settleOrder(app, actor, { orderId, status: step.status, remains });
  }
  await moved.catch((error: unknown) => assert(error instanceof AppError, String(error)));
  order.customer.balance += (await readRefunded(model, order)) - before;
}

/**
 * What a customer has back of an order by the order's own state alone: of undelivered pieces of
 * final orders, and of runs that were stopped. Of a child that is its own; its parent's is apart.
 */
async function readRefunded(model: Model, order: ModelOrder): Promise<bigint> {
  const [row] = await model.panel.owner.sql<
    {
      kind: string;
      status: string;
      charge: Amount;
      quantity: bigint;
      remains: bigint;
      gone: bigint;
    }[]
  >`
    select o.kind, o.status, o.charge, o.quantity, o.remains,
      coalesce(case when d.stopped_at is not null
        then d.quantity_per_run * (d.runs - d.runs_done) end, 0)::bigint as gone
    from orders o left join drip_feeds d on d.customer_id = o.customer_id and d.order_id = o.id
    where o.id = ${order.id.toString()}`;
  assert(row !== undefined);
  if (row.kind === 'subscription') return 0n;
  const isRefunded = row.status === 'Partial' || row.status === 'Canceled';
  const undelivered = row.kind === 'drip_feed' ? row.gone : isRefunded ? row.remains : 0n;
  return (row.charge / row.quantity) * undelivered;
}

async function orderPosts(model: Model, step: Step): Promise<void> {
  const { app } = model.panel;
  const parents = model.orders.filter((order) => order.isParent);
  if (parents.length > 0) {
    const { id } = at(parents, step.what);
    const link = `https://m.example/post/${step.n}`;
    // Drip-feeds and subscriptions that ended refuse it; a post known already is no new one.
    await announcePost(app, staff, { orderId: id, link }).catch((error: unknown) =>
      assert(error instanceof AppError, String(error)),
    );
  }
  await createDuePosts(app);
  await learnChildren(model);
}

/** Meets the children that were created: posts are charged now, runs were with their parent. */
async function learnChildren(model: Model): Promise<void> {
  const known = new Set(model.orders.map((order) => order.id));
  const rows = await model.panel.owner.sql<
    { id: OrderId; customer: number; service: ServiceId; quantity: bigint; kind: string }[]
  >`
    select o.id, o.customer_id as customer, o.service_id as service, o.quantity, p.kind
    from orders o join orders p on p.customer_id = o.customer_id and p.id = o.parent_id
    where o.customer_id = any(${model.customers.map((one) => one.id)}::int[]) order by o.id`;
  for (const row of rows) {
    if (known.has(row.id)) continue;
    const customer = model.customers.find((one) => one.id === row.customer);
    const service = model.services.find((one) => one.id === row.service);
    assert(customer !== undefined && service !== undefined);
    if (row.kind === 'subscription') customer.balance -= priceOf(customer, service) * row.quantity;
    assert(customer.balance >= -customer.limit, 'a post is charged within the limit');
    model.orders.push({ id: row.id, customer, isParent: false });
  }
}

async function refused(attempt: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(attempt, (error) => Reflect.get(Object(error), 'code') === code);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  assert(item !== undefined, 'the list is not empty');
  return item;
}
