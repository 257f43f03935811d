import type { Command } from 'commander';
import { AppError, type OrderId } from '../base/index.ts';
import {
  acknowledgeDelivery,
  type DeliveryDecision,
  decideDelivery,
  listWaiting,
} from '../fulfilment/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { toLimit, toOrderId } from './values.ts';
import { waitingJson, waitingText } from './waiting-text.ts';

const waitingShown = 50;

/** `orders waiting`, `decide` and `acknowledge`: deliveries that wait for staff. */
export function addDeliveries(orders: Command, settings: Settings): void {
  addWaiting(orders, settings);
  addDecide(orders, settings);
  addAcknowledge(orders, settings);
}

function addWaiting(orders: Command, settings: Settings): void {
  orders
    .command('waiting')
    .description(
      'orders whose delivery waits for staff, or of which nobody knows whether they arrived,\n' +
        'oldest first: why, what the provider answered, what was found out, and what decides it',
    )
    .option('--limit <n>', 'at most so many', toLimit, waitingShown)
    .action((options: CommonOptions & { limit: number }) =>
      runOnApp(settings, options, async (app) => {
        const waiting = await listWaiting(app.db, options.limit);
        return { json: waiting.map(waitingJson), text: waitingText(waiting) };
      }),
    );
}

type DecideOptions = CommonOptions & {
  bind?: string;
  sendAgain?: boolean;
  refund?: boolean;
  wait?: boolean;
};

function addDecide(orders: Command, settings: Settings): void {
  orders
    .command('decide')
    .description('decide an order whose delivery waits for staff; give one of the four')
    .argument('<order>', "the order's number", toOrderId)
    .option('--bind <id>', 'it is at the provider, under this number there; follow it')
    .option('--send-again', 'it is not there; send it once more, by the first route, at a loss too')
    .option('--refund', 'cancel it here and give the money back')
    .option('--wait', 'look again for what became of it')
    .addHelpText(
      'after',
      '\nLook at the provider first: an order that is there and is sent again is paid for twice,' +
        '\nand one that is there and is refunded is delivered for nothing.' +
        '\n\nExamples:\n  panelwright orders decide 7 --bind 23501\n' +
        '  panelwright orders decide 7 --send-again',
    )
    .action((orderId: OrderId, options: DecideOptions) => {
      const decision = readDecision(options);
      return runOnApp(settings, options, async (app) => {
        await decideDelivery(app, cliActor, { orderId, decision });
        const json = { order: Number(orderId), decision: decision.kind };
        return { json, text: `order ${orderId} ${outcomeText(decision)}` };
      });
    });
}

function addAcknowledge(orders: Command, settings: Settings): void {
  orders
    .command('acknowledge')
    .description(
      'take an order off the list that its provider accepted after it was closed here;\n' +
        'cancel it at the provider first, as it is delivered there for nothing',
    )
    .argument('<order>', "the order's number", toOrderId)
    .action((orderId: OrderId, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        await acknowledgeDelivery(app, cliActor, orderId);
        const json = { order: Number(orderId), acknowledged: true };
        return { json, text: `order ${orderId} waits no more` };
      }),
    );
}

/** @throws AppError `invalid_input` unless it is exactly one */
function readDecision({ bind, sendAgain, refund, wait }: DecideOptions): DeliveryDecision {
  const given: DeliveryDecision[] = [
    ...(bind === undefined ? [] : [{ kind: 'bind', externalId: bind.trim() } as const]),
    ...(sendAgain ? [{ kind: 'send_again' } as const] : []),
    ...(refund ? [{ kind: 'refund' } as const] : []),
    ...(wait ? [{ kind: 'wait' } as const] : []),
  ];
  const [decision] = given;
  if (decision === undefined || given.length > 1) {
    throw new AppError('invalid_input', 'give one of --bind, --send-again, --refund and --wait');
  }
  return decision;
}

function outcomeText(decision: DeliveryDecision): string {
  switch (decision.kind) {
    case 'bind':
      return `is the provider's ${decision.externalId} and is followed`;
    case 'send_again':
      return 'is sent again';
    case 'refund':
      return 'is canceled and refunded';
    case 'wait':
      return 'is looked into again';
  }
}
