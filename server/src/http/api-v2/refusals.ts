import type { AppError, ErrorCode } from '../../base/index.ts';
import { idsMax } from './params.ts';

/** One refusal on the wire: an exact text, and a status only where the protocol demands one. */
type Refusal = { text: (detail: string) => string; status?: 429 | 503 };

const exactly = (text: string): Refusal => ({ text: () => text });

/**
 * Every refusal in the exact words clients compare (protocol, "Refusals"). Total over all error
 * codes: codes that no API call can cause read as a request that makes no sense.
 */
export const refusals = {
  invalid_key: exactly('Invalid API key'),
  customer_suspended: exactly('Your account has been suspended.'),
  // Stock clients know this one, and take it for what a person has to see to.
  money_stopped: exactly('Your account has been suspended.'),
  incorrect_request: exactly('Incorrect request'),
  incorrect_service: exactly('Incorrect service ID'),
  bad_link: exactly('Bad link'),
  incorrect_quantity: exactly('Incorrect quantity'),
  quantity_below_min: { text: (min) => `Quantity less than minimal ${min}` },
  quantity_above_max: { text: (max) => `Quantity more than maximum ${max}` },
  insufficient_funds: exactly('Not enough funds on balance'),
  active_order_with_link: exactly(
    'You have active order with this link. Please wait until order being completed.',
  ),
  incorrect_field: { text: (field) => `Incorrect ${field}` },
  request_id_reused: exactly('request_id was used with other parameters'),
  incorrect_order: exactly('Incorrect order ID'),
  refill_not_found: exactly('Refill not found'),
  refill_disabled: exactly('Refill is disabled for this service'),
  order_not_completed: exactly('The order is not completed'),
  refill_too_early: exactly(
    'The order was completed or refill was requested less than 24 hours ago',
  ),
  refill_running: exactly('The refill task is not completed for this order'),
  refill_window_over: exactly('Refill days are over'),
  cancel_disabled: exactly('Do not allow cancel this order'),
  cancel_already_requested: exactly('Order cancellation request has been sent already'),
  order_already_final: exactly(
    'The order can not send request for cancellation, please raise ticket',
  ),
  too_many_ids: { text: (name) => `Maximum ${idsMax} ${name}` },
  too_many_parameters: { text: (max) => `Maximum ${max} parameters` },
  body_too_large: { text: (max) => `Maximum ${max} bytes` },
  rate_limited: { text: () => 'Rate limit exceeded', status: 429 },
  overloaded: { text: () => 'Server is busy, please try again', status: 503 },
  invalid_input: exactly('Incorrect request'),
  not_found: exactly('Incorrect request'),
  not_signed_in: exactly('Incorrect request'),
  confirm_first: exactly('Incorrect request'),
  second_factor_required: exactly('Incorrect request'),
  not_allowed: exactly('Incorrect request'),
  conflict: exactly('Incorrect request'),
  gateway_unavailable: exactly('Incorrect request'),
  unknown_service: exactly('Incorrect service ID'),
  incorrect_line: exactly('Incorrect request'),
} as const satisfies Record<ErrorCode, Refusal>;

/** The text of a refusal as the wire has it. */
export function refusalText(error: AppError): string {
  return refusals[error.code].text(error.detail);
}

/** The HTTP status of a refusal: 200 but for overload, since clients drop the body of an error. */
export function refusalStatus(error: AppError): number {
  const refusal: Refusal = refusals[error.code];
  return refusal.status ?? 200;
}
