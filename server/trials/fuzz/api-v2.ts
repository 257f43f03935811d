import assert from 'node:assert/strict';
import type { OrderId } from '../../src/base/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel, testSecret } from '../../tests/harness.ts';
import { type ApiInput, apiInputs } from './api-v2-inputs.ts';
import { effectiveFields, spell } from './api-v2-spelling.ts';
import { createBooks, type Placed } from './books.ts';
import { makeCallers, openListener, stock } from './panel.ts';
import { assertNoSecret, canaries, readApiReply } from './replies.ts';
import { createTarget, type Target } from './target.ts';
import { ask } from './wire.ts';

const batch = 384;
/** Enough that hardly a call is refused for its rate, little enough that some are. */
const batchMs = 130;
const settledEvery = 25;

/** Calls of `/api/v2` of every shape, by customers at different terms. */
export async function openApiV2(): Promise<Target> {
  const panel = await openTestPanel();
  const listener = openListener(panel);
  const offers = await stock(panel);
  const callers = await makeCallers(panel, offers);
  const books = createBooks(panel, offers);
  const secrets = [testSecret, ...Object.values(canaries), ...callers.map(({ key }) => key)];
  let batches = 0;
  let limited = 0;

  async function send(input: ApiInput): Promise<Placed | undefined> {
    const caller = callers[input.caller];
    const reply = await ask(listener, spell(input, caller?.key ?? 'wrong'));
    const order = readApiReply(reply);
    assertNoSecret(reply.body, secrets);
    if (reply.status !== 200) limited += 1;
    if (order === undefined) return undefined;
    assert(caller !== undefined, 'an order without a key');
    const fields = effectiveFields(input);
    return { order: BigInt(order), caller, fields, mayRepeat: mayRepeat(input) };
  }

  return createTarget({
    inputs: apiInputs(offers, callers.length),
    batch,
    check: async (inputs) => {
      panel.clock.advance(batchMs);
      const placed = await Promise.all(inputs.map(send));
      const orders = placed.filter((one) => one !== undefined);
      await books.enter(orders);
      await repeat(inputs, placed, send);
      batches += 1;
      if (batches % settledEvery === 0) await settleSome(panel, orders);
    },
    finish: async () => {
      panel.clock.advance(60_000);
      await createDueRuns(panel.app);
      await books.check(callers);
      return { ...books.figures(), limited };
    },
    close: async () => {
      listener.stop();
      await panel.close();
    },
  });
}

function mayRepeat(input: ApiInput): boolean {
  return (
    input.requestId !== undefined ||
    input.damage !== undefined ||
    [...input.fields, ...input.query].some(([name]) => name === 'request_id') ||
    input.json?.name === 'request_id'
  );
}

/** The same call again under its request id is the same order. */
async function repeat(
  inputs: readonly ApiInput[],
  placed: readonly (Placed | undefined)[],
  send: (input: ApiInput) => Promise<Placed | undefined>,
): Promise<void> {
  const at = inputs.findIndex(({ requestId }, index) => {
    return /^request-/.test(requestId ?? '') && placed[index] !== undefined;
  });
  const input = inputs[at];
  if (input === undefined) return;
  const again = await send(input);
  if (again !== undefined) assert.equal(again.order, placed[at]?.order, 'a repeated request id');
}

/** Staff report on some orders, so that there is what can be refunded, refilled and cancelled. */
async function settleSome(panel: TestPanel, orders: readonly Placed[]): Promise<void> {
  const statuses = ['Completed', 'Partial', 'In progress', 'Canceled'] as const;
  for (const [index, { order }] of orders.slice(0, statuses.length).entries()) {
    const status = statuses[index] ?? 'Completed';
    const orderId = order as OrderId; // as the API named it
    const report = status === 'Partial' ? { status, remains: 1n } : { status };
    await settleOrder(panel.app, staff, { orderId, ...report }).catch(() => undefined);
  }
}
