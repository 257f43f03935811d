/** Why a panel refused. `unknown_refusal` is any text that is not in the table below. */
export type RefusalCode =
  | 'invalid_key'
  | 'suspended'
  | 'incorrect_request'
  | 'incorrect_service'
  | 'bad_link'
  | 'incorrect_quantity'
  | 'quantity_below_min'
  | 'quantity_above_max'
  | 'not_enough_funds'
  /** Another order runs on the link: to be tried again later, not a failure. */
  | 'duplicate_link'
  | 'incorrect_field'
  | 'incorrect_order'
  | 'refill_not_found'
  | 'refill_disabled'
  | 'not_completed'
  | 'too_soon'
  | 'refill_running'
  | 'refill_window_over'
  | 'cancel_disabled'
  | 'cancel_repeated'
  | 'cancel_finished'
  | 'rate_limited'
  /** The request id was used before: an earlier request with it may well have become an order. */
  | 'request_id_conflict'
  | 'unknown_refusal';

/**
 * Phrases in lower case with words parted by single spaces. A text matches a phrase that it equals
 * or begins with; the whole-word rule keeps `link` from claiming "linked". Rows are tried in turn.
 */
export const phrases: readonly (readonly [RefusalCode, readonly string[]])[] = [
  [
    'invalid_key',
    [
      'invalid api key',
      'incorrect api key',
      'wrong api key',
      'bad api key',
      'unknown api key',
      'api key is invalid',
      'api key is incorrect',
      'api key is required',
      'api key not found',
      'invalid key',
      'incorrect key',
      'wrong key',
      'invalid api token',
      'invalid token',
    ],
  ],
  [
    'suspended',
    [
      'your account has been suspended',
      'your account is suspended',
      'account suspended',
      'account is suspended',
      'your account has been blocked',
      'your account is blocked',
      'your account is not active',
      'user is suspended',
      'user suspended',
    ],
  ],
  [
    'rate_limited',
    ['rate limit', 'too many requests', 'too many attempts', 'request limit', 'limit exceeded'],
  ],
  [
    'request_id_conflict',
    [
      'request id was used',
      'request id already used',
      'request id has already been used',
      'request id already exists',
      'request id has already been taken',
      'the request id has already been taken',
      'the request id has already been used',
      'the request id already exists',
      'duplicate request id',
      'request id duplicate',
    ],
  ],
  [
    'duplicate_link',
    [
      'link duplicate',
      'duplicate link',
      'you have active order with this link',
      'you have an active order with this link',
      'you already have active order with this link',
      'you already have an active order with this link',
      'there is an active order with this link',
      'active order with this link',
      'order with this link already exists',
      'this link already has an active order',
    ],
  ],
  [
    'not_enough_funds',
    [
      'not enough funds',
      'not enough balance',
      'not enough money',
      'not enough credit',
      'insufficient funds',
      'insufficient balance',
      'insufficient credit',
      'low balance',
      'balance is not enough',
      'your balance is not enough',
      'you do not have enough funds',
      'you don t have enough funds',
    ],
  ],
  [
    'quantity_below_min',
    [
      'quantity less than min',
      'quantity less than minimal',
      'quantity less than minimum',
      'quantity is less than minimal',
      'quantity is less than minimum',
      'quantity is less than the minimum',
      'quantity below minimum',
      'quantity too low',
      'min quantity',
      'minimal quantity',
      'minimum quantity',
    ],
  ],
  [
    'quantity_above_max',
    [
      'quantity more than max',
      'quantity more than maximal',
      'quantity more than maximum',
      'quantity is more than maximal',
      'quantity is more than maximum',
      'quantity is more than the maximum',
      'quantity greater than maximum',
      'quantity exceeds maximum',
      'quantity above maximum',
      'quantity too high',
      'max quantity',
      'maximal quantity',
      'maximum quantity',
    ],
  ],
  [
    'incorrect_service',
    [
      'incorrect service',
      'invalid service',
      'wrong service',
      'bad service',
      'unknown service',
      'service not found',
      'service id not found',
      'service does not exist',
      'service is disabled',
      'service is inactive',
      'service is not active',
      'service is not available',
      'service not available',
      'this service is not available',
      'this service is disabled',
    ],
  ],
  [
    'refill_not_found',
    ['refill not found', 'incorrect refill', 'invalid refill', 'wrong refill', 'unknown refill'],
  ],
  [
    'refill_disabled',
    [
      'refill is disabled',
      'refill disabled',
      'refill is not available',
      'refill not available',
      'refill is not allowed',
      'refill not allowed',
      'refill is not supported',
      'refill not supported',
      'this service does not support refill',
      'service does not support refill',
    ],
  ],
  [
    'not_completed',
    ['the order is not completed', 'order is not completed', 'order not completed'],
  ],
  [
    'too_soon',
    [
      'the order was completed or refill was requested less than',
      'order was completed or refill was requested less than',
      'refill was requested less than',
    ],
  ],
  [
    'refill_running',
    [
      'the refill task is not completed',
      'refill task is not completed',
      'refill is already in progress',
      'refill already in progress',
      'refill is in progress',
    ],
  ],
  [
    'refill_window_over',
    [
      'refill days are over',
      'refill period is over',
      'refill period has expired',
      'refill expired',
    ],
  ],
  [
    'cancel_repeated',
    [
      'order cancellation request has been sent already',
      'order cancellation request has already been sent',
      'cancellation request has been sent already',
      'cancellation request has already been sent',
      'cancel request has already been sent',
      'cancel request already sent',
    ],
  ],
  [
    'cancel_finished',
    [
      'the order can not send request for cancellation',
      'the order cannot send request for cancellation',
      'order can not send request for cancellation',
      'order already completed',
      'order is already completed',
      'order already canceled',
      'order is already canceled',
    ],
  ],
  [
    'cancel_disabled',
    [
      'do not allow cancel',
      'cancel is disabled',
      'cancel disabled',
      'cancel is not available',
      'cancel not available',
      'cancel is not allowed',
      'cancel not allowed',
      'this service does not support cancel',
      'order cannot be canceled',
      'order can not be canceled',
    ],
  ],
  [
    'incorrect_order',
    [
      'incorrect order id',
      'invalid order id',
      'wrong order id',
      'order not found',
      'order id not found',
      'order does not exist',
    ],
  ],
  ['incorrect_field', ['incorrect request id', 'invalid request id']],
  [
    'incorrect_request',
    [
      'incorrect request',
      'invalid request',
      'bad request',
      'incorrect action',
      'invalid action',
      'unknown action',
      'action not found',
      'maximum 100 orders',
    ],
  ],
  ['bad_link', ['bad link', 'incorrect link', 'invalid link', 'wrong link', 'link is invalid']],
  ['bad_link', ['link is required', 'link is incorrect', 'invalid url', 'incorrect url']],
  ['incorrect_quantity', ['incorrect quantity', 'invalid quantity', 'bad quantity']],
  ['incorrect_quantity', ['wrong quantity', 'quantity is required', 'quantity is invalid']],
];

/** What raw keys such as `neworder.error.link` leave of themselves. */
export const bareWords: Readonly<Record<string, RefusalCode>> = {
  link: 'bad_link',
  quantity: 'incorrect_quantity',
  service: 'incorrect_service',
  'incorrect order': 'incorrect_order',
  'invalid order': 'incorrect_order',
};

/** The parameters of `add` that have no refusal of their own. */
export const fieldNames: ReadonlySet<string> = new Set([
  'runs',
  'interval',
  'comment',
  'comments',
  'usernames',
  'hashtags',
  'keywords',
  'groups',
  'hashtag',
  'username',
  'media',
  'answer number',
  'country',
  'device',
  'type of traffic',
  'google keyword',
  'referring url',
  'min',
  'max',
  'delay',
  'posts',
  'old posts',
  'expiry',
]);
