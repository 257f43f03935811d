import { AppError, amount, type OrderId, type Rate } from '../../src/base/index.ts';
import {
  type CancelDecision,
  cancelParent,
  decideCancel,
  listOpenCancels,
  requestCancelFor,
} from '../../src/cancels/index.ts';
import {
  decideChanges,
  listWaitingChanges,
  setRoutes,
  updateService,
  updateSettings,
} from '../../src/catalog/index.ts';
import { rotateKey, setCustomerPrice, updateCustomer } from '../../src/customers/index.ts';
import {
  acknowledgeDelivery,
  actOnOrders,
  type BulkAct,
  type BulkOutcome,
  type DeliveryDecision,
  decideDelivery,
  listWaiting,
  sendBy,
} from '../../src/fulfilment/index.ts';
import { announcePost, type OrderStatus, settleOrder } from '../../src/orders/index.ts';
import { setProviderState, updateProvider } from '../../src/providers/index.ts';
import {
  decideRefill,
  listOpenRefills,
  type RefillStatus,
  requestRefillFor,
  sendRefill,
} from '../../src/refills/index.ts';
import { addsOf } from '../../src/sandbox/index.ts';
import { call, lostIn, recent } from './customers.ts';
import { must } from './model.ts';
import { isWithin, type Operation, pick, scale } from './operations.ts';
import { learnImported, routesOf } from './shop.ts';
import { type Customer, staff, type World } from './world.ts';

const waitingMax = 200;
const statuses: readonly OrderStatus[] = [
  'In progress',
  'Completed',
  'Partial',
  'Canceled',
  'Processing',
];

/** Settles an order by hand, wherever it is; also one that is final. */
export async function settle(world: World, operation: Operation): Promise<string> {
  const order = pick(recent(world), operation.a);
  const wanted = pick(statuses, operation.b);
  if (order === undefined || wanted === undefined) return 'nothing';
  const remains = BigInt(scale(operation.c, 500) - 20);
  const report = { orderId: order.id, status: wanted };
  const hasRemains = wanted === 'Partial' || isWithin(operation.d, 50);
  const { outcome, refund } = await settleOrder(world.app, staff, {
    ...report,
    ...(hasRemains ? { remains } : {}),
  });
  if (world.plant === 'double_refund' && refund > 0n) await refundTwice(world, order.id, refund);
  return `${outcome} ${refund}`;
}

/** The planted mistake: the same money back once more, with books that are in order. */
async function refundTwice({ owner }: World, orderId: OrderId, refund: bigint): Promise<void> {
  await owner.sql`
    with moved as (
      update wallets set balance = balance + ${refund.toString()}::bigint,
        transfer_count = transfer_count + 1
      where customer_id = (select customer_id from orders where id = ${orderId.toString()}::bigint)
      returning customer_id, balance, transfer_count
    )
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      order_id, created_at)
    select customer_id, transfer_count, 'sales', 'wallet', ${refund.toString()}::bigint, balance,
      'order:' || ${orderId.toString()} || ':refund:again', ${orderId.toString()}::bigint, now()
    from moved`;
}

/** Decides a delivery that waits: mostly by what its upstream says, which staff can look up. */
export async function decide(world: World, operation: Operation): Promise<string> {
  const waiting = await listWaiting(world.app.db, waitingMax);
  const row = pick(waiting, operation.a);
  if (row === undefined) return 'nothing';
  const provider = world.providers.find((one) => one.id === row.providerId);
  const there = addsOf(provider?.sandbox.journal() ?? []).filter(
    ({ params }) => (params.link ?? params.username) === row.link,
  );
  const found = pick(there, operation.c)?.order;
  const ways: DeliveryDecision[] = [
    { kind: 'wait' },
    { kind: 'refund' },
    { kind: 'send_again' },
    { kind: 'send_again', position: 1 },
    { kind: 'bind', externalId: String(found ?? scale(operation.d, 100)) },
  ];
  const decision =
    isWithin(operation.d, 10) || found === undefined ? pick(ways, operation.b) : ways[4];
  if (decision === undefined) return 'nothing';
  const carrying = decideDelivery(world.app, staff, { orderId: row.orderId, decision });
  if (decision.kind === 'send_again') {
    // Where the answer was lost, the consent may have been given.
    await carrying.catch(lostIn(world));
    const { consents } = world.model;
    consents.set(row.link, (consents.get(row.link) ?? 0) + 1);
  } else await carrying;
  return `${row.reason}: ${decision.kind}`;
}

