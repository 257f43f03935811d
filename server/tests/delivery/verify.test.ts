import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import type { CheckReport } from '../../src/db/index.ts';
import { decideDelivery, deliveryChecks } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { verify } from '../../src/system/index.ts';
import { type DamageLab, openDamageLab, withoutProof } from '../damage.ts';
import { makeCustomer, staff } from '../factories.ts';
import { isSpread, openTestPanel, type TestPanel } from '../harness.ts';
import { openUpstream, place, type Upstream } from './upstream.ts';

// As in ../verify.test.ts: every check of delivery is shown damage that it alone reports.

type Placed = Record<
  'waiting' | 'followed' | 'other' | 'done' | 'canceled' | 'givenUp' | 'unknown' | 'sentAgain',
  OrderId
>;

let panel: TestPanel;
let upstream: Upstream;
let lab: DamageLab;
let placed: Placed;
let dripFeed: OrderId;
/** What the order `other` is at the provider. */
let externalId: string;
let clean: CheckReport;

before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  const service = await upstream.sell({ dripfeed: true });
  const { key } = await makeCustomer(panel);
  placed = await makeOrders({ key, service });
  const link = 'https://example.com/drip';
  dripFeed = await place(panel, { key, service, link, quantity: 100, runs: 2, interval: 5 });
  const [found] = await panel.owner.sql<{ id: string }[]>`
    select external_id as id from deliveries where order_id = ${placed.other}`;
  externalId = found?.id ?? '';
  clean = await verify(panel.app.db);
  lab = await openDamageLab(panel);
});
after(async () => {
  // What was not opened, since `before` failed, keeps nothing open either.
  await lab?.close();
  await upstream?.close();
  await panel?.close();
});

/** An order in each state that a delivery can have but `sending`. */
async function makeOrders(sold: { key: string; service: ServiceId }): Promise<Placed> {
  const order = async (name: keyof Placed, fault?: ScriptedFault) => {
    const link = `https://example.com/${name}`;
    if (fault !== undefined) upstream.sandbox.script({ ...fault, on: { action: 'add', link } });
    const id = await place(panel, { ...sold, link, quantity: 100 });
    await upstream.forward();
    return id;
  };
  const done = await order('done');
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
  const sentAgain = await order('sentAgain', { kind: 'accept_then_500' });
  const again = { orderId: sentAgain, decision: { kind: 'send_again' } } as const;
  await decideDelivery(panel.app, staff, again);
  const givenUp = await order('givenUp', { kind: 'accept_then_500' });
  const refund = { orderId: givenUp, decision: { kind: 'refund' } } as const;
  await decideDelivery(panel.app, staff, refund);
  const canceled = await order('canceled', { kind: 'refuse', error: 'Bad link' });
  await settleOrder(panel.app, staff, { orderId: canceled, status: 'Canceled' });
  return {
    done,
    sentAgain,
    givenUp,
    canceled,
    followed: await order('followed'),
    other: await order('other'),
    unknown: await order('unknown', { kind: 'accept_then_500' }),
    waiting: await place(panel, { ...sold, link: 'https://example.com/waiting', quantity: 100 }),
  };
}

type Damage = { check: string; what: string; damage: () => string };

const secondAttempt = (id: OrderId) => `
  insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
    request_id, lease_until, external_id, started_at, ended_at)
  select customer_id, order_id, 2, provider_id, external_service_id, 'accepted', '', lease_until,
    '9001', started_at, ended_at from attempts where order_id = ${id} and number = 1;
  update deliveries set attempts = 2, external_id = '9001', state = 'following', due_at = now()
    where order_id = ${id}`;

const refundedBy = (actor: string, id: OrderId) => `
  update order_events set actor = '${actor}' where order_id = ${id}`;

const followedTwice = () => `
  drop index attempts_external; drop index deliveries_external;
  update attempts set external_id = '${externalId}' where order_id = ${placed.followed};
  update deliveries set external_id = '${externalId}' where order_id = ${placed.followed}`;

