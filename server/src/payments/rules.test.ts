import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Amount, amount } from '../base/index.ts';
import { planReturn, priceDeposit, returnFor } from './rules.ts';

const amounts = fc.bigInt({ min: 1n, max: 10n ** 17n }).map(amount);
const basisPoints = fc.integer({ min: 0, max: 9_999 });
const terms = fc.record({
  feeBasisPoints: basisPoints,
  feeFixed: fc.bigInt({ min: 0n, max: 10n ** 10n }).map(amount),
  bonusTiers: fc
    .uniqueArray(
      fc.record({
        from: fc.bigInt({ min: 0n, max: 10n ** 17n }).map(amount),
        basisPoints: fc.integer({ min: 0, max: 10_000 }),
      }),
      { selector: ({ from }) => from, maxLength: 10 },
    )
    .map((tiers) => tiers.toSorted((one, other) => (one.from < other.from ? -1 : 1))),
});

/** A share in hundredths of a percent, compared without dividing. */
function isRoundedUp(rounded: bigint, of: bigint, points: number): boolean {
  const exact = of * BigInt(points);
  return rounded * 10_000n >= exact && (rounded - 1n) * 10_000n < exact;
}

test('a fee is rounded up, a bonus down, and nothing else is added or lost', () => {
  fc.assert(
    fc.property(amounts, terms, (paid, given) => {
      const priced = priceDeposit(paid, given);
      const share = (paid * BigInt(given.feeBasisPoints) + 9_999n) / 10_000n;
      assert.equal(priced === undefined, share + given.feeFixed >= paid);
      if (priced === undefined) return;
      assert(isRoundedUp(priced.fee - given.feeFixed, paid, given.feeBasisPoints));
      const tier = given.bonusTiers.findLast(({ from }) => from <= paid);
      const exact = paid * BigInt(tier?.basisPoints ?? 0);
      assert(priced.bonus * 10_000n <= exact && (priced.bonus + 1n) * 10_000n > exact);
      assert.equal(priced.credit, paid - priced.fee + priced.bonus);
      assert.equal(priced.amount, paid);
    }),
  );
});

test('the fee of a larger amount leaves at least as much, so the least tells for all', () => {
  fc.assert(
    fc.property(amounts, amounts, terms, (one, other, given) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      const plain = { ...given, bonusTiers: [] };
      const [small, large] = [priceDeposit(less, plain), priceDeposit(more, plain)];
      if (small !== undefined) assert(large !== undefined && large.credit >= small.credit);
    }),
  );
});

test('fees and bonuses of whole numbers are what anybody would work out', () => {
  const unit = (count: bigint) => amount(count * 100_000_000n);
  const given = {
    feeBasisPoints: 290,
    feeFixed: amount(30_000_000n),
    bonusTiers: [
      { from: unit(50n), basisPoints: 500 },
      { from: unit(200n), basisPoints: 1_000 },
    ],
  };
  const creditOf = (count: bigint) => priceDeposit(unit(count), given)?.credit;
  // 2.9% and 0.30 of 10: 0.59.
  assert.equal(creditOf(10n), 941_000_000n);
  // 1.75 of 50, with 2.50 on top.
  assert.equal(creditOf(50n), 5_075_000_000n);
  // 6.10 of 200, with 20 on top.
  assert.equal(creditOf(200n), 21_390_000_000n);
});

test('what is returned is the same share of what was gained, rounded up; whole for all', () => {
  fc.assert(
    fc.property(amounts, amounts, amounts, (paid, credit, returned) => {
      const back = returnFor({ amount: paid, credit }, returned);
      assert(back >= 0n && back <= credit);
      if (returned >= paid) assert.equal(back, credit);
      else assert(back * paid >= credit * returned && (back - 1n) * paid < credit * returned);
    }),
  );
});

test('a return follows its target through any history, and never takes what is not there', () => {
  const step = fc.record({
    target: fc.bigInt({ min: 0n, max: 1_000n }).map(amount),
    available: fc.bigInt({ min: -500n, max: 1_000n }).map(amount),
    isWaived: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const none = amount(0n);
      let state = { taken: none, owed: none, waived: none };
      let moved = 0n;
      for (const { target, available, isWaived } of steps) {
        const plan = planReturn(state, { target, available });
        assert.equal(plan.taken + plan.owed + plan.waived, target);
        assert(plan.taken >= 0n && plan.owed >= 0n && plan.waived >= 0n);
        assert(plan.take === 0n || plan.restore === 0n);
        assert(plan.take <= (available > 0n ? available : 0n));
        // Nothing stays owed that could be taken.
        assert(plan.owed === 0n || plan.take === (available > 0n ? available : 0n));
        moved += plan.take - plan.restore;
        assert.equal(plan.taken, moved);
        state = isWaived ? waive(plan) : plan;
      }
    }),
  );
});

function waive(state: { taken: Amount; owed: Amount; waived: Amount }) {
  return { taken: state.taken, owed: amount(0n), waived: amount(state.waived + state.owed) };
}
