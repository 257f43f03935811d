import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CustomerId, minuteMs, type OrderId } from '../src/base/index.ts';
import { cancelChecks, requestCancels } from '../src/cancels/index.ts';
import type { CheckReport } from '../src/db/index.ts';
import { figureChecks } from '../src/figures/index.ts';
import { deliveryChecks } from '../src/fulfilment/index.ts';
import { ledgerChecks } from '../src/ledger/index.ts';
import {
  announcePost,
  createDuePosts,
  createDueRuns,
  orderChecks,
  settleOrder,
} from '../src/orders/index.ts';
import { paymentChecks } from '../src/payments/index.ts';
import { refillChecks } from '../src/refills/index.ts';
import { verify, verifyChanges } from '../src/system/index.ts';
import { type DamageLab, openDamageLab, withoutProof } from './damage.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { isSpread, openTestPanel, type TestPanel } from './harness.ts';

// A check that can't fail is worth nothing: every one is shown damage that it alone reports.

let panel: TestPanel;
let customerId: CustomerId;
let placed: Placed;
let clean: CheckReport;
let lab: DamageLab;
type Placed = Record<
  'plain' | 'free' | 'refunded' | 'reopened' | 'dripFeed' | 'subscription',
  OrderId
>;

before(async () => {
  panel = await openTestPanel();
  const customer = await makeCustomer(panel);
  customerId = customer.customerId;
  const options = { rate: '1', cancel: true, refill: true, dripfeed: true };
  const service = await makeService(panel, options);
  const free = await makeService(panel, { ...options, rate: '0' });
  const posts = await makeService(panel, { type: 'Subscriptions', rate: '1' });
  const add = async (fields: Record<string, string | number>): Promise<OrderId> => {
    const link = 'https://example.com/verified';
    const call = { key: customer.key, action: 'add', service, link, quantity: 100, ...fields };
    return BigInt(String(Reflect.get(Object(await panel.call(call)), 'order'))) as OrderId;
  };
  placed = {
    plain: await add({}),
    free: await add({ service: free, request_id: 'first' }),
    refunded: await add({}),
    reopened: await add({}),
    dripFeed: await add({ runs: 3, interval: 5 }),
    subscription: await add({ service: posts, username: 'u', min: 50, max: 50, delay: 0 }),
  };
  await settleOrder(panel.app, staff, {
    orderId: placed.refunded,
    status: 'Partial',
    remains: 40n,
  });
  const { plain, reopened } = placed;
  await settleOrder(panel.app, staff, { orderId: reopened, status: 'Canceled' });
  await settleOrder(panel.app, staff, { orderId: reopened, status: 'In progress' });
  await settleOrder(panel.app, staff, { orderId: plain, status: 'In progress', remains: 50n });
  await createDueRuns(panel.app);
  panel.clock.advance(5 * minuteMs);
  await createDueRuns(panel.app);
  const link = 'https://example.com/post';
  await announcePost(panel.app, staff, { orderId: placed.subscription, link });
  await createDuePosts(panel.app);
  await requestCancels(panel.app, { kind: 'customer', customerId, keyId: null }, [placed.plain]);
  clean = await verify(panel.app.db);
  lab = await openDamageLab(panel);
});
after(async () => {
  // What was not opened, since `before` failed, keeps nothing open either.
  await lab?.close();
  await panel?.close();
});

/** Which check a damage is for, and the damage: constraints and triggers are out of its way. */
type Damage = { check: string; what: string; damage: (placed: Placed) => string };

/** Another customer with a wallet (balance, count) and transfers, without time. */
const ofAnother = (wallet: string, ...transfers: string[]) => `
  insert into customers (id, name, created_at) values (901, 'other', now());
  insert into wallets (customer_id, balance, transfer_count) values (901, ${wallet});
  insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
    created_at) values ${transfers.map((columns) => `(901, ${columns}, now())`).join(', ')}`;

/** A report that the poller ignored, after the one change of an order. */
const ignoredBy = (orderId: OrderId, fields: Record<string, string> = {}) => {
  const { before, after, revision } = {
    ...{ before: 'after', after: 'after', revision: 'revision' },
    ...fields,
  };
  return `
    insert into order_events (customer_id, order_id, revision, kind, actor, before, after,
      created_at)
    select customer_id, order_id, ${revision}, 'ignored', 'system:poller', ${before}, ${after},
      now() from order_events where order_id = ${orderId}`;
};

