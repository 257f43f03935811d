import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import {
  type CustomerId,
  minuteMs,
  type OrderId,
  type ProviderId,
  parseAmount,
  type ServiceId,
} from '../../src/base/index.ts';
import { closeCancels, resolveCancels } from '../../src/cancels/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { claimDue } from '../../src/fulfilment/index.ts';
import { giveBackUnknown, takeUnknown } from '../../src/fulfilment/unknown.ts';
import { announcePost, createDuePosts } from '../../src/orders/index.ts';
import { pauseProvider } from '../../src/providers/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';
import { untilBlocked, whileHeld } from './processes.ts';
import { type CancelDesk, openCancelDesk } from './requests.ts';
import { deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let desk: CancelDesk;
let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  desk = await openCancelDesk();
  ({ panel, upstream } = desk);
});
after(() => desk.close());

/** Two orders that are due, the older one's delivery the last row of the table. */
async function twoDue(): Promise<{ service: ServiceId; older: OrderId; newer: OrderId }> {
  const service = await upstream.sell();
  const order = (name: string) => {
    const link = `https://example.com/locks/${service}/${name}`;
    return place(panel, { ...desk.fields, service, link, quantity: 100 });
  };
  const [older, newer] = [await order('older'), await order('newer')];
  await panel.owner.sql`update deliveries set failures = 0 where order_id = ${older}`;
  return { service, older, newer };
}

const routesTo = (providerId: ProviderId) => [{ providerId, externalId: '2' }];
const delivery = (orderId: OrderId) => `select from deliveries
  where customer_id = ${desk.customerId} and order_id = ${orderId} for no key update`;
const provider = (id: ProviderId) => `select from providers where id = ${id} for no key update`;
const version = (id: CustomerId) => `
  select from order_versions where customer_id = ${id} for no key update`;
const wallet = (id: CustomerId) => `
  select from wallets where customer_id = ${id} for no key update`;

test('new routes lock what they move in the order of everybody', async () => {
  const { service: serviceId, older, newer } = await twoDue();
  const routes = routesTo(upstream.providerId);
  await whileHeld(panel, {
    held: delivery(older),
    work: () => setRoutes(panel.app, staff, { serviceId, routes }),
    free: delivery(newer),
  });
  assert.equal((await deliveryOf(panel, newer)).external_service_id, '2');
});

test('unknown attempts are given back one by one, whichever of them is held', async () => {
  const { older, newer } = await twoDue();
  const one = await upstream.provider();
  await claimDue(panel.app, one, 10);
  await panel.owner.sql`
    update deliveries set state = 'unknown', due_at = ${panel.clock.now()}
    where order_id in (${older}, ${newer})`;
  await panel.owner.sql`
    update attempts set state = 'unknown', ended_at = ${panel.clock.now()}
    where order_id in (${older}, ${newer})`;
  for (const [held, free] of [
    [older, newer],
    [newer, older],
  ] as const) {
    const attempts = await takeUnknown(panel.app, one);
    assert.equal(attempts.length, 2);
    await whileHeld(panel, {
      held: delivery(held),
      work: () => giveBackUnknown(panel.app, attempts),
      free: delivery(free),
    });
  }
});

test('a provider is paused while new routes to it wait for an order', async () => {
  const { service: serviceId, older } = await twoDue();
  const { providerId } = upstream;
  const routes = routesTo(providerId);
  let working: Promise<unknown> = Promise.resolve();
  const { clock, db } = panel.app;
  await inTransaction(db, async (tx) => {
    await tx
      .selectFrom('deliveries')
      .select('order_id')
      .where('customer_id', '=', desk.customerId)
      .where('order_id', '=', older)
      .forUpdate()
      .execute();
    working = setRoutes(panel.app, staff, { serviceId, routes });
    await untilBlocked(panel);
    const actor = { kind: 'system', name: 'test' } as const;
    // Shorter than a deadlock takes to be seen and broken.
    await sql`set local lock_timeout = '500ms'`.execute(tx);
    const pausing = pauseProvider(tx, { providerId, by: 'funds', at: clock.now(), actor });
    assert.equal(await pausing, true);
  });
  await working;
  await panel.owner.sql`
    update providers set state = 'on', paused_by = null where id = ${providerId}`;
});

test('answers of two providers in trouble lock these in the order of everybody', async () => {
  const other = await openUpstream(panel);
  await twoDue();
  const link = 'https://example.com/locks/other';
  await place(panel, { ...desk.fields, service: await other.sell(), link, quantity: 100 });
  const providers = [await other.provider(), await upstream.provider()];
  const claims = await Promise.all(providers.map((one) => claimDue(panel.app, one, 10)));
  const refusal = { code: 'not_enough_funds', text: 'Not enough funds on balance' } as const;
  const outcome = { outcome: 'rejected', refusal, raw: '' } as const;
  const actor = { kind: 'system', name: 'test' } as const;
  const answers = claims
    .flatMap(({ intents }) => intents)
    .map((key) => ({ ...key, outcome, actor }));
  await whileHeld(panel, {
    held: provider(upstream.providerId),
    work: () => Promise.all(answers.map((answer) => upstream.ctx.recorder.submit(answer))),
    free: provider(other.providerId),
  });
  const paused = await Promise.all([other.provider(), upstream.provider()]);
  assert.deepEqual(
    paused.map(({ pausedBy }) => pausedBy),
    ['funds', 'funds'],
  );
  await panel.owner.sql`update providers set state = 'on', paused_by = null`;
  await other.close();
});

