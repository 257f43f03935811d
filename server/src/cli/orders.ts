import type { Command } from 'commander';
import { AppError, type CustomerId, formatAmount, type OrderId } from '../base/index.ts';
import { cancelParent } from '../cancels/index.ts';
import { countArchived, readDelivery, readStaffTimeline } from '../fulfilment/index.ts';
import {
  announcePost,
  listOrders,
  type OrderStatus,
  setPaused,
  settleOrder,
} from '../orders/index.ts';
import { choice } from './choice.ts';
import { addDeliveries } from './deliveries.ts';
import { describeOrder, orderJson, timelineJson } from './order-text.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, formatTime, requireChanges } from './text.ts';
import { toCount, toCustomerId, toLimit, toOrderId } from './values.ts';

const ordersShown = 50;
const childrenShown = 1_000;

const plainStatuses: readonly OrderStatus[] = [
  'Pending',
  'In progress',
  'Processing',
  'Completed',
  'Partial',
  'Canceled',
];
const statuses: readonly OrderStatus[] = [...plainStatuses, 'Active', 'Paused', 'Expired'];

/** `orders`: what staff see and report. */
export function addOrders(program: Command, settings: Settings): void {
  const group = program.command('orders').description('orders, and what staff report on them');
  addList(group, settings);
  addShow(group, settings);
  addSettle(group, settings);
  addDeliveries(group, settings);
  addParents(group, settings);
}

function orderCommand(group: Command, name: string): Command {
  return group.command(name).argument('<order>', "the order's number", toOrderId);
}

function addList(group: Command, settings: Settings): void {
  type Options = CommonOptions & { customer?: CustomerId; status?: OrderStatus; limit: number };
  group
    .command('list')
    .description('orders, newest first')
    .option('--customer <customer>', 'of this customer only', toCustomerId)
    .addOption(choice('--status <status>', 'in this status only', statuses))
    .option('--limit <n>', 'at most so many, up to 1000', toLimit, ordersShown)
    .action((options: Options) =>
      runOnApp(settings, options, async (app) => {
        const { customer, status, limit } = options;
        const orders = await listOrders(app.db, {
          limit,
          ...(customer === undefined ? {} : { customerId: customer }),
          ...(status === undefined ? {} : { status }),
        });
        const rows = orders.map((order) => [
          `${order.id}`,
          `${order.customerId}`,
          formatTime(order.createdAt),
          order.status,
          `${order.quantity}`,
          `${order.remains}`,
          formatAmount(order.charge),
          formatAmount(order.refunded),
          order.link,
        ]);
        const amounts = ['quantity', 'remains', 'charge', 'refunded', 'link'];
        const heading = ['id', 'customer', 'time', 'status', ...amounts];
        return { json: orders.map(orderJson), text: formatTable(heading, rows) };
      }),
    );
}

function addShow(group: Command, settings: Settings): void {
  orderCommand(group, 'show')
    .description(
      'an order with all that was sent, how its delivery stands, and what happened to it',
    )
    .action((orderId: OrderId, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const [order] = await listOrders(app.db, { orderId, limit: 1 });
        if (order === undefined) throw new AppError('not_found', `no order ${orderId}`);
        const { customerId } = order;
        const children = await listOrders(app.db, {
          customerId,
          parentId: orderId,
          limit: childrenShown,
        });
        const key = { customerId, orderId };
        const delivery = (await readDelivery(app.db, key)) ?? null;
        const timeline = await readStaffTimeline(app.db, key);
        const archivedChanges = await countArchived(app.db, key);
        const json = {
          ...orderJson(order),
          delivery,
          children: children.map((child) => Number(child.id)),
          timeline: timeline.map(timelineJson),
          archivedChanges,
        };
        const shown = { children, delivery, timeline, archivedChanges };
        return { json, text: describeOrder(order, shown) };
      }),
    );
}

function addSettle(group: Command, settings: Settings): void {
  type Options = CommonOptions & {
    status?: OrderStatus;
    remains?: bigint;
    startCount?: bigint;
    note?: string;
  };
  orderCommand(group, 'settle')
    .description('report on an order; what was not delivered is refunded')
    .addOption(choice('--status <status>', 'new status', plainStatuses))
    .option('--remains <n>', 'what is not delivered', toCount)
    .option('--start-count <n>', 'the count before delivery', toCount)
    .option('--note <text>', 'for the timeline')
    .addHelpText(
      'after',
      '\nExamples:\n  panelwright orders settle 7 --status "In progress" --start-count 3572\n' +
        '  panelwright orders settle 7 --status Partial --remains 157\n' +
        '  panelwright orders settle 7 --status Canceled',
    )
    .action((orderId: OrderId, options: Options) => {
      const { json: _, ...report } = options;
      requireChanges(report);
      return runOnApp(settings, options, async (app) => {
        const outcome = await settleOrder(app, cliActor, { orderId, ...report });
        const { status, refund } = outcome;
        const money = refund === 0n ? '' : `; refund ${formatAmount(refund)}`;
        const text =
          outcome.outcome === 'same'
            ? `order ${orderId} is ${status} already`
            : `order ${orderId} is ${status}${money}`;
        const result = { outcome: outcome.outcome, status, refund: formatAmount(refund) };
        return { json: { order: Number(orderId), ...result }, text };
      });
    });
}

function addParents(group: Command, settings: Settings): void {
  orderCommand(group, 'cancel')
    .description(
      'stop a drip-feed or subscription and refund the runs not yet created;\n' +
        'one that its provider runs is asked for there, and goes on until it says so\n' +
        '(a plain order: orders settle ORDER --status Canceled)',
    )
    .action((orderId: OrderId, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const outcome = await cancelParent(app, cliActor, orderId);
        const [order] = await listOrders(app.db, { orderId, limit: 1 });
        const status = order?.status ?? null;
        const json = { order: Number(orderId), status };
        const text = outcome === 'stopped' ? 'makes no new runs' : 'is asked for at its provider';
        return { json, text: `order ${orderId} ${text}; it is ${status}` };
      }),
    );
  for (const isPaused of [true, false]) {
    orderCommand(group, isPaused ? 'pause' : 'resume')
      .description(`${isPaused ? 'pause' : 'let go on'} a drip-feed or subscription`)
      .option('--note <text>', 'for the timeline')
      .action((orderId: OrderId, options: CommonOptions & { note?: string }) =>
        runOnApp(settings, options, async (app) => {
          await setPaused(app, cliActor, { orderId, isPaused, note: options.note ?? '' });
          const status = isPaused ? 'Paused' : 'Active';
          return { json: { order: Number(orderId), status }, text: `order ${orderId} ${status}` };
        }),
      );
  }
  orderCommand(group, 'announce')
    .description('tell a subscription of a new post; the same link again is the same post')
    .requiredOption('--link <url>', 'the post')
    .action((orderId: OrderId, options: CommonOptions & { link: string }) =>
      runOnApp(settings, options, async (app) => {
        const announced = await announcePost(app, cliActor, { orderId, link: options.link });
        const text = announced ? 'the post will be ordered' : 'the post was announced before';
        return { json: { order: Number(orderId), announced }, text };
      }),
    );
}