/** Decides a customer's request to cancel. */
export async function decideRequest(world: World, operation: Operation): Promise<string> {
  const row = pick(await listOpenCancels(world.app.db, waitingMax), operation.a);
  if (row === undefined) return 'nothing';
  const ways: CancelDecision[] = [
    { kind: 'accept' },
    { kind: 'reject' },
    { kind: 'accept_partly', remains: BigInt(scale(operation.c, 300)) },
  ];
  const decision = pick(ways, operation.b);
  if (decision === undefined) return 'nothing';
  await decideCancel(world.app, staff, { orderId: row.orderId, decision });
  return decision.kind;
}

const refillStatuses: readonly RefillStatus[] = ['In progress', 'Completed', 'Rejected'];

/** Moves a refill by hand, or passes it on. */
export async function moveRefill(
  world: World,
  operation: Operation,
  isSent: boolean,
): Promise<string> {
  const row = pick(await listOpenRefills(world.app.db, waitingMax), operation.a);
  const wanted = pick(refillStatuses, operation.b);
  if (row === undefined || wanted === undefined) return 'nothing';
  const { refillId } = row;
  if (isSent) await sendRefill(world.app, staff, refillId);
  else await decideRefill(world.app, staff, { refillId, status: wanted });
  return isSent ? 'sent' : wanted;
}

/** Does something with an order: stops a parent, sends it by a route, takes it off a queue. */
export async function handle(world: World, operation: Operation): Promise<string> {
  const { app } = world;
  if (operation.kind === 'acknowledge') {
    const row = pick(await listWaiting(app.db, waitingMax), operation.a);
    if (row === undefined) return 'nothing';
    await acknowledgeDelivery(app, staff, row.orderId);
    return 'acknowledged';
  }
  const isStop = operation.kind === 'stop_parent';
  const order = pick(
    recent(world).filter(({ isParent }) => isParent || !isStop),
    operation.a,
  );
  if (order === undefined) return 'nothing';
  if (isStop) return cancelParent(app, staff, order.id);
  await sendBy(app, staff, { orderId: order.id, position: 1 + scale(operation.b, 2) });
  return 'sent by a route';
}

/** Asks for a refill or a cancellation in a customer's place. */
export async function askOnBehalf({ app, model }: World, operation: Operation): Promise<string> {
  const order = pick([...model.orders.values()], operation.a);
  if (order === undefined) return 'nothing';
  if (isWithin(operation.b, 50)) await requestRefillFor(app, staff, order.id);
  else await requestCancelFor(app, staff, order.id);
  return 'asked';
}

/** Does the same with several orders, each by itself. */
export async function actOnMany(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const waiting = await listWaiting(app.db, waitingMax);
  const first = scale(operation.a, waiting.length);
  const rows = waiting.slice(first, first + 1 + scale(operation.b, 5));
  const act: BulkAct = isWithin(operation.c, 50) ? { kind: 'refund' } : { kind: 'send_again' };
  const orderIds = rows.map((row) => row.orderId);
  const outcomes = await actOnOrders(app, staff, { orderIds, act });
  for (const [at, { link }] of rows.entries()) {
    // Of what failed nobody knows whether it was done.
    const isConsent = act.kind === 'send_again' && !(outcomes[at] instanceof AppError);
    if (isConsent) model.consents.set(link, (model.consents.get(link) ?? 0) + 1);
  }
  return `${act.kind} ${outcomes.map(nameOf).join(' ')}`;
}

function nameOf(outcome: BulkOutcome): string {
  return outcome instanceof AppError ? outcome.code : (outcome ?? 'done');
}

/** Announces a post of a subscription. */
export async function announce(world: World, operation: Operation): Promise<string> {
  const order = pick(
    recent(world).filter(({ isParent, charge }) => isParent && charge === 0n),
    operation.a,
  );
  if (order === undefined) return 'nothing';
  const link = `https://example.com/post/${operation.at - scale(operation.b, 3)}`;
  return String(await announcePost(world.app, staff, { orderId: order.id, link }));
}

/** Changes what a customer pays, or how far into debt they may go. */
export async function changeTerms(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const customer = pick(model.customers, operation.a);
  const service = pick(model.services, operation.d);
  if (customer === undefined || service === undefined) return 'nothing';
  const customerId = customer.id;
  switch (scale(operation.b, 4)) {
    case 0: {
      const discountBasisPoints = scale(operation.c, 5_000);
      await updateCustomer(app, staff, { customerId, changes: { discountBasisPoints } });
      customer.discount = BigInt(discountBasisPoints);
      return `discount ${discountBasisPoints}`;
    }
    case 1: {
      const creditLimit = amount(BigInt(operation.c) * 1_000n);
      await updateCustomer(app, staff, { customerId, changes: { creditLimit } });
      return `limit ${creditLimit}`;
    }
    default: {
      const own = isWithin(operation.c, 40) ? null : (BigInt(operation.c) as Rate); // in 10⁻⁵
      await setCustomerPrice(app, staff, { customerId, serviceId: service.id, rate: own });
      if (own === null) customer.own.delete(service.id);
      else customer.own.set(service.id, own);
      return `own price ${own}`;
    }
  }
}