const damages: readonly Damage[] = [
  {
    check: 'a_second_attempt_has_a_certain_first',
    what: 'an accepted order that was sent again',
    damage: () => secondAttempt(placed.followed),
  },
  {
    check: 'a_second_attempt_has_a_certain_first',
    what: 'an order sent again while its first attempt is on its way',
    damage: () => `${secondAttempt(placed.followed)};
      update attempts set state = 'sending', external_id = null, ended_at = null
        where order_id = ${placed.followed} and number = 1`,
  },
  {
    check: 'a_second_attempt_has_a_certain_first',
    what: 'an unknown order that was sent again without consent',
    damage: () => secondAttempt(placed.unknown),
  },
  {
    check: 'a_second_attempt_has_a_certain_first',
    what: 'a consent that was not given by staff',
    damage: () => `update attempts set resolved_by = 'system:reconciler'
      where order_id = ${placed.sentAgain} and number = 1`,
  },
  {
    check: 'an_external_order_belongs_to_one_attempt',
    what: 'two orders that follow one of the provider',
    damage: followedTwice,
  },
  {
    check: 'an_external_order_belongs_to_one_attempt',
    what: 'two of them under an index that only looks like the one that forbids it',
    // Of a table that is spread a unique index has the customer in it.
    damage: () => `${followedTwice()};
      create unique index attempts_external
        on attempts (provider_id, external_id, order_id${isSpread ? ', customer_id' : ''})
        where external_id is not null`,
  },
  {
    check: 'a_followed_order_is_its_attempts',
    what: 'an order that follows another than was accepted',
    damage: () => `update deliveries set external_id = '9001'
      where order_id = ${placed.followed}`,
  },
  {
    check: 'a_followed_order_is_its_attempts',
    what: 'an order that follows at another provider than it was sent to',
    damage: () => `update attempts set provider_id = 901 where order_id = ${placed.followed}`,
  },
  {
    check: 'a_followed_order_is_its_attempts',
    what: 'an order that is followed and was never sent',
    damage: () => `delete from attempts where order_id = ${placed.followed}`,
  },
  {
    check: 'no_delivery_is_done_before_its_order',
    what: 'a delivery that is over while its order runs',
    damage: () => `update deliveries set state = 'done', due_at = null
      where order_id = ${placed.followed}`,
  },
  {
    check: 'no_delivery_in_limbo',
    what: 'an order that is on its way without an attempt',
    damage: () => `update deliveries set state = 'sending' where order_id = ${placed.waiting}`,
  },
  {
    check: 'no_delivery_in_limbo',
    what: 'an unknown order whose attempt is certain',
    damage: () => `update attempts set state = 'rejected' where order_id = ${placed.unknown}`,
  },
  {
    check: 'no_delivery_in_limbo',
    what: 'an accepted order that is due to be sent',
    damage: () => `update deliveries set state = 'due' where order_id = ${placed.followed}`,
  },
  {
    check: 'no_delivery_in_limbo',
    what: 'an order that is on its way, for ever, without an attempt',
    damage: () => `update deliveries set state = 'sending', due_at = null
      where order_id = ${placed.waiting}`,
  },
  {
    check: 'no_delivery_is_done_before_its_order',
    what: 'a delivery that is over while its order has a final status, but no end',
    damage: () => `
      update orders set status = 'Expired' where id = ${placed.followed};
      update deliveries set state = 'done', due_at = null where order_id = ${placed.followed}`,
  },
  {
    check: 'an_unknown_order_is_not_refunded_by_itself',
    what: 'a refund by who sends',
    damage: () => refundedBy('system:forwarder', placed.canceled),
  },
  {
    check: 'an_unknown_order_is_not_refunded_by_itself',
    what: 'a refund of what nobody knows the end of',
    damage: () => refundedBy('system:reconciler', placed.givenUp),
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'a delivery of another service than was ordered',
    damage: () => `update deliveries set service_id = 901 where order_id = ${placed.waiting}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'a drip-feed that is sent beside its runs',
    damage: () => `insert into deliveries (customer_id, order_id, service_id, provider_id,
      external_service_id, route_position, state, due_at, created_at)
      select customer_id, ${dripFeed}, service_id, provider_id, external_service_id, 1, 'due',
        now(), now() from deliveries where order_id = ${placed.waiting}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'an order that says it has no delivery, and has one',
    damage: () => `update orders set has_delivery = false where id = ${placed.followed}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'an order that says it has a delivery, and has none',
    damage: () => `update orders set has_delivery = true where id = ${dripFeed}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'an order whose delivery is gone',
    damage: () => `delete from attempts where order_id = ${placed.waiting};
      delete from deliveries where order_id = ${placed.waiting}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'a delivery of another service than was ordered before orders said what they have',
    damage: () => `update orders set has_delivery = null;
      update deliveries set service_id = 901 where order_id = ${placed.waiting}`,
  },
  {
    check: 'every_delivery_has_its_order',
    what: 'a delivery without its order',
    damage: () => `update deliveries set order_id = 999999 where order_id = ${placed.waiting}`,
  },
];

for (const { check, what, damage } of damages) {
  test(`${check} alone reports ${what}`, async () => {
    const broken = await lab.withDamage(damage());
    assert.deepEqual([...new Set(broken)], [check]);
  });
}

test('every check of delivery has been shown damage, and has looked at something here', () => {
  const names = deliveryChecks.map((check) => check.name).sort();
  assert.deepEqual([...new Set(damages.map((one) => one.check))].sort(), names);
  assert.deepEqual(clean.broken, []);
  const idle = names.filter((name) => !clean.checked[name]);
  assert.deepEqual(idle, []);
});

test('sums show that what runs is delivered, beside what staff settled and left', async () => {
  const checks = deliveryChecks.filter(
    ({ name }) => name === 'no_delivery_is_done_before_its_order',
  );
  const { db, sql } = panel.owner;
  const left = await db
    .selectFrom('deliveries as d')
    .where('state', '<>', 'done')
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 'd.customer_id').onRef('o.id', '=', 'd.order_id'),
    )
    .where('completed_at', 'is not', null)
    .select('state')
    .execute();
  assert.deepEqual(
    left.map(({ state }) => state),
    ['held'],
  );
  assert.deepEqual(await withoutProof(panel, checks), []);
  // Then sums of the two are the same, and nothing is left to look for.
  await sql`
    update deliveries set state = 'done', reason = ''
    where order_id = ${placed.canceled.toString()}`;
  assert.deepEqual(await withoutProof(panel, checks), []);
});

test('sums show what is delivered, of orders that say so and of those that do not', async () => {
  const checks = deliveryChecks.filter(({ name }) => name === 'every_delivery_has_its_order');
  const { sql } = panel.owner;
  assert.deepEqual(await withoutProof(panel, checks), []);
  await sql`update orders set has_delivery = null where id <= ${placed.canceled.toString()}`;
  assert.deepEqual(await withoutProof(panel, checks), []);
  await sql`update orders set has_delivery = null`;
  assert.deepEqual(await withoutProof(panel, checks), []);
  assert.deepEqual((await verify(panel.app.db)).broken, []);
});
