import type { Command } from 'commander';
import type { OrderId, RefillId } from '../base/index.ts';
import { type CancelDecision, decideCancel, listOpenCancels } from '../cancels/index.ts';
import { decideRefill, listOpenRefills, type RefillStatus, sendRefill } from '../refills/index.ts';
import { choice } from './choice.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, formatTime } from './text.ts';
import { toCount, toLimit, toOrderId, toRefillId } from './values.ts';

const requestsShown = 100;
const way = ['delivery', 'provider', 'note'];
const decisions: readonly RefillStatus[] = ['In progress', 'Completed', 'Rejected', 'Error'];

type ListOptions = CommonOptions & { limit: number };

/** `refills` and `cancels`: what customers ask for and staff decide. */
export function addQueues(program: Command, settings: Settings): void {
  addRefills(program, settings);
  addCancels(program, settings);
}

function addRefills(program: Command, settings: Settings): void {
  const group = program.command('refills').description('refills that customers asked for');
  group
    .command('list')
    .description('refills that are not decided: those that wait for staff first, then the oldest')
    .option('--limit <n>', 'at most so many', toLimit, requestsShown)
    .action((options: ListOptions) =>
      runOnApp(settings, options, async (app) => {
        const refills = (await listOpenRefills(app.db, options.limit)).map((refill) => ({
          id: Number(refill.refillId),
          order: Number(refill.orderId),
          customer: refill.customerId,
          status: refill.status,
          requestedAt: refill.requestedAt,
          delivery: refill.delivery,
          provider: refill.provider,
          externalId: refill.externalId,
          note: refill.note,
        }));
        const rows = refills.map((row) => [
          `${row.id}`,
          `${row.order}`,
          `${row.customer}`,
          row.status,
          formatTime(row.requestedAt),
          row.delivery,
          row.provider ?? '',
          row.note,
        ]);
        const heading = ['id', 'order', 'customer', 'status', 'requested', ...way];
        return { json: refills, text: formatTable(heading, rows) };
      }),
    );
  group
    .command('decide')
    .description('start, complete or reject a refill')
    .argument('<refill>', "the refill's number", toRefillId)
    .addOption(choice('--status <status>', 'new status', decisions).makeOptionMandatory())
    .action((refillId: RefillId, options: CommonOptions & { status: RefillStatus }) =>
      runOnApp(settings, options, async (app) => {
        const { status } = options;
        await decideRefill(app, cliActor, { refillId, status });
        return { json: { id: Number(refillId), status }, text: `refill ${refillId} is ${status}` };
      }),
    );
  group
    .command('send')
    .description("ask the order's provider for a refill that waits for staff, maybe once more")
    .argument('<refill>', "the refill's number", toRefillId)
    .action((refillId: RefillId, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        await sendRefill(app, cliActor, refillId);
        const json = { id: Number(refillId), delivery: 'due' };
        return { json, text: `refill ${refillId} is asked for at its provider` };
      }),
    );
}

function addCancels(program: Command, settings: Settings): void {
  const group = program.command('cancels').description('cancellations that customers asked for');
  group
    .command('list')
    .description('requests that are not decided: those that wait for staff first, then the oldest')
    .option('--limit <n>', 'at most so many', toLimit, requestsShown)
    .action((options: ListOptions) =>
      runOnApp(settings, options, async (app) => {
        const cancels = (await listOpenCancels(app.db, options.limit)).map((cancel) => ({
          order: Number(cancel.orderId),
          customer: cancel.customerId,
          status: cancel.status,
          requestedAt: cancel.requestedAt,
          delivery: cancel.delivery,
          provider: cancel.provider,
          note: cancel.note,
        }));
        const rows = cancels.map((row) => [
          `${row.order}`,
          `${row.customer}`,
          row.status,
          formatTime(row.requestedAt),
          row.delivery,
          row.provider ?? '',
          row.note,
        ]);
        const text = formatTable(['order', 'customer', 'status', 'requested', ...way], rows);
        return { json: cancels, text };
      }),
    );
  group
    .command('accept')
    .description('cancel the order and refund it, whole or what remains')
    .argument('<order>', "the order's number", toOrderId)
    .option('--remains <n>', 'what is not delivered, if a part is', toCount)
    .action((orderId: OrderId, options: CommonOptions & { remains?: bigint }) => {
      const { remains } = options;
      const decision: CancelDecision =
        remains === undefined ? { kind: 'accept' } : { kind: 'accept_partly', remains };
      return decide(settings, options, { orderId, decision });
    });
  group
    .command('reject')
    .description('let the order go on')
    .argument('<order>', "the order's number", toOrderId)
    .action((orderId: OrderId, options: CommonOptions) =>
      decide(settings, options, { orderId, decision: { kind: 'reject' } }),
    );
}

function decide(
  settings: Settings,
  options: CommonOptions,
  input: { orderId: OrderId; decision: CancelDecision },
): Promise<void> {
  return runOnApp(settings, options, async (app) => {
    await decideCancel(app, cliActor, input);
    const state = input.decision.kind === 'reject' ? 'rejected' : 'accepted';
    const json = { order: Number(input.orderId), state };
    return { json, text: `the cancellation of order ${input.orderId} is ${state}` };
  });
}
