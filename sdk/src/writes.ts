import { outcomeOfFault, type Source, unknown, type WriteOutcome } from './outcomes.ts';
import { hasError, refusalOf } from './refusals.ts';
import type { ListPlan } from './rows.ts';
import { idText, isJsonObject, isNothing, own } from './values.ts';

/** What became of a request for a refill. `refill` is the refill's id. */
export type RefillOutcome = WriteOutcome<{ refill: string }>;

/**
 * What became of a request to cancel. Accepted means that the panel took the request; whether the
 * order was canceled shows later in its status.
 */
export type CancelOutcome = WriteOutcome<object>;

/** How refills are asked for. A row's `id` would be the refill's: only `order` says whose it is. */
export const refillPlan: ListPlan<RefillOutcome> = {
  action: 'refill',
  idField: 'order',
  idKeys: ['order'],
  ...writePlan('refill', (result) => {
    const refill = idText(result);
    return refill === null ? null : { refill };
  }),
};

/** How orders are cancelled. A taken request is a 1; some panels answer an id or `true`. */
export const cancelPlan: ListPlan<CancelOutcome> = {
  action: 'cancel',
  idField: 'order',
  idKeys: ['order', 'id'],
  ...writePlan('cancel', (result) => (result === true || idText(result) !== null ? {} : null)),
};

function writePlan<Result>(key: string, accept: (result: unknown) => Result | null) {
  const ofRow: ListPlan<WriteOutcome<Result>>['ofRow'] = (row, source) =>
    readWrite(row, source, { key, accept });
  const ofAbsent: ListPlan<WriteOutcome<Result>>['ofAbsent'] = (reason, source) =>
    unknown(reason, source);
  const ofSkipped: ListPlan<WriteOutcome<Result>>['ofSkipped'] = ({ retryAfterMs }) => ({
    outcome: 'notSent',
    reason: 'not_attempted',
    retryAfterMs,
  });
  return { ofRow, ofFault: outcomeOfFault, ofSkipped, ofAbsent };
}

/**
 * One row of a reply to `refill` or `cancel`. The result stands under the action's name, or is the
 * row itself (`{"5":1}`); a refusal is nested in the result, beside it, or a known text instead.
 */
function readWrite<Result>(
  row: unknown,
  source: Source,
  about: { key: string; accept: (result: unknown) => Result | null },
): WriteOutcome<Result> {
  const { raw } = source;
  const result = isJsonObject(row) ? own(row, about.key) : row;
  const accepted = about.accept(result);
  if (isJsonObject(row) && hasError(row) && !isNothing(result)) {
    return unknown('result_and_error', source);
  }
  if (accepted !== null) return { outcome: 'accepted', raw, ...accepted };
  const refusal = refusalOf(isNothing(result) ? row : result);
  if (refusal === null) return unknown('unexpected_shape', source);
  // A text where a result belongs may mean anything ("ok"), unless it is a refusal we know.
  const isGuess = typeof result === 'string' && !isNothing(result);
  return isGuess && refusal.code === 'unknown_refusal'
    ? unknown('unexpected_shape', source)
    : { outcome: 'rejected', refusal, raw };
}
