import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { OrderId, ProviderId, ServiceId } from '../../src/base/index.ts';
import { closeCancels } from '../../src/cancels/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { claimDue } from '../../src/fulfilment/index.ts';
import { pauseProvider } from '../../src/providers/index.ts';
import { staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';
import { untilBlocked } from './processes.ts';
import { type CancelDesk, openCancelDesk } from './requests.ts';
import { deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

let desk: CancelDesk;
let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  desk = await openCancelDesk();
  ({ panel, upstream } = desk);
});
after(() => desk.close());

/** Holds a row, lets the work run into it, and asks whether it holds the other row by then. */
async function whileHeld(input: {
  held: string;
  work: () => Promise<unknown>;
  free: string;
}): Promise<void> {
  const { held, work, free } = input;
  let working: Promise<unknown> = Promise.resolve();
  await panel.owner.sql.begin(async (session) => {
    await session.unsafe(`${held} for no key update`);
    working = work();
    working.catch(() => {});
    await untilBlocked(panel);
    await session.unsafe(`${free} for no key update nowait`);
  });
  await working;
}

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
const delivery = (orderId: OrderId) => `
  select from deliveries where customer_id = ${desk.customerId} and order_id = ${orderId}`;
const provider = (id: ProviderId) => `select from providers where id = ${id}`;

test('new routes lock what they move in the order of everybody', async () => {
  const { service: serviceId, older, newer } = await twoDue();
  const routes = routesTo(upstream.providerId);
  await whileHeld({
    held: delivery(older),
    work: () => setRoutes(panel.app, staff, { serviceId, routes }),
    free: delivery(newer),
  });
  assert.equal((await deliveryOf(panel, newer)).external_service_id, '2');
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
  await whileHeld({
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
