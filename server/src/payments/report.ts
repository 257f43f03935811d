import { type Amount, amount, type PaymentId } from '../base/index.ts';
import type { Schema } from '../db/index.ts';
import { type Pricing, type ReturnState, returnFor } from './rules.ts';

export type PaymentState = Schema['payments']['state'];
export type PaymentFlag = NonNullable<Schema['payments']['flag']>;
export type DisputeState = Schema['payment_disputes']['state'];

/** A dispute as last reported; `reportedAt` is the gateway's own time. */
export type Dispute = { id: string; state: DisputeState; amount: Amount; reportedAt: Date };

/** What is known of a payment, and decides where its money is. */
export type PaymentFacts = Pricing &
  ReturnState & {
    state: PaymentState;
    currency: string;
    externalId: string | null;
    chargeId: string | null;
    /** What the gateway gave back to the payer so far. */
    refunded: Amount;
    flag: PaymentFlag | null;
    creditedAt: Date | null;
    disputes: readonly Dispute[];
  };

/**
 * What a gateway said of a payment, in one form for all gateways. `paymentId` is our number as the
 * gateway gives it back; without it the payment is found by `chargeId`.
 */
export type Report = {
  eventId: string;
  paymentId: PaymentId | null;
  /** The one session in which it is made, which is its `externalId`; null where there is none. */
  sessionId: string | null;
  /** What refunds and disputes name at this gateway. */
  chargeId: string | null;
  /** Panels may share an account, and the payment does not say which of them gave the number. */
  isNameless?: boolean;
} & ReportKind;

type ReportKind =
  | { kind: 'paid'; externalId: string; amount: Amount; currency: string }
  /** Paid by a slow way: the money is not there yet. */
  | { kind: 'processing'; externalId: string }
  | { kind: 'failed' }
  | { kind: 'expired' }
  /** `amount`: all that was given back so far. */
  | { kind: 'refunded'; amount: Amount }
  /** A refund that did not arrive. */
  | { kind: 'refund_failed' }
  | { kind: 'dispute'; dispute: Dispute };

/**
 * Whether a report is about another session or charge than this payment's, so that it has the same
 * number by chance: panels can share an account, and number their payments alike. Pure.
 */
export function isOfAnother(payment: PaymentFacts, report: Report): boolean {
  return differ(payment.externalId, report.sessionId) || differ(payment.chargeId, report.chargeId);
}

function differ(known: string | null, told: string | null): boolean {
  return known !== null && told !== null && known !== told;
}

/**
 * What a payment is known to be after a report. Money follows from that alone, so reports may
 * repeat, and come in any order: what was paid is never unpaid, what was given back never grows
 * less, and of a dispute the gateway's latest word counts. Answers `before` itself when the report
 * says nothing new. Pure.
 */
export function applyFacts(before: PaymentFacts, report: Report, at: Date): PaymentFacts {
  const after = factsAfter(before, report, at);
  if (after === before) return before;
  return { ...after, state: stateOf(after) };
}

function factsAfter(before: PaymentFacts, report: Report, at: Date): PaymentFacts {
  switch (report.kind) {
    case 'paid':
      return paid(before, report, at);
    case 'processing':
      return before.state === 'started' || before.state === 'expired'
        ? { ...before, state: 'waiting', externalId: report.externalId, ...chargeOf(report) }
        : before;
    case 'failed':
    case 'expired':
      return before.state === 'started' || before.state === 'waiting'
        ? { ...before, state: report.kind }
        : before;
    case 'refunded':
      return report.amount > before.refunded ? { ...before, refunded: report.amount } : before;
    case 'refund_failed':
      return flagged(before, 'refund_failed');
    case 'dispute':
      return disputed(before, report.dispute);
  }
}

type PaidReport = Extract<Report, { kind: 'paid' }>;

function paid(before: PaymentFacts, report: PaidReport, at: Date): PaymentFacts {
  const { externalId } = report;
  if (before.creditedAt !== null) {
    // Credited by staff, or by an event that did not name the charge.
    const ids = {
      externalId: before.externalId ?? externalId,
      chargeId: before.chargeId ?? report.chargeId,
    };
    if (ids.externalId !== externalId) return flagged(before, 'paid_twice');
    const isNew = ids.externalId !== before.externalId || ids.chargeId !== before.chargeId;
    return isNew ? { ...before, ...ids } : before;
  }
  const isAsStarted = report.amount === before.amount && report.currency === before.currency;
  const named = isNamed(before, report) ? before : { ...before, externalId, ...chargeOf(report) };
  if (!isAsStarted) return flagged(named, 'amount_differs');
  const flag = before.flag === 'amount_differs' ? null : before.flag;
  return { ...named, flag, creditedAt: at };
}

/** Marks a payment for staff. */
function flagged(before: PaymentFacts, flag: PaymentFlag): PaymentFacts {
  return before.flag === flag ? before : { ...before, flag };
}

function isNamed(before: PaymentFacts, report: PaidReport): boolean {
  const isCharge = report.chargeId === null || report.chargeId === before.chargeId;
  return before.externalId === report.externalId && isCharge;
}

function chargeOf(report: Report): { chargeId?: string } {
  return report.chargeId === null ? {} : { chargeId: report.chargeId };
}

function disputed(before: PaymentFacts, dispute: Dispute): PaymentFacts {
  const known = before.disputes.find(({ id }) => id === dispute.id);
  if (known !== undefined && !isLater(dispute, known)) return before;
  const others = before.disputes.filter(({ id }) => id !== dispute.id);
  return { ...before, disputes: [...others, dispute] };
}

/** Of two words of the same second, the decision came after the opening. */
function isLater(dispute: Dispute, known: Dispute): boolean {
  const [at, knownAt] = [dispute.reportedAt.getTime(), known.reportedAt.getTime()];
  if (at !== knownAt) return at > knownAt;
  return known.state === 'open' && dispute.state !== 'open';
}

/** The state that follows from what is known. */
export function stateOf(facts: PaymentFacts): PaymentState {
  if (facts.creditedAt === null) return facts.state;
  const states = facts.disputes.map(({ state }) => state);
  if (states.includes('open')) return 'disputed';
  if (states.includes('lost')) return 'lost';
  return facts.refunded >= facts.amount ? 'refunded' : 'credited';
}

/** What the wallet has to give back of a payment in all: nothing of one it never gained. Pure. */
export function returnTarget(facts: PaymentFacts): Amount {
  if (facts.creditedAt === null) return amount(0n);
  const lost = facts.disputes
    .filter(({ state }) => state === 'lost')
    .reduce((sum, dispute) => sum + dispute.amount, 0n);
  return returnFor(facts, amount(facts.refunded + lost));
}
