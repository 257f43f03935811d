import { type Amount, amount, assert, zero } from '../base/index.ts';

/** From an amount on, so much of it is added as a bonus. */
export type BonusTier = { from: Amount; basisPoints: number };

/** What a method keeps and adds. */
export type PaymentTerms = {
  /** Hundredths of a percent of what is paid, 0 to 9999. */
  feeBasisPoints: number;
  feeFixed: Amount;
  /** Ascending by `from`; the last one that applies counts. */
  bonusTiers: readonly BonusTier[];
};

/** What becomes of an amount that is paid. All in units of 10⁻⁸. */
export type Pricing = { amount: Amount; fee: Amount; bonus: Amount; credit: Amount };

const whole = 10_000n;

/**
 * What the wallet gains for an amount that is paid: the amount less the fee, plus the bonus. The
 * fee is rounded up and the bonus down to 10⁻⁸, so the books never give away what nobody paid.
 * Pure. Undefined when the fee leaves nothing.
 */
export function priceDeposit(paid: Amount, terms: PaymentTerms): Pricing | undefined {
  assert(paid > 0n, 'a payment is more than 0');
  const share = divideUp(paid * BigInt(terms.feeBasisPoints), whole);
  const fee = amount(share + terms.feeFixed);
  if (fee >= paid) return undefined;
  const tier = terms.bonusTiers.filter(({ from }) => from <= paid).at(-1);
  const bonus = amount((paid * BigInt(tier?.basisPoints ?? 0)) / whole);
  return { amount: paid, fee, bonus, credit: amount(paid - fee + bonus) };
}

/**
 * What the wallet has to give back when so much of a payment is returned to the payer: the same
 * share of what it gained, rounded up, and never more than that. Pure.
 */
export function returnFor(payment: Pick<Pricing, 'amount' | 'credit'>, returned: Amount): Amount {
  const share = returned < payment.amount ? returned : payment.amount;
  return amount(divideUp(payment.credit * share, payment.amount));
}

/** How far the return of a payment has come: `taken + owed + waived` is what has to be returned. */
export type ReturnState = { taken: Amount; owed: Amount; waived: Amount };

/** What is moved now: out of the wallet (`take`) or back into it (`restore`). */
export type ReturnPlan = ReturnState & { take: Amount; restore: Amount };

/**
 * Brings a return to what has to be returned. More of it is owed first, and taken as far as the
 * wallet allows; less of it (a dispute won after all) is taken off what is owed, then given back,
 * then off what was waived. Pure.
 */
export function planReturn(
  state: ReturnState,
  input: { target: Amount; available: Amount },
): ReturnPlan {
  const change = input.target - state.taken - state.owed - state.waived;
  const less = change < 0n ? -change : 0n;
  const fromOwed = least(less, state.owed);
  const restore = least(less - fromOwed, state.taken);
  const fromWaived = less - fromOwed - restore;
  const owed = state.owed - fromOwed + (change > 0n ? change : 0n);
  const take = least(owed, input.available > 0n ? input.available : zero);
  return {
    taken: amount(state.taken - restore + take),
    owed: amount(owed - take),
    waived: amount(state.waived - fromWaived),
    take: amount(take),
    restore: amount(restore),
  };
}

/** The smaller of two amounts. */
function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
