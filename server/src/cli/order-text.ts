import { formatAmount } from '../base/index.ts';
import type { OrderEventView, OrderRow } from '../orders/index.ts';
import { formatFields, formatTime } from './text.ts';

/** An order as `--json` prints it: numbers as JSON integers, amounts as decimal strings. */
export function orderJson(order: OrderRow) {
  return {
    ...order,
    id: Number(order.id),
    quantity: Number(order.quantity),
    remains: Number(order.remains),
    startCount: order.startCount === null ? null : Number(order.startCount),
    parentId: order.parentId === null ? null : Number(order.parentId),
    charge: formatAmount(order.charge),
    refunded: formatAmount(order.refunded),
  };
}

/** One event of an order as `--json` prints it. */
export function timelineJson(event: OrderEventView) {
  return { ...event, refund: formatAmount(event.refund) };
}

/** An order, its runs and its events for a person. */
export function describeOrder(
  order: OrderRow,
  children: readonly OrderRow[],
  timeline: readonly OrderEventView[],
): string {
  const details = Object.entries(order.details).map(([name, value]): [string, string] => [
    name.replaceAll('_', ' '),
    Array.isArray(value) ? value.join('\n  ') : String(value),
  ]);
  const fields = formatFields([
    ['order', `${order.id}`],
    ['customer', `${order.customerId}`],
    ['service', `${order.serviceId}  ${order.service} (${order.type})`],
    ['placed', formatTime(order.createdAt)],
    ['status', order.status],
    ['link', order.link],
    ['quantity', `${order.quantity}`],
    ['start count', order.startCount === null ? '-' : `${order.startCount}`],
    ['remains', `${order.remains}`],
    ['charge', formatAmount(order.charge)],
    ['refunded', formatAmount(order.refunded)],
    ...(order.parentId === null ? [] : [['run of order', `${order.parentId}`] as const]),
    ...details,
  ]);
  const runs = children.map((child) => `  ${child.id}  ${child.status}`).reverse();
  const parts = [fields];
  if (runs.length > 0) parts.push(['runs', ...runs].join('\n'));
  if (timeline.length > 0) parts.push(['timeline', ...timeline.map(describeEvent)].join('\n'));
  return parts.join('\n\n');
}

function describeEvent(event: OrderEventView): string {
  const changes = Object.entries(event.after)
    .filter(([name, value]) => event.before[name] !== value)
    .map(([name, value]) => `${name} ${String(event.before[name] ?? '-')} → ${String(value)}`);
  const parts = [event.kind === 'settled' ? '' : event.kind.replace('_', ' '), ...changes];
  if (event.refund !== 0n) parts.push(`refund ${formatAmount(event.refund)}`);
  if (event.note !== '') parts.push(`(${event.note})`);
  const what = parts.filter((part) => part !== '').join(', ');
  return `  ${formatTime(event.at)}  ${event.actor}  ${what}`;
}
