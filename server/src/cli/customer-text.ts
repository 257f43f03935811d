import { type Amount, formatAmount, formatRate, type Rate, showAmount } from '../base/index.ts';
import type { CustomerDetail, MoneyStop } from '../customers/index.ts';
import type { CustomerActivity } from '../figures/index.ts';
import { formatFields, formatTable, formatTime, oneLine } from './text.ts';

/** A customer with what they have under way, and what stops their money. */
export type KnownCustomer = {
  customer: CustomerDetail;
  activity: CustomerActivity;
  moneyStop: MoneyStop | null;
  currency: string;
  /** What others pay for a service; undefined for one that is gone. */
  listRateOf: (serviceId: CustomerDetail['prices'][number]['serviceId']) => Rate | undefined;
};

/** A customer as `--json` prints it: numbers as JSON integers, amounts as decimal strings. */
export function customerJson({ customer, activity, moneyStop, ...known }: KnownCustomer) {
  const { id, name, email, status, suspendedBy, suspensionNote, callsPerSecondMax } = customer;
  return {
    ...{ id, name, email, status, suspendedBy, suspensionNote },
    balance: formatAmount(customer.balance),
    creditLimit: formatAmount(customer.creditLimit),
    currency: known.currency,
    discount: percentOf(customer),
    callsPerSecondMax,
    createdAt: customer.createdAt,
    transfers: Number(customer.transfers),
    keys: workingKeys(customer),
    ...activity,
    prices: customer.prices.map(({ serviceId, service, rate }) => {
      const listRate = known.listRateOf(serviceId);
      const list = listRate === undefined ? null : formatRate(listRate);
      return { service: serviceId, name: service, rate: formatRate(rate), listRate: list };
    }),
    moneyStop: moneyStop && {
      stoppedAt: moneyStop.stoppedAt,
      findings: moneyStop.findings.map(({ check, subject, detail }) => ({
        ...{ check, subject, detail },
      })),
    },
  };
}

/** A customer for a person. */
export function describeCustomer(known: KnownCustomer): string {
  const { customer, activity, moneyStop, currency } = known;
  const money = (value: Amount) => `${showAmount(value, currency)} ${currency}`;
  const fields = formatFields([
    ['customer', `${customer.id}`],
    ['name', customer.name],
    ['e-mail', customer.email ?? '- (nobody signs in; their keys alone order)'],
    ['status', statusText(customer)],
    ['since', formatTime(customer.createdAt)],
    ['balance', money(customer.balance)],
    ['credit limit', money(customer.creditLimit)],
    ['money', moneyStop === null ? 'moves' : `stopped since ${formatTime(moneyStop.stoppedAt)}`],
    ['discount', `${percentOf(customer)}%`],
    ['calls per second', `${customer.callsPerSecondMax ?? "the panel's default"}`],
    ['working keys', `${workingKeys(customer)}`],
    ['transfers', `${customer.transfers}`],
    ['running orders', `${activity.running}`],
    ['open refills', `${activity.openRefills}`],
    ['open cancels', `${activity.openCancels}`],
    ['last order', activity.lastOrderAt === null ? '-' : formatTime(activity.lastOrderAt)],
  ]);
  const found = (moneyStop?.findings ?? []).map(
    ({ check, subject, detail }) => `  ${check}  ${subject}  ${oneLine(detail)}`,
  );
  const rows = customer.prices.map(({ serviceId, service, rate }) => {
    const listRate = known.listRateOf(serviceId);
    const list = listRate === undefined ? '-' : formatRate(listRate);
    return [`${serviceId}`, formatRate(rate), list, oneLine(service)];
  });
  return [
    fields,
    ...(found.length > 0 ? [['what stopped the money', ...found].join('\n')] : []),
    ...(rows.length > 0 ? [formatTable(['service', 'own rate', 'list', 'name'], rows)] : []),
  ].join('\n\n');
}

function statusText({ status, suspendedBy, suspensionNote }: CustomerDetail): string {
  if (suspendedBy === null) return status;
  const note = suspensionNote === '' ? '' : `: ${oneLine(suspensionNote)}`;
  return `${status} by ${suspendedBy === 'dispute' ? 'a dispute' : suspendedBy}${note}`;
}

function percentOf({ discountBasisPoints }: CustomerDetail): string {
  return (discountBasisPoints / 100).toString();
}

function workingKeys({ keys }: CustomerDetail): number {
  return keys.filter(({ revokedAt }) => revokedAt === null).length;
}
