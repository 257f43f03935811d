import { amount, formatAmount } from '../base/index.ts';
import type { WaitingOrder } from '../fulfilment/index.ts';
import { formatFields, formatTime, oneLine } from './text.ts';

/** What each reason means, for whoever has to decide. Others speak for themselves. */
const reasons: Readonly<Record<string, string>> = {
  no_route: 'the service has no route left; set one, or deliver it by hand',
  margin: 'it costs more at the provider than it was sold for',
  rejected: 'every route refused it',
  not_sent: 'no route could be reached, many times over; nothing was sent',
  duplicate_link: 'for hours another order has run there for the same link',
  late_accepted: 'it was closed here, and then the provider accepted it; cancel it there',
};

/** An order that waits as `--json` prints it, with the commands that decide it. */
export function waitingJson(waiting: WaitingOrder) {
  const { orderId, customerId, since, state, providerId, provider } = waiting;
  const { reason, externalId, attempt, attemptReason, raw, evidence, link } = waiting;
  return {
    order: Number(orderId),
    customer: customerId,
    link,
    quantity: Number(waiting.quantity),
    since,
    state,
    reason,
    provider: { id: providerId, name: provider, service: waiting.externalServiceId },
    externalId,
    attempt: attempt === null ? null : { number: attempt, reason: attemptReason, raw },
    evidence,
    commands: commandsFor(waiting),
  };
}

/** Orders that wait, for a person: one block each. */
export function waitingText(waiting: readonly WaitingOrder[]): string {
  return waiting.length === 0 ? '(none)' : waiting.map(describeWaiting).join('\n\n');
}

function describeWaiting(waiting: WaitingOrder): string {
  const { orderId, customerId, provider, attempt, attemptReason, raw, externalId } = waiting;
  const sent = attempt === null ? [] : [['attempt', attemptText(attempt, attemptReason)] as const];
  const fields = formatFields([
    ['order', `${orderId}  (of customer ${customerId}, since ${formatTime(waiting.since)})`],
    ['why', reasonText(waiting)],
    ['what', `${waiting.quantity} of ${provider}'s service ${waiting.externalServiceId}`],
    ...(waiting.link === '' ? [] : [['link', waiting.link] as const]),
    ...(externalId === null ? [] : [['there', `order ${externalId}`] as const]),
    ...sent,
    ...(raw === null ? [] : [['reply', oneLine(raw)] as const]),
    ...evidenceFields(waiting.evidence).map((found) => ['found out', found] as const),
  ]);
  const commands = commandsFor(waiting).map((command) => `  npx panelwright ${command}`);
  return [fields, ...commands].join('\n');
}

function attemptText(number: number, reason: string | null): string {
  return reason === null ? `${number}` : `${number}: ${reason}`;
}

function reasonText({ reason, state }: WaitingOrder): string {
  if (reason !== 'unknown') return reasons[reason] ?? reason;
  return state === 'unknown'
    ? 'nobody knows whether it was placed there; it is being looked into'
    : 'whether it was placed there could not be found out; look there';
}

/** What a decision would be about: the order there, the order here, or its last report. */
function commandsFor({ state, reason, orderId }: WaitingOrder): string[] {
  if (reason === 'late_accepted') return [`orders acknowledge ${orderId}`];
  // It runs there: only what it has come to can be told.
  if (state === 'following') {
    return [`orders settle ${orderId} --status Completed|Partial|Canceled [--remains N]`];
  }
  const decide = `orders decide ${orderId}`;
  const ways = [`${decide} --bind ID`, `${decide} --send-again`, `${decide} --refund`];
  return reason === 'unknown' ? [...ways, `${decide} --wait`] : ways;
}

function evidenceFields(evidence: WaitingOrder['evidence']): string[] {
  const { balance, probe } = Object(evidence);
  const found: string[] = [];
  if (balance !== undefined) {
    const { verdict, before, after, explained, cost } = Object(balance);
    found.push(
      `balance: ${String(verdict).replace('_', ' ')} (before ${shown(before)}, after ` +
        `${shown(after)}, other orders cost ${shown(explained)}, this one ${shown(cost)})`,
    );
  }
  if (probe !== undefined) {
    const { candidates, from, to, problem } = Object(probe);
    const ids = Array.isArray(candidates) ? candidates.join(', ') : '';
    const range = /^[0-9]+$/.test(String(from)) ? ` between ${from} and ${to}` : '';
    const why = problem === '' ? '' : `; ${String(problem)}`;
    found.push(`orders there${range} that may be it: ${ids || 'none'}${why}`);
  }
  return found;
}

function shown(units: unknown): string {
  return typeof units === 'string' ? formatAmount(amount(BigInt(units))) : 'unknown';
}
