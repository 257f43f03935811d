/**
 * Why a command refused, as one closed union. Each surface (API v2, CLI, …) has one total table
 * from these codes to its own words, so a new code fails to compile until every surface has it.
 */
export type ErrorCode =
  | 'invalid_input'
  | 'not_found'
  | 'not_allowed'
  | 'conflict'
  | 'gateway_unavailable'
  | 'incorrect_request'
  | 'not_signed_in'
  | 'confirm_first'
  | 'second_factor_required'
  | 'invalid_key'
  | 'customer_suspended'
  | 'money_stopped'
  | 'incorrect_service'
  | 'unknown_service'
  | 'incorrect_line'
  | 'bad_link'
  | 'incorrect_quantity'
  | 'quantity_below_min'
  | 'quantity_above_max'
  | 'incorrect_field'
  | 'active_order_with_link'
  | 'insufficient_funds'
  | 'request_id_reused'
  | 'incorrect_order'
  | 'refill_not_found'
  | 'refill_disabled'
  | 'order_not_completed'
  | 'refill_too_early'
  | 'refill_running'
  | 'refill_window_over'
  | 'cancel_disabled'
  | 'cancel_already_requested'
  | 'order_already_final'
  | 'too_many_ids'
  | 'too_many_parameters'
  | 'body_too_large'
  | 'rate_limited'
  | 'overloaded';

/**
 * The only class of the code base: a refusal. `message` is for operators and logs; `detail` carries
 * the value a surface needs for its own text (a minimum, a field's name).
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { detail?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail ?? '';
  }
}
