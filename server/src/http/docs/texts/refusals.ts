import type { ErrorCode } from '../../../base/index.ts';
import { bodyBytesMax } from '../../api-v2/body.ts';
import { paramsMax } from '../../api-v2/params.ts';
import type { Text } from '../language.ts';

/** Codes no call of the API can cause: they belong to commands of the panel's pages. */
type OperatorCode =
  | 'invalid_input'
  | 'not_found'
  | 'not_signed_in'
  | 'confirm_first'
  | 'second_factor_required'
  | 'not_allowed'
  | 'conflict'
  | 'unknown_service'
  | 'incorrect_line'
  | 'gateway_unavailable';
export type WireCode = Exclude<ErrorCode, OperatorCode>;

export type RefusalDoc = {
  when: Text;
  /** What fills the text's gap; several print one text each. */
  details?: readonly string[];
  /** What the gap stands for, when it varies from call to call. */
  gap?: Text;
};

/** When each refusal occurs. The texts themselves are the handler's own. */
export const refusalTexts = {
  invalid_key: {
    when: {
      en:
        'No key, a wrong or revoked key, a call from an address the key does not allow, or a ' +
        'body that can’t be read and holds the key.',
      zh:
        '未提供密钥、密钥错误或已吊销、调用来自该密钥不允许的 IP 地址，' +
        '或密钥所在的请求体无法解析。',
    },
  },
  customer_suspended: { when: { en: 'The account is suspended.', zh: '账号已被停用。' } },
  money_stopped: {
    when: {
      en: 'Orders are not taken until the operator has looked into the balance of the account.',
      zh: '运营方核查账户余额期间，暂不接受新订单。',
    },
  },
  incorrect_request: {
    when: {
      en:
        'No or unknown `action`, no order or refill ID where one is needed, or a body ' +
        'that can’t be read.',
      zh: '`action` 缺失或未知、缺少必需的订单 ID 或补单 ID，或请求体无法解析。',
    },
  },
  incorrect_service: {
    when: { en: 'No such service, or it is not on sale.', zh: '服务不存在或已下架。' },
  },
  bad_link: {
    when: {
      en: 'The link is missing, too long, has control characters, or is not accepted here.',
      zh: '链接缺失、过长、含控制字符，或被本面板禁止。',
    },
  },
  incorrect_quantity: {
    when: { en: 'The quantity is missing or no whole number.', zh: '数量缺失或不是整数。' },
  },
  quantity_below_min: {
    gap: { en: 'min', zh: '最小值' },
    when: { en: 'Below the minimum of the service.', zh: '低于服务的最小数量。' },
  },
  quantity_above_max: {
    gap: { en: 'max', zh: '最大值' },
    when: { en: 'Above the maximum of the service.', zh: '高于服务的最大数量。' },
  },
  incorrect_field: {
    gap: { en: 'parameter', zh: '参数名' },
    when: {
      en:
        'Another parameter is missing or not valid, such as `Incorrect comments`. ' +
        '`Incorrect runs` also means that the service has no drip-feed.',
      zh: '其他参数缺失或无效，例如 `Incorrect comments`。`Incorrect runs` 也表示该服务不支持分批下单。',
    },
  },
  active_order_with_link: {
    when: {
      en: 'The service allows one running order per link, and there is one.',
      zh: '该服务同一链接只允许一个进行中的订单，而您已有一个。',
    },
  },
  insufficient_funds: {
    when: { en: 'The balance is lower than the charge.', zh: '余额不足以支付此订单。' },
  },
  request_id_reused: {
    when: {
      en: 'The `request_id` belongs to an order with other parameters.',
      zh: '该 `request_id` 已用于参数不同的订单。',
    },
  },
  incorrect_order: {
    when: { en: 'No such order, or not yours.', zh: '订单不存在或不属于您。' },
  },
  refill_not_found: {
    when: { en: 'No such refill, or not yours.', zh: '补单不存在或不属于您。' },
  },
  refill_disabled: { when: { en: 'The service has no refill.', zh: '该服务不支持补单。' } },
  order_not_completed: {
    when: { en: 'Only a completed order can be refilled.', zh: '只有已完成的订单可以补单。' },
  },
  refill_too_early: {
    when: {
      en: 'Less than 24 hours since completion or the last refill.',
      zh: '距订单完成或上次补单不足 24 小时。',
    },
  },
  refill_running: {
    when: { en: 'A refill of the order is still running.', zh: '该订单还有未结束的补单。' },
  },
  refill_window_over: {
    when: {
      en: 'The days in which the service refills are over.',
      zh: '已超过该服务的补单期限。',
    },
  },
  cancel_disabled: { when: { en: 'The service can’t be cancelled.', zh: '该服务不支持取消。' } },
  cancel_already_requested: {
    when: { en: 'A cancel was asked for before.', zh: '此前已提交过取消请求。' },
  },
  order_already_final: {
    when: { en: 'The order is finished already.', zh: '订单已经结束。' },
  },
  too_many_ids: {
    details: ['orders', 'refills'],
    when: { en: 'Too many IDs in one call.', zh: '单次调用的 ID 过多。' },
  },
  too_many_parameters: {
    details: [String(paramsMax)],
    when: { en: 'Too many parameters in one call.', zh: '单次调用的参数过多。' },
  },
  body_too_large: {
    details: [String(bodyBytesMax)],
    when: { en: 'The body is larger than that.', zh: '请求体超过该大小。' },
  },
  rate_limited: {
    when: {
      en: 'Too many calls. Try again after the seconds in `Retry-After`.',
      zh: '调用过于频繁。请在 `Retry-After` 指定的秒数之后重试。',
    },
  },
  overloaded: {
    when: { en: 'The panel is overloaded; nothing was done.', zh: '面板过载，请求未被执行。' },
  },
} as const satisfies Record<WireCode, RefusalDoc>;
