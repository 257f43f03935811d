import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Amount, amount, type PaymentId } from '../base/index.ts';
import {
  applyFacts,
  type Dispute,
  isOfAnother,
  type PaymentFacts,
  type Report,
  returnTarget,
} from './report.ts';

const at = new Date('2026-03-01T12:00:00Z');
const zero = amount(0n);
const started: PaymentFacts = {
  state: 'started',
  currency: 'USD',
  amount: amount(1_000n),
  fee: amount(30n),
  bonus: amount(50n),
  credit: amount(1_020n),
  externalId: null,
  chargeId: null,
  refunded: zero,
  taken: zero,
  owed: zero,
  waived: zero,
  flag: null,
  creditedAt: null,
  disputes: [],
};

let events = 0;
/** A report of the payment, by an event of its own. */
function report<Kind extends Report['kind']>(
  kind: Kind,
  fields: Omit<
    Extract<Report, { kind: Kind }>,
    'kind' | 'eventId' | 'paymentId' | 'sessionId' | 'chargeId'
  >,
): Report {
  events += 1;
  const paymentId = 1n as PaymentId;
  const about = { eventId: `evt_${events}`, paymentId, sessionId: 'cs_1', chargeId: 'pi_1' };
  // The kind and its fields belong together by the parameter's type.
  return { ...about, kind, ...fields } as unknown as Report;
}

const paid = (value: Amount = started.amount, externalId = 'cs_1') =>
  report('paid', { externalId, amount: value, currency: 'USD' });
const dispute = (state: Dispute['state'], second: number, id = 'dp_1') =>
  report('dispute', {
    dispute: { id, state, amount: amount(1_000n), reportedAt: new Date(second * 1_000) },
  });

function after(...reports: readonly Report[]): PaymentFacts {
  return reports.reduce((facts, one) => applyFacts(facts, one, at), started);
}

test('reports of one payment come to the same end in any order, and any number of times', () => {
  const all = [
    report('processing', { externalId: 'cs_1' }),
    paid(),
    report('expired', {}),
    report('failed', {}),
    report('refunded', { amount: amount(300n) }),
    report('refunded', { amount: amount(100n) }),
    dispute('open', 10),
    dispute('lost', 20),
    dispute('won', 30),
  ];
  const orders = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(orders, (order) => {
      const facts = after(...order);
      const isPaid = order.some(({ kind }) => kind === 'paid');
      assert.equal(facts.creditedAt !== null, isPaid);
      const refunds = order.flatMap((one) => (one.kind === 'refunded' ? [one.amount] : []));
      assert.equal(
        facts.refunded,
        refunds.toSorted((one, other) => (one < other ? -1 : 1)).at(-1) ?? zero,
      );
      const disputes = order.flatMap((one) => (one.kind === 'dispute' ? [one.dispute] : []));
      const latest = disputes.toSorted((a, b) => +a.reportedAt - +b.reportedAt).at(-1);
      assert.deepEqual(facts.disputes.at(0)?.state, latest?.state);
      if (!isPaid) return;
      const words = { open: 'disputed', lost: 'lost', won: 'credited' } as const;
      assert.equal(facts.state, latest === undefined ? 'credited' : words[latest.state]);
      const returned = facts.refunded + (latest?.state === 'lost' ? 1_000n : 0n);
      const share = returned < 1_000n ? returned : 1_000n;
      assert.equal(returnTarget(facts), (1_020n * share + 999n) / 1_000n);
    }),
  );
});

test('a report that says nothing new is the same facts', () => {
  const facts = after(paid(), dispute('open', 10));
  for (const repeated of [paid(), dispute('open', 10), report('failed', {})]) {
    assert.equal(applyFacts(facts, repeated, at), facts);
  }
});

test('another amount or currency than was started credits nothing and is marked', () => {
  const other = report('paid', { externalId: 'cs_1', amount: started.amount, currency: 'EUR' });
  for (const wrong of [paid(amount(999n)), paid(amount(1_001n)), paid(zero), other]) {
    const facts = after(wrong);
    assert.equal(facts.creditedAt, null);
    assert.equal(facts.flag, 'amount_differs');
    const right = applyFacts(facts, paid(), at);
    assert.equal(right.flag, null);
    assert.equal(right.state, 'credited');
  }
});

test('a second payment of the same is marked and not credited', () => {
  const facts = after(paid(), paid(started.amount, 'cs_2'));
  assert.equal(facts.flag, 'paid_twice');
  assert.equal(facts.externalId, 'cs_1');
});

test('money on its way is waited for until it failed or its time is over, or it came', () => {
  const waiting = after(report('processing', { externalId: 'cs_1' }));
  assert.equal(waiting.state, 'waiting');
  assert.equal(applyFacts(waiting, report('failed', {}), at).state, 'failed');
  const expired = applyFacts(waiting, report('expired', {}), at);
  assert.equal(expired.state, 'expired');
  assert.equal(applyFacts(expired, paid(), at).state, 'credited');
});

test('a report is of another payment where session or charge are known and differ', () => {
  const known = after(paid());
  const named = (sessionId: string | null, chargeId: string | null) =>
    isOfAnother(known, { ...report('failed', {}), sessionId, chargeId });
  assert.deepEqual(
    [named('cs_1', 'pi_1'), named(null, 'pi_1'), named('cs_1', null), named(null, null)],
    [false, false, false, false],
  );
  assert.deepEqual([named('cs_2', 'pi_1'), named('cs_1', 'pi_2')], [true, true]);
  assert.equal(isOfAnother(started, paid()), false);
});

test('of two words of the same second about a dispute, the decision counts', () => {
  for (const order of [
    [dispute('open', 10), dispute('lost', 10)],
    [dispute('lost', 10), dispute('open', 10)],
  ]) {
    assert.equal(after(paid(), ...order).state, 'lost');
  }
});

test('a payment is disputed while one of its disputes is open', () => {
  const facts = after(paid(), dispute('lost', 10, 'dp_1'), dispute('open', 20, 'dp_2'));
  assert.equal(facts.state, 'disputed');
  assert.equal(applyFacts(facts, dispute('won', 30, 'dp_2'), at).state, 'lost');
});