test('closing cancellations waits for nobody', async () => {
  const [held, free] = [await desk.followed(), await desk.followed()];
  await desk.cancel(held, free);
  await desk.forward();
  panel.clock.advance(60_000);
  await upstream.poll();
  await panel.owner.sql.begin(async (session) => {
    await session`select from cancels
      where customer_id = ${desk.customerId} and order_id = ${held} for update`;
    assert.equal(await closeCancels(panel.app), 1);
  });
  assert.equal(await desk.stateOf(held), 'requested, following');
  assert.equal(await desk.stateOf(free), 'accepted, done');
  assert.equal(await closeCancels(panel.app), 1);
});

/** A customer some order of whom has changed, and so has a version; later ones have higher ids. */
async function makeBuyer(): Promise<Awaited<ReturnType<typeof makeCustomer>>> {
  const made = await makeCustomer(panel);
  await panel.owner.sql`
    insert into order_versions (customer_id, version) values (${made.customerId}, 1)`;
  return made;
}

/** An order whose cancellation waits, though by now it is known to be at no provider. */
async function cancelWaiting(key: string, what: 'order' | 'subscription'): Promise<OrderId> {
  const type = what === 'order' ? 'Default' : 'Subscriptions';
  const service = await upstream.sell({ type, isDelegated: what === 'subscription' });
  const terms = { username: 'somebody', min: 100, max: 100, delay: 0 };
  const plain = { link: `https://example.com/locks/${service}/cancel`, quantity: 100 };
  const orderId = await place(panel, { key, service, ...(what === 'order' ? plain : terms) });
  await panel.owner.sql`update deliveries set state = 'unknown' where order_id = ${orderId}`;
  await panel.callText({ key, action: 'cancel', orders: String(orderId) });
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  await panel.owner.sql`update deliveries set state = 'due' where order_id = ${orderId}`;
  panel.clock.advance(minuteMs);
  return orderId;
}

for (const what of ['order', 'subscription'] as const) {
  test(`cancelled, each ${what} locks its customer in the order of everybody`, async () => {
    const [first, second] = [await makeBuyer(), await makeBuyer()];
    const older = await cancelWaiting(second.key, what);
    const newer = await cancelWaiting(first.key, what);
    await whileHeld(panel, {
      held: version(first.customerId),
      work: () => resolveCancels(panel.app),
      free: version(second.customerId),
    });
    assert.equal(await desk.stateOf(older), 'accepted, done');
    assert.equal(await desk.stateOf(newer), 'accepted, done');
  });
}

test('a cancelled order is not refunded before all versions are locked', async () => {
  const [first, second] = [await makeBuyer(), await makeBuyer()];
  const order = await cancelWaiting(first.key, 'order');
  await cancelWaiting(second.key, 'subscription');
  await whileHeld(panel, {
    held: version(second.customerId),
    work: () => resolveCancels(panel.app),
    free: wallet(first.customerId),
  });
  assert.equal((await statusOf(panel, first.key, order)).status, 'Canceled');
});

/** A subscription of which a post is due. */
async function duePost(key: string, rate = '1'): Promise<OrderId> {
  const service = await makeService(panel, { type: 'Subscriptions', rate });
  const terms = { username: 'somebody', min: 100, max: 100, delay: 0 };
  const orderId = await place(panel, { key, service, ...terms });
  const link = `https://example.com/locks/post/${orderId}`;
  await announcePost(panel.app, staff, { orderId, link });
  panel.clock.advance(1_000);
  return orderId;
}

test('a post that can’t be paid locks its customer in the order of everybody', async () => {
  const { key, customerId } = await makeBuyer();
  const orderId = await duePost(key, '5000');
  await whileHeld(panel, {
    held: version(customerId),
    work: () => createDuePosts(panel.app),
    free: wallet(customerId),
  });
  assert.equal((await statusOf(panel, key, orderId)).status, 'Paused');
});

test('of a subscription that others hold no post is kept from them', async () => {
  const { key, customerId } = await makeBuyer();
  const [older, newer] = [await duePost(key), await duePost(key)];
  const own = `customer_id = ${customerId}`;
  await whileHeld(panel, {
    held: `select from orders where ${own} and id = ${older} for update; ${wallet(customerId)}`,
    work: () => createDuePosts(panel.app),
    free: `select from subscription_posts where ${own} and order_id = ${older} for update`,
  });
  for (const orderId of [older, newer]) {
    assert.equal((await statusOf(panel, key, orderId)).posts, 1);
  }
});

test('what refers to a customer is written while their credit waits for the wallet', async () => {
  const { customerId } = await makeBuyer();
  const changes = { creditLimit: parseAmount('5', 'limit') };
  await whileHeld(panel, {
    held: wallet(customerId),
    work: () => updateCustomer(panel.app, staff, { customerId, changes }),
    free: `select from customers where id = ${customerId} for key share`,
  });
});