const damages: readonly Damage[] = [
  {
    check: 'transfers_move_money_of_one_customer',
    what: 'a transfer between two accounts that are no wallet',
    damage: () => ofAnother('-5, 1', "1, 'deposits', 'bonuses', 5, -5, 'x'"),
  },
  {
    check: 'transfers_move_money_of_one_customer',
    what: 'a transfer of a customer who does not exist',
    damage: () => `
      insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
        created_at) values (999999, 1, 'deposits', 'wallet', 5, 5, 'ghost', now())`,
  },
  {
    check: 'transfers_move_money_of_one_customer',
    what: 'a transfer of nothing',
    damage: () => ofAnother('0, 1', "1, 'deposits', 'wallet', 0, 0, 'deposits:x'"),
  },
  {
    check: 'cached_balance_equals_transfers',
    what: 'a balance that is one unit too high',
    damage: () => `update wallets set balance = balance + 1 where customer_id = ${customerId}`,
  },
  {
    check: 'cached_balance_equals_transfers',
    what: 'a transfer that is not counted',
    damage: () => `update wallets set transfer_count = transfer_count - 1
      where customer_id = ${customerId}`,
  },
  {
    check: 'balance_after_chains',
    what: 'a balance after a transfer that does not follow from the one before',
    damage: () => `update transfers set balance_after = balance_after + 1
      where customer_id = ${customerId} and number = 2`,
  },
  {
    check: 'balance_after_chains',
    what: 'a gap in the numbers',
    damage: () => `update transfers set number = number + 1
      where customer_id = ${customerId} and number = (select max(number) from transfers)`,
  },
  {
    check: 'balance_after_chains',
    what: 'a number that has the hash of the right one',
    // Its halves folded onto each other are 3, and those of the number before it are 2.
    damage: () => `update transfers set number = (2::bigint << 32) + 1
      where customer_id = ${customerId} and number = 3`,
  },
  {
    check: 'never_below_credit_limit',
    what: 'a balance that was below 0 without credit, long ago',
    damage: () =>
      ofAnother(
        '0, 2',
        "1, 'wallet', 'adjustments', 7, -7, 'x'",
        "2, 'adjustments', 'wallet', 7, 0, 'y'",
      ),
  },
  {
    check: 'every_customer_has_a_wallet',
    what: 'a customer without a wallet',
    damage: () => `insert into customers (name, created_at) values ('walletless', now())`,
  },
  {
    check: 'one_charge_of_the_charge',
    what: 'an order that costs what nobody paid',
    damage: ({ free }) => `update orders set charge = 100 where id = ${free}`,
  },
  {
    check: 'charge_divides_by_quantity',
    what: 'a charge that is no whole number of units per piece',
    damage: ({ subscription }) => `update orders set quantity = 300
      where parent_id = ${subscription}`,
  },
  {
    check: 'charge_divides_by_quantity',
    what: 'an order of nothing',
    damage: ({ free }) => `update orders set quantity = 0 where id = ${free}`,
  },
  {
    check: 'no_charge_without_order',
    what: 'a charge for an order that is not there',
    damage: ({ plain }) => `
      delete from order_events where order_id = ${plain};
      delete from cancels where order_id = ${plain};
      delete from orders where id = ${plain}`,
  },
  {
    check: 'no_charge_without_order',
    what: 'money out of sales that is of no order',
    damage: () => ofAnother('5, 1', "1, 'sales', 'wallet', 5, 5, 'x'"),
  },
  {
    check: 'refund_equals_undelivered',
    what: 'an order completed that was refunded in part',
    damage: ({ refunded }) => `
      update orders set status = 'Completed' where id = ${refunded};
      update order_events set after = after || '{"status": "Completed"}'
        where order_id = ${refunded}`,
  },
  {
    check: 'refund_equals_transfers',
    what: 'a refund that was never paid',
    damage: ({ plain }) => `
      update orders set status = 'Canceled', remains = 100, refunded = charge,
        completed_at = now() where id = ${plain};
      update order_events set refund = 10000000,
        after = after || '{"status": "Canceled", "remains": "100"}' where order_id = ${plain}`,
  },
  {
    check: 'drip_feed_adds_up',
    what: 'a run that is done but was never created',
    damage: ({ dripFeed }) => `update drip_feeds set runs_done = runs_done + 1, next_run_at = null
      where order_id = ${dripFeed}`,
  },
  {
    check: 'drip_feed_adds_up',
    what: 'a parent whose remains are not those of its runs',
    damage: ({ dripFeed }) => `update orders set remains = remains - 1 where id = ${dripFeed}`,
  },
  {
    check: 'subscription_adds_up',
    what: 'a post that counts as ordered and was not',
    damage: ({ subscription }) => `update subscriptions set posts_done = posts_done + 1
      where order_id = ${subscription}`,
  },
  {
    check: 'subscription_adds_up',
    what: 'a subscription that has lost its terms',
    damage: ({ subscription }) => `delete from subscriptions where order_id = ${subscription}`,
  },
  {
    check: 'no_parent_in_limbo',
    what: 'a drip-feed that is final while it has runs to come',
    damage: ({ dripFeed }) => `
      update orders set status = 'Canceled', completed_at = now() where id = ${dripFeed}`,
  },
  {
    check: 'every_settlement_has_its_event',
    what: 'a change that left no event',
    damage: ({ plain }) => `delete from order_events where order_id = ${plain}`,
  },
  {
    check: 'every_settlement_has_its_event',
    what: 'a status other than the last event says',
    damage: ({ plain }) => `update orders set status = 'Processing' where id = ${plain}`,
  },
  {
    check: 'only_staff_leave_a_final_state',
    what: 'a final order that the system reopened',
    damage: ({ reopened }) => `update order_events set actor = 'system:poller'
      where order_id = ${reopened}`,
  },
  {
    check: 'events_chain',
    what: 'an event that does not begin where the one before ended',
    damage: ({ reopened }) => `update order_events set before = before || '{"refunded": "0.07"}'
      where order_id = ${reopened} and before ->> 'status' = 'Canceled'`,
  },
  {
    check: 'events_chain',
    what: 'a first event that does not begin where the order was placed',
    damage: ({ plain }) => `update order_events set before = before || '{"remains": "99"}'
      where order_id = ${plain}`,
  },
  {
    check: 'what_is_ignored_changes_nothing',
    what: 'a report of an order that is not there',
    damage: () => `
      insert into order_events (customer_id, order_id, revision, kind, actor, before, after,
        created_at)
      values (${customerId}, 999999, 0, 'ignored', 'system:poller', '{}', '{}', now())`,
  },
  {
    check: 'events_chain',
    what: 'an event out of its turn',
    damage: ({ refunded }) => `update order_events set revision = revision + 1
      where order_id = ${refunded}`,
  },
  {
    check: 'what_is_ignored_changes_nothing',
    what: 'a report that was ignored and changed something',
    damage: ({ refunded }) => ignoredBy(refunded, { after: `after || '{"remains": "1"}'` }),
  },
  {
    check: 'what_is_ignored_changes_nothing',
    what: 'a report that met a state in which the order never was',
    damage: ({ refunded }) => {
      const other = `after || '{"remains": "1"}'`;
      return ignoredBy(refunded, { before: other, after: other });
    },
  },
  {
    check: 'what_is_ignored_changes_nothing',
    what: 'a report that met a change which there was not',
    damage: ({ refunded }) => ignoredBy(refunded, { revision: 'revision + 1' }),
  },
  {
    check: 'one_order_per_request_id',
    what: 'two orders of one request_id',
    damage: ({ plain }) => `drop index orders_request_id;
      update orders set request_id = 'first', request_hash = '' where id = ${plain}`,
  },
  ...['update', 'delete', 'truncate', 'update (actor)'].map((right) => ({
    check: 'append_only_for_the_server',
    what: `that the server may ${right} events`,
    damage: () => `grant ${right} on order_events to panelwright_app`,
  })),
  {
    check: 'children_belong_to_their_parents_customer',
    what: 'a child without a parent',
    damage: ({ free }) => `update orders set parent_id = 999999, run = 1 where id = ${free}`,
  },
];

