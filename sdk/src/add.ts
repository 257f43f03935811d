import type { Exchange } from './exchange.ts';
import { outcomeOfFault, unknown, type WriteOutcome } from './outcomes.ts';
import { hasError, refusalOf } from './refusals.ts';
import { idText, isJsonObject, isNothing, type JsonObject, own } from './values.ts';

/** What became of an order. `order` is the id the panel gave it, one to nineteen digits. */
export type AddOutcome = WriteOutcome<{ order: string }>;

const statusesOfSuccess: ReadonlySet<number> = new Set([200, 201]);

/**
 * Reads the reply to `add`. Accepted is only an object with a usable `order`, no `error`, in a 200
 * or 201; rejected only an object with a readable `error` and no `order`. Anything between the two
 * is unknown: taking it for either would lose an order or pay for it twice.
 */
export function readAdd(reply: Exchange, requestIdField: string): AddOutcome {
  if (reply.kind === 'fault') return outcomeOfFault(reply);
  const { value, raw, status } = reply;
  if (!isJsonObject(value)) return unknown('unexpected_shape', reply);
  if (isNothing(own(value, 'order'))) return withoutOrder(value, reply, requestIdField);
  if (hasError(value) || saysFailure(value)) return unknown('result_and_error', reply);
  const order = idText(own(value, 'order'));
  if (order === null) return unknown('unusable_id', reply);
  if (!statusesOfSuccess.has(status)) return unknown('unexpected_status', reply);
  return { outcome: 'accepted', order, raw };
}

function withoutOrder(
  value: JsonObject,
  reply: { status: number; raw: string },
  requestIdField: string,
): AddOutcome {
  const refusal = refusalOf(value, requestIdField);
  if (refusal === null) return unknown('unexpected_shape', reply);
  return { outcome: 'rejected', refusal, raw: reply.raw };
}

/** Some panels say it beside the order: `{"status":"fail","order":5}`, `{"success":false,…}`. */
function saysFailure(value: JsonObject): boolean {
  const status = own(value, 'status');
  return (
    own(value, 'success') === false ||
    (typeof status === 'string' && /^(?:fail|failed|error|false)$/i.test(status.trim()))
  );
}
