import type { CallId, ReplyExample } from '../../api-v2/definition.ts';
import type { Text } from '../language.ts';

type CallText = {
  title: Text;
  /** The title in the side navigation. */
  short: Text;
  lead: readonly Text[];
};

/** Titles and explanations of the calls. */
export const callTexts = {
  services: {
    title: { en: 'Service list', zh: '服务列表' },
    short: { en: 'Service list', zh: '服务列表' },
    lead: [
      {
        en:
          'All services you can order, with your own prices. `rate` is per 1000, or per package ' +
          'for the types `Package` and `Custom Comments Package`. `min` and `max` bound the ' +
          'quantity of an order.',
        zh:
          '您可以下单的全部服务及您的专属价格。`rate` 为每 1000 的单价；`Package` 和 ' +
          '`Custom Comments Package` 类型为每份套餐的价格。' +
          '`min` 和 `max` 是单次下单数量的上下限。',
      },
      {
        en:
          '`dripfeed`, `refill` and `cancel` say what the service allows. Services may also ' +
          'carry `desc` and `average_time`.',
        zh:
          '`dripfeed`、`refill`、`cancel` 表示该服务是否支持分批下单、补单和取消。' +
          '服务还可能带有 `desc`（说明）和 `average_time`（平均用时）。',
      },
    ],
  },
  add: {
    title: { en: 'Add order', zh: '下单' },
    short: { en: 'Add order', zh: '下单' },
    lead: [
      {
        en:
          'Places an order and charges your balance at once. Which parameters it takes follows ' +
          'from the `type` of the service.',
        zh: '提交订单并立即从余额扣费。所需参数取决于服务的 `type`（服务类型）。',
      },
    ],
  },
  status: {
    title: { en: 'Order status', zh: '订单状态' },
    short: { en: 'Order status', zh: '订单状态' },
    lead: [
      {
        en:
          '`charge` is what the order costs, `start_count` the count before delivery (`null` ' +
          'until known), `remains` what is still to be delivered.',
        zh:
          '`charge` 为订单扣费，`start_count` 为交付前的初始数量（未知时为 `null`），' +
          '`remains` 为剩余未交付数量。',
      },
    ],
  },
  'status-multiple': {
    title: { en: 'Multiple orders status', zh: '批量查询订单状态' },
    short: { en: 'Multiple orders', zh: '批量查询订单' },
    lead: [
      {
        en: 'One object, keyed by the order IDs. An ID that is not yours has an `error` instead.',
        zh: '返回以订单 ID 为键的对象。不属于您的 ID 对应一个 `error`。',
      },
    ],
  },
  refill: {
    title: { en: 'Create refill', zh: '申请补单' },
    short: { en: 'Create refill', zh: '申请补单' },
    lead: [
      {
        en:
          'Asks to make good what a completed order has lost since. Possible 24 hours after ' +
          'completion, for as long as the service refills.',
        zh: '订单完成后如有掉量，可申请补单。须在完成 24 小时之后、服务的补单期限之内提交。',
      },
    ],
  },
  'refill-multiple': {
    title: { en: 'Create multiple refills', zh: '批量申请补单' },
    short: { en: 'Multiple refills', zh: '批量申请补单' },
    lead: [
      {
        en: 'A list with one entry per ID: a refill ID, or the refusal.',
        zh: '返回列表，每个 ID 一项：补单 ID 或拒绝原因。',
      },
    ],
  },
  refill_status: {
    title: { en: 'Refill status', zh: '补单状态' },
    short: { en: 'Refill status', zh: '补单状态' },
    lead: [
      {
        en: 'How far a refill is. Takes the refill ID, not the order ID.',
        zh: '查询补单进度。参数为补单 ID，而不是订单 ID。',
      },
    ],
  },
  'refill_status-multiple': {
    title: { en: 'Multiple refills status', zh: '批量查询补单状态' },
    short: { en: 'Multiple refill statuses', zh: '批量查询补单' },
    lead: [
      {
        en: 'A list with one entry per ID: a status, or the refusal.',
        zh: '返回列表，每个 ID 一项：状态或拒绝原因。',
      },
    ],
  },
  cancel: {
    title: { en: 'Cancel orders', zh: '取消订单' },
    short: { en: 'Cancel orders', zh: '取消订单' },
    lead: [
      {
        en:
          'Always answers a list, for one ID too. `1` means that the request was taken: the ' +
          'outcome shows later in `status` as `Canceled` or `Partial`, and the refund ' +
          'comes with it.',
        zh:
          '始终返回列表，单个 ID 也一样。`1` 表示取消请求已受理：结果稍后在 `status` 中显示为 ' +
          '`Canceled` 或 `Partial`，届时退款到余额。',
      },
    ],
  },
  balance: {
    title: { en: 'User balance', zh: '账户余额' },
    short: { en: 'Balance', zh: '余额' },
    lead: [
      {
        en: 'Your balance. Amounts are strings: read them as decimals, not as floats.',
        zh: '查询您的余额。金额为字符串，请按十进制小数处理，不要转成浮点数。',
      },
    ],
  },
} as const satisfies Record<CallId, CallText>;

/** What a reply is about, where an action has several. */
export const replyTexts = {
  plain: { en: 'Reply', zh: '示例响应' },
  drip_feed: { en: 'Reply for a drip-feed', zh: '分批订单的响应' },
  subscription: { en: 'Reply for a subscription', zh: '订阅的响应' },
} as const satisfies Record<NonNullable<ReplyExample['of']>, Text>;
