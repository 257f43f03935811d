import { type Amount, amount, formatAmount, type PaymentId, parseAmount } from '../base/index.ts';
import type { Json } from '../db/index.ts';
import type { Dispute, Report } from './report.ts';

/** A report as a JSON document: what a bigint or a date would not survive is text. */
type StrayReport = {
  eventId: string;
  paymentId: string | null;
  /** Not in what an older release kept. */
  sessionId?: string | null;
  chargeId: string | null;
  kind: Report['kind'];
  externalId?: string;
  amount?: string;
  currency?: string;
  dispute?: { id: string; state: Dispute['state']; amount: string; reportedAt: string };
};

/** Writes a report that no payment is known for. */
export function strayOf(report: Report): Json & StrayReport {
  const { eventId, paymentId, sessionId, chargeId, kind } = report;
  const number = paymentId?.toString() ?? null;
  const known = { eventId, sessionId, chargeId, kind, paymentId: number };
  switch (report.kind) {
    case 'paid':
      return { ...known, ...paidOf(report) };
    case 'processing':
      return { ...known, externalId: report.externalId };
    case 'refunded':
      return { ...known, amount: formatAmount(report.amount) };
    case 'dispute': {
      const { id, state, amount: disputed, reportedAt } = report.dispute;
      const amountText = formatAmount(disputed);
      const dispute = { id, state, amount: amountText, reportedAt: reportedAt.toISOString() };
      return { ...known, dispute };
    }
    case 'failed':
    case 'expired':
    case 'refund_failed':
      return known;
  }
}

function paidOf(report: Extract<Report, { kind: 'paid' }>) {
  const { externalId, currency } = report;
  return { externalId, currency, amount: formatAmount(report.amount) };
}

/** Reads what `strayOf` wrote. */
export function readStray(column: Json): Report {
  const stray = column as StrayReport; // nobody else writes it
  const { eventId, sessionId = null, chargeId, kind, externalId = '', currency = '' } = stray;
  const paymentId = stray.paymentId === null ? null : (BigInt(stray.paymentId) as PaymentId);
  const known = { eventId, sessionId, chargeId, paymentId };
  switch (kind) {
    case 'paid':
      return { ...known, kind, externalId, currency, amount: readAmount(stray.amount) };
    case 'processing':
      return { ...known, kind, externalId };
    case 'refunded':
      return { ...known, kind, amount: readAmount(stray.amount) };
    case 'dispute':
      return { ...known, kind, dispute: readDispute(stray.dispute) };
    case 'failed':
    case 'expired':
    case 'refund_failed':
      return { ...known, kind };
  }
}

function readDispute(stray: StrayReport['dispute']): Dispute {
  const { id = '', state = 'open', reportedAt = '' } = stray ?? {};
  return { id, state, amount: readAmount(stray?.amount), reportedAt: new Date(reportedAt) };
}

function readAmount(text: string | undefined): Amount {
  return text === undefined ? amount(0n) : parseAmount(text, 'amount');
}