/** Suspends a customer or lets them in again; their key answers so at once. */
export async function suspend(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  if (customer === undefined) return 'nobody';
  const isSuspended = isWithin(operation.b, 12);
  const changes = { status: isSuspended ? ('suspended' as const) : ('active' as const) };
  await updateCustomer(world.app, staff, { customerId: customer.id, changes });
  customer.isSuspended = isSuspended;
  const reply = await call(world, customer, { action: 'balance' });
  const isRefused = Reflect.has(Object(reply), 'error');
  must(isRefused === isSuspended, 'I13', () => `after that the key answers ${reply}`);
  return isSuspended ? 'suspended' : 'active';
}

/** Replaces a customer's key: the old one stops at once, the new one works at once. */
export async function rotate(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const customer = pick(model.customers, operation.a);
  if (customer === undefined) return 'nobody';
  const { id: keyId } = await app.db
    .selectFrom('api_keys')
    .select('id')
    .where('customer_id', '=', customer.id)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  await call(world, customer, { action: 'balance' });
  const created = await rotateKey(app, staff, { customerId: customer.id, keyId });
  const old: Customer = { ...customer };
  customer.oldKeys.push(customer.key);
  customer.key = created.key;
  const [refused, taken] = [
    await call(world, old, { action: 'balance' }),
    await call(world, customer, { action: 'balance' }),
  ];
  must(
    Reflect.get(Object(refused), 'error') === 'Invalid API key',
    'I16',
    () => 'an old key works',
  );
  must(!JSON.stringify(taken).includes('Invalid'), 'I13', () => 'a new key does not work');
  return 'rotated';
}

/** Changes a service: its price, its bounds, or whether it is on sale. */
export async function changeService(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const service = pick(model.services, operation.a);
  if (service === undefined) return 'nothing';
  const serviceId = service.id;
  if (isWithin(operation.b, 60)) {
    const list = 1n + BigInt(operation.c) * 5n;
    await updateService(app, staff, { serviceId, changes: { rate: list as Rate } }); // in 10⁻⁵
    service.list = list;
  } else if (isWithin(operation.b, 80)) {
    const isEnabled = isWithin(operation.c, 75);
    await updateService(app, staff, { serviceId, changes: { enabled: isEnabled } });
    service.isEnabled = isEnabled;
  } else {
    const max = service.min + scale(operation.c, 3_000);
    if (service.type === 'Package') return 'nothing';
    await updateService(app, staff, { serviceId, changes: { max } });
    service.max = max;
  }
  await app.catalog.refresh();
  return `${service.list} ${service.isEnabled} ${service.max}`;
}

/** Changes settings of the panel, or the routes of a service. */
export async function changePanel(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  if (operation.kind === 'change_settings') {
    await updateSettings(app, staff, { showDescription: isWithin(operation.a, 50) });
    await app.catalog.refresh();
    return 'settings';
  }
  const service = pick(
    model.services.filter(({ isImported, type }) => !isImported && type === 'Default'),
    operation.a,
  );
  if (service === undefined) return 'nothing';
  const ways = [scale(operation.b, 3), scale(operation.c, 3)];
  const routes = routesOf(world, { type: 'Default', ways: [...new Set(ways)] });
  const isManual = isWithin(operation.d, 20);
  await setRoutes(app, staff, { serviceId: service.id, routes: isManual ? [] : routes });
  await app.catalog.refresh();
  return isManual ? 'by hand' : ways.join(' ');
}

/** Applies or rejects a change of an upstream's catalog that waits for staff. */
export async function decideHeld(world: World, operation: Operation): Promise<string> {
  const { app } = world;
  const row = pick(await listWaitingChanges(app.db, { limit: waitingMax }), operation.a);
  if (row === undefined) return 'nothing';
  const decision = isWithin(operation.b, 60) ? 'apply' : 'reject';
  const count = await decideChanges(app, staff, { changeIds: [row.id], decision });
  await app.catalog.refresh();
  await learnImported(world);
  return `${decision} ${count}`;
}

/** Sets a provider on, draining or paused, or gives it a new key, which its upstream has too. */
export async function changeProvider(world: World, operation: Operation): Promise<string> {
  const provider = pick(world.providers, operation.a);
  if (provider === undefined) return 'nothing';
  const providerId = provider.id;
  if (isWithin(operation.b, 15)) {
    await updateProvider(world.app, staff, { providerId, changes: { key: provider.key } });
    return 'key';
  }
  // Mostly on, or little would be sent.
  const state = pick(['on', 'on', 'on', 'draining', 'paused'] as const, operation.c) ?? 'on';
  await setProviderState(world.app, staff, { providerId, state });
  return state;
}
