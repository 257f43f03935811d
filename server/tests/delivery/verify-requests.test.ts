import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId, OrderId, RefillId } from '../../src/base/index.ts';
import { cancelChecks, forwardCancels } from '../../src/cancels/index.ts';
import type { CheckReport } from '../../src/db/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { followRefills, forwardRefills, refillChecks } from '../../src/refills/index.ts';
import { verify } from '../../src/system/index.ts';
import { type DamageLab, openDamageLab } from '../damage.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { askRefill, placeDelivered, placeFollowed } from './requests.ts';
import { openUpstream, type Upstream } from './upstream.ts';

// As in ../verify.test.ts: every check of requests is shown damage that it alone reports.

let panel: TestPanel;
let upstream: Upstream;
let lab: DamageLab;
let clean: CheckReport;
let customerId: CustomerId;
let refills: Record<'done' | 'followed' | 'due', RefillId>;
/** What the refill `done` is at the provider. */
let externalId: string;
let cancels: Record<'followed' | 'due' | 'settled', OrderId>;

before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  const customer = await makeCustomer(panel);
  customerId = customer.customerId;
  const { key } = customer;
  const fields = { key, service: await upstream.sell({ refill: true }) };
  const [done, followed, due] = await placeDelivered(panel, upstream, { fields, count: 3 });
  assert(done !== undefined && followed !== undefined && due !== undefined);
  const provider = await upstream.provider();
  const doneId = await askRefill(panel, key, done);
  await forwardRefills(upstream.ctx, provider, 100);
  panel.clock.advance(60_000);
  await followRefills(upstream.ctx, provider, 100);
  const followedId = await askRefill(panel, key, followed);
  await forwardRefills(upstream.ctx, provider, 100);
  refills = { done: doneId, followed: followedId, due: await askRefill(panel, key, due) };
  const cancel = (orderId: OrderId) =>
    panel.call({ key, action: 'cancel', order: String(orderId) });
  const asked = await placeFollowed(panel, upstream, fields);
  await cancel(asked);
  await forwardCancels(upstream.ctx, provider, 100);
  const waiting = await placeFollowed(panel, upstream, fields);
  await cancel(waiting);
  const settled = await placeFollowed(panel, upstream, fields);
  await settleOrder(panel.app, staff, { orderId: settled, status: 'Canceled' });
  cancels = { followed: asked, due: waiting, settled };
  const [found] = await panel.owner.sql<{ id: string }[]>`
    select external_id as id from refills where id = ${refills.done}`;
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

type Damage = { check: string; what: string; damage: () => string };

const change = (refill: RefillId, set: string) => `update refills set ${set} where id = ${refill}`;
const changeCancel = (order: OrderId, set: string) =>
  `update cancels set ${set} where order_id = ${order}`;

const damages: readonly Damage[] = [
  {
    check: 'one_open_refill_per_order',
    what: 'two open refills of one order',
    damage: () => `drop index refills_one_open;
      insert into refills (customer_id, id, order_id, status, requested_at, updated_at)
        select customer_id, 901, order_id, 'In progress', now(), now()
        from refills where id = ${refills.due}`,
  },
  {
    check: 'no_refill_in_limbo',
    what: 'a refill that is followed without a number to ask for',
    damage: () => change(refills.followed, 'external_id = null'),
  },
  {
    check: 'no_refill_in_limbo',
    what: 'a refill that is due at no time',
    damage: () => change(refills.due, 'due_at = null'),
  },
  {
    check: 'no_refill_in_limbo',
    what: 'a refill that is due at no provider',
    damage: () => change(refills.due, 'provider_id = null'),
  },
  {
    check: 'no_refill_in_limbo',
    what: 'a refill that was taken and is due to be asked for again',
    damage: () => change(refills.followed, "delivery = 'due'"),
  },
  {
    check: 'no_refill_in_limbo',
    what: 'a decided refill that is still followed',
    damage: () => change(refills.followed, "status = 'Completed'"),
  },
  {
    check: 'a_refill_that_is_done_is_decided',
    what: 'a refill that nobody works on and nobody decided',
    damage: () => change(refills.done, "status = 'In progress'"),
  },
  {
    check: 'an_external_refill_is_one_refill',
    what: 'two refills that are one at the provider',
    damage: () =>
      `drop index refills_external; ${change(refills.followed, `external_id = '${externalId}'`)}`,
  },
  {
    check: 'a_forwarded_refill_is_of_its_providers_order',
    what: 'a refill that another provider is asked for',
    damage: () => change(refills.followed, 'provider_id = 901'),
  },
  {
    check: 'cancel_requests_have_orders',
    what: 'a cancel request without its order',
    damage: () => `insert into cancels (customer_id, order_id, state, requested_at)
      values (${customerId}, 999999, 'requested', now())`,
  },
  {
    check: 'no_cancel_in_limbo',
    what: 'a cancellation that is done and open',
    damage: () => changeCancel(cancels.followed, "delivery = 'done'"),
  },
  {
    check: 'no_cancel_in_limbo',
    what: 'a cancellation that is due at no time',
    damage: () => changeCancel(cancels.due, 'due_at = null'),
  },
  {
    check: 'no_cancel_in_limbo',
    what: 'a cancellation that is due at no provider',
    damage: () => changeCancel(cancels.due, 'provider_id = null'),
  },
  {
    check: 'no_cancel_in_limbo',
    what: 'a decided cancellation that is still followed',
    damage: () => changeCancel(cancels.followed, "state = 'accepted', decided_at = now()"),
  },
  {
    check: 'a_forwarded_cancel_is_of_its_providers_order',
    what: 'a cancellation that another provider was asked for',
    damage: () => changeCancel(cancels.followed, 'provider_id = 901'),
  },
  {
    check: 'only_what_was_not_sent_is_cancelled_by_the_panel',
    what: 'an order that a provider has and the panel refunded as not sent',
    damage: () => `update order_events set actor = 'system:cancels'
      where order_id = ${cancels.settled}`,
  },
];

for (const { check, what, damage } of damages) {
  test(`${check} alone reports ${what}`, async () => {
    const broken = await lab.withDamage(damage());
    assert.deepEqual([...new Set(broken)], [check]);
  });
}

test('every check of requests has been shown damage, and has looked at something here', () => {
  const names = [...refillChecks, ...cancelChecks].map((check) => check.name).sort();
  assert.deepEqual([...new Set(damages.map((one) => one.check))].sort(), names);
  assert.deepEqual(clean.broken, []);
  const idle = names.filter((name) => !clean.checked[name]);
  assert.deepEqual(idle, []);
});
