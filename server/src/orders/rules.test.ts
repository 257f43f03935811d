import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AppError,
  amount,
  type CustomerId,
  minuteMs,
  type OrderId,
  type ServiceId,
  zero,
} from '../base/index.ts';
import type { Wallet } from '../ledger/index.ts';
import type { OrderDraft } from './draft.ts';
import { nextRunAt } from './insert.ts';
import {
  decideSettlement,
  finalParentStatus,
  isFinal,
  linkKey,
  type OrderStatus,
  type PlacementEntry,
  planPlacement,
  type Report,
  refundOf,
  requestKey,
  type SettledOrder,
} from './rules.ts';

const customers = [1, 2, 3] as CustomerId[];

const drafts: fc.Arbitrary<OrderDraft> = fc
  .record({
    customerId: fc.constantFrom(...customers),
    link: fc.constantFrom('a', 'b'),
    charge: fc.bigInt({ min: 0n, max: 60n }).map(amount),
    denyDuplicates: fc.boolean(),
    request: fc.option(
      fc.record({
        id: fc.constantFrom('r1', 'r2', 'r3'),
        hash: fc.constantFrom(Uint8Array.of(1), Uint8Array.of(2)),
      }),
      { nil: null },
    ),
  })
  .map((varied) => ({
    ...varied,
    serviceId: 1 as ServiceId,
    type: 'Default',
    kind: 'single',
    quantity: 1n,
    details: {},
    dripFeed: null,
    subscription: null,
    route: null,
  }));

const toEntries = (list: readonly OrderDraft[], firstId = 1n): PlacementEntry[] =>
  list.map((draft, index) => ({ id: (firstId + BigInt(index)) as OrderId, draft }));

const walletsOf = (balance: bigint): Map<CustomerId, Wallet> =>
  new Map(
    customers.map((customerId) => [
      customerId,
      {
        customerId,
        balance: amount(balance),
        creditLimit: amount(20n),
        transferCount: 0n,
        isStopped: false,
      },
    ]),
  );

const noFacts = { requests: new Map(), activeLinks: new Set<string>(), stored: new Set<OrderId>() };

test('a batch is decided as if each order had come alone', () => {
  fc.assert(
    fc.property(fc.array(drafts), fc.bigInt({ min: 0n, max: 200n }), (list, balance) => {
      const entries = toEntries(list);
      const whole = planPlacement(entries, { ...noFacts, wallets: walletsOf(balance) });

      const wallets = walletsOf(balance);
      const requests = new Map<string, { id: OrderId; hash: Uint8Array }>();
      const activeLinks = new Set<string>();
      const outcomes = entries.map((entry) => {
        const one = planPlacement([entry], { ...noFacts, wallets, requests, activeLinks });
        for (const wallet of one.wallets) wallets.set(wallet.customerId, wallet);
        for (const { id, draft } of one.accepted) {
          activeLinks.add(linkKey(draft));
          const { request } = draft;
          if (request === null) continue;
          requests.set(requestKey(draft.customerId, request.id), { id, hash: request.hash });
        }
        return one.outcomes[0];
      });
      assert.deepEqual(whole.outcomes.map(describe), outcomes.map(describe));
      for (const wallet of whole.wallets) {
        assert.deepEqual(wallets.get(wallet.customerId), wallet);
      }
    }),
  );
});

test('what is accepted is what is charged, to the unit, within every limit', () => {
  fc.assert(
    fc.property(fc.array(drafts), fc.bigInt({ min: 0n, max: 200n }), (list, balance) => {
      const plan = planPlacement(toEntries(list), { ...noFacts, wallets: walletsOf(balance) });
      const priced = plan.accepted.filter(({ draft }) => draft.charge > 0n);
      assert.deepEqual(
        plan.transfers.map((transfer) => [transfer.orderId, transfer.amount, transfer.customerId]),
        priced.map(({ id, draft }) => [id, draft.charge, draft.customerId]),
      );
      const references = new Set(plan.transfers.map((transfer) => transfer.reference));
      assert.equal(references.size, plan.transfers.length);
      for (const wallet of plan.wallets) {
        const own = plan.transfers.filter((one) => one.customerId === wallet.customerId);
        const spent = own.reduce((sum, transfer) => sum + transfer.amount, 0n);
        assert.equal(wallet.balance, balance - spent);
        assert(wallet.balance >= -20n);
        assert.equal(wallet.transferCount, BigInt(own.length));
      }
      const accepted = new Set(plan.accepted.map(({ id }) => id));
      for (const outcome of plan.outcomes) {
        assert(outcome instanceof AppError || accepted.has(outcome));
      }
    }),
  );
});

test('a batch of which any part is stored already charges only the rest', () => {
  fc.assert(
    fc.property(fc.array(drafts, { minLength: 1 }), fc.func(fc.boolean()), (list, isStored) => {
      const entries = toEntries(list);
      const first = planPlacement(entries, { ...noFacts, wallets: walletsOf(100n) });
      const stored = new Set(first.accepted.map(({ id }) => id).filter((id) => isStored(id)));
      const again = planPlacement(entries, { ...noFacts, wallets: walletsOf(100n), stored });
      for (const { id } of again.accepted) assert(!stored.has(id));
      for (const transfer of again.transfers) {
        assert(transfer.orderId !== null && !stored.has(transfer.orderId));
      }
      entries.forEach(({ id }, index) => {
        if (stored.has(id)) assert.equal(again.outcomes[index], id);
      });
    }),
  );
});