for (const { check, what, damage } of damages) {
  test(`${check} alone reports ${what}`, async () => {
    const broken = await lab.withDamage(damage(placed));
    assert.deepEqual([...new Set(broken)], [check]);
  });
}

test('a report that was ignored is nothing broken', async () => {
  assert.deepEqual(await lab.withDamage(ignoredBy(placed.refunded)), []);
});

test('every check has been shown damage, and has looked at something here', () => {
  const elsewhere = new Set(
    [...deliveryChecks, ...refillChecks, ...cancelChecks, ...paymentChecks, ...figureChecks].map(
      (check) => check.name,
    ),
  );
  const names = Object.keys(clean.checked)
    .filter((name) => !elsewhere.has(name))
    .sort();
  assert.deepEqual([...new Set(damages.map((one) => one.check))].sort(), names);
  assert.deepEqual(clean.broken, []);
  const idle = names.filter((name) => clean.checked[name] === 0);
  assert.deepEqual(idle, []);
});

test('where nothing is broken, sums show it and no proof falls back on rows', async () => {
  const checks = [...ledgerChecks, ...orderChecks, ...deliveryChecks, ...refillChecks];
  // No shard sees another's rows, so there these are no index's.
  const looked = isSpread
    ? ['an_external_order_belongs_to_one_attempt', 'an_external_refill_is_one_refill']
    : [];
  assert.deepEqual(await withoutProof(panel, checks), looked);
  assert(checks.filter(({ proof }) => proof).length > 10, 'there are proofs');
});

test('row by row nothing is found broken where nothing is', async () => {
  const [found] = await panel.owner.sql<{ rows: number }[]>`
    select greatest((select count(*) from orders), (select count(*) from transfers))::int as rows`;
  const rows = found?.rows ?? 0;
  assert(rows > 5);
  // What changed lately would be looked at at once.
  panel.clock.advance(60 * minuteMs);
  for (let count = 0; count < rows; count += 1) {
    panel.clock.advance(minuteMs);
    const ran = await verifyChanges(panel.app, { changedRowsMax: 100, roundRowsMax: 1 });
    assert.deepEqual(ran?.findings, []);
  }
});
