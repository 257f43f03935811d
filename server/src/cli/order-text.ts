import { formatAmount } from '../base/index.ts';
import type { DeliveryState, TimelineEntry } from '../fulfilment/index.ts';
import type { OrderRow } from '../orders/index.ts';
import { formatFields, formatTime, oneLine } from './text.ts';

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

/** One entry of an order's timeline as `--json` prints it. */
export function timelineJson(event: TimelineEntry) {
  return { ...event, refund: formatAmount(event.refund) };
}

/** An order, its delivery, its runs and its timeline for a person. */
export function describeOrder(
  order: OrderRow,
  about: {
    children: readonly OrderRow[];
    delivery: DeliveryState | null;
    timeline: readonly TimelineEntry[];
    archivedChanges: number;
  },
): string {
  const { children, delivery, timeline, archivedChanges } = about;
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
    ...(delivery === null ? [] : [['delivery', deliveryText(delivery)] as const]),
    ...(order.parentId === null ? [] : [['run of order', `${order.parentId}`] as const]),
    ...details,
  ]);
  const runs = children.map((child) => `  ${child.id}  ${child.status}`).reverse();
  const parts = [fields];
  if (runs.length > 0) parts.push(['runs', ...runs].join('\n'));
  const gone = `  ${archivedChanges} older changes are archived`;
  const lines = [...(archivedChanges > 0 ? [gone] : []), ...timeline.map(describeEvent)];
  if (lines.length > 0) parts.push(['timeline', ...lines].join('\n'));
  return parts.join('\n\n');
}

function deliveryText(delivery: DeliveryState): string {
  const { state, provider, reason, externalId, dueAt } = delivery;
  const parts = [
    `${state} at ${provider}`,
    ...(externalId === null ? [] : [`order ${externalId} there`]),
    ...(reason === '' ? [] : [reason]),
    ...(dueAt === null ? [] : [`next at ${formatTime(dueAt)}`]),
  ];
  return parts.join(', ');
}

function describeEvent(event: TimelineEntry): string {
  const isStep = Object.keys(event.before).length === 0;
  const changes = isStep ? stepDetails(event) : changesOf(event);
  const parts = [event.kind === 'settled' ? '' : event.kind.replaceAll('_', ' '), ...changes];
  if (event.refund !== 0n) parts.push(`refund ${formatAmount(event.refund)}`);
  if (event.note !== '') parts.push(`(${event.note})`);
  const what = parts.filter((part) => part !== '').join(', ');
  return `  ${formatTime(event.at)}  ${event.actor}  ${what}`;
}

function changesOf({ before, after }: TimelineEntry): string[] {
  return Object.entries(after)
    .filter(([name, value]) => before[name] !== value)
    .map(([name, value]) => `${name} ${String(before[name] ?? '-')} → ${String(value)}`);
}

/**
 * What a step of delivery is about, its longest part last. What the provider sent may have line
 * breaks in it, and more.
 */
function stepDetails({ after }: TimelineEntry): string[] {
  const { attempt, raw, ...rest } = after;
  return Object.entries({ attempt, ...rest, raw })
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return `${words} ${oneLine(String(value))}`;
    });
}