test('a link is told apart from another customer or service with the same digits', () => {
  const keys = [
    { customerId: 1, serviceId: 23, link: '4' },
    { customerId: 12, serviceId: 3, link: '4' },
    { customerId: 1, serviceId: 2, link: '3:4' },
  ].map((one) =>
    linkKey({
      ...one,
      customerId: one.customerId as CustomerId,
      serviceId: one.serviceId as ServiceId,
    }),
  );
  assert.equal(new Set(keys).size, keys.length);
});

const statuses = fc.constantFrom<OrderStatus>(
  'Pending',
  'In progress',
  'Processing',
  'Completed',
  'Partial',
  'Canceled',
  'Active',
  'Expired',
);
const reports: fc.Arbitrary<Report> = fc.record(
  {
    status: statuses,
    startCount: fc.bigInt({ min: -2n, max: 1_000n }),
    remains: fc.bigInt({ min: -20n, max: 130n }),
  },
  { requiredKeys: [] },
);
const steps = fc.array(
  fc.record({ report: reports, by: fc.constantFrom<'staff' | 'other'>('staff', 'other') }),
);

function newOrder(isPackage: boolean): SettledOrder {
  return {
    status: 'Pending',
    quantity: isPackage ? 1n : 100n,
    charge: amount(700n),
    refunded: zero,
    startCount: null,
    remains: isPackage ? 1n : 100n,
    isPackage,
  };
}

function apply(order: SettledOrder, report: Report, by: 'staff' | 'other'): SettledOrder {
  const decision = decideSettlement(order, report, by);
  return decision.kind === 'change' ? { ...order, ...decision.next } : order;
}

test('after any reports by anyone the refund follows from status and remains alone', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (list, isPackage) => {
      let order = newOrder(isPackage);
      for (const { report, by } of list) order = apply(order, report, by);
      assert(order.remains >= 0n && order.remains <= order.quantity);
      assert(order.refunded >= 0n && order.refunded <= order.charge);
      const isRefunded = order.status === 'Partial' || order.status === 'Canceled';
      assert.equal(order.refunded, isRefunded ? refundOf(order, order.remains) : 0n);
      if (order.status === 'Completed') assert.equal(order.remains, 0n);
      if (order.status === 'Canceled') assert.equal(order.refunded, order.charge);
      if (isPackage) assert.notEqual(order.status, 'Partial');
    }),
    { numRuns: 2_000 },
  );
});

test('without staff no report takes money back or leaves a final state', () => {
  fc.assert(
    fc.property(fc.array(reports), (list) => {
      let order = newOrder(false);
      for (const report of list) {
        const next = apply(order, report, 'other');
        assert(next.refunded >= order.refunded);
        if (isFinal(order.status)) assert.equal(next.status, order.status);
        order = next;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a report repeated changes nothing the second time', () => {
  fc.assert(
    fc.property(steps, (list) => {
      let order = newOrder(false);
      for (const { report, by } of list) {
        order = apply(order, report, by);
        assert.deepEqual(apply(order, report, by), order);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('staff can bring an order from any state to any end', () => {
  fc.assert(
    fc.property(steps, (list) => {
      let order = newOrder(false);
      for (const { report, by } of list) order = apply(order, report, by);
      assert.equal(apply(order, { status: 'Completed' }, 'staff').refunded, 0n);
      assert.equal(apply(order, { status: 'Canceled' }, 'staff').refunded, 700n);
      assert.equal(apply(order, { status: 'Partial', remains: 40n }, 'staff').refunded, 280n);
    }),
  );
});

test('refunds of parts add up to the refund of the whole', () => {
  const parts = fc.tuple(fc.bigInt({ min: 0n, max: 500n }), fc.bigInt({ min: 0n, max: 500n }));
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 1_000_000n }), parts, (unit, [one, other]) => {
      const order = { charge: amount(unit * 1_000n), quantity: 1_000n };
      assert.equal(refundOf(order, one) + refundOf(order, other), refundOf(order, one + other));
      assert.equal(refundOf(order, 1_000n), order.charge);
    }),
  );
});

test('a charge that does not divide by its quantity is never refunded by guess', () => {
  assert.throws(() => refundOf({ charge: amount(10n), quantity: 3n }, 1n), /assertion/);
});

test('a parent ends as what was delivered of it says', () => {
  const ends = [0n, 1n, 99n, 100n].map((remains) => finalParentStatus({ quantity: 100n, remains }));
  assert.deepEqual(ends, ['Completed', 'Partial', 'Partial', 'Canceled']);
});

test('the next run is due on schedule, or one interval from now after a long stop', () => {
  const times = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) });
  const intervals = fc.integer({ min: 1, max: 525_600 });
  fc.assert(
    fc.property(times, times, intervals, (due, now, intervalMinutes) => {
      const next = nextRunAt({ due, intervalMinutes, now }).getTime();
      const intervalMs = intervalMinutes * minuteMs;
      assert(next > now.getTime(), 'never two runs at once');
      assert(next === due.getTime() + intervalMs || next === now.getTime() + intervalMs);
      assert(next >= due.getTime() + intervalMs, 'never before its time');
    }),
  );
});

function describe(outcome: OrderId | AppError | undefined): string {
  return outcome instanceof AppError ? outcome.code : String(outcome);
}
