import { documentedLimits } from '../../api-v2/definition.ts';
import type { Text } from '../language.ts';

const { requestIdLength } = documentedLimits;

/** Headings, labels and buttons. */
export const labels = {
  title: { en: 'API documentation', zh: 'API 文档' },
  skip: { en: 'Skip to content', zh: '跳到正文' },
  contents: { en: 'Contents', zh: '目录' },
  overview: { en: 'Overview', zh: '概述' },
  actions: { en: 'Actions', zh: '操作' },
  reference: { en: 'Reference', zh: '参考' },
  start: { en: 'Getting started', zh: '开始使用' },
  switchLanguage: { en: 'Language', zh: '语言' },
  method: { en: 'HTTP method', zh: 'HTTP 方法' },
  url: { en: 'API URL', zh: 'API 地址' },
  format: { en: 'Response format', zh: '响应格式' },
  requests: { en: 'Requests', zh: '请求方式' },
  authentication: { en: 'API key', zh: 'API 密钥' },
  replies: { en: 'Replies', zh: '响应' },
  parameters: { en: 'Parameters', zh: '参数' },
  parameter: { en: 'Parameter', zh: '参数' },
  description: { en: 'Description', zh: '说明' },
  required: { en: 'required', zh: '必填' },
  optional: { en: 'optional', zh: '可选' },
  request: { en: 'Example request', zh: '示例请求' },
  reply: { en: 'Example reply', zh: '示例响应' },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  copyFailed: { en: 'Press Ctrl+C', zh: '请按 Ctrl+C' },
  types: { en: 'Parameters by service type', zh: '各服务类型的参数' },
  typeShort: { en: 'Service types', zh: '服务类型' },
  serviceType: { en: 'Service type', zh: '服务类型' },
  quantity: { en: 'Quantity', zh: '数量' },
  charge: { en: 'Charge', zh: '扣费' },
  dripFeed: { en: 'Drip-feed', zh: '分批下单' },
  subscriptions: { en: 'Subscriptions', zh: '订阅' },
  retries: { en: 'Safe retries', zh: '安全重试' },
  statuses: { en: 'Statuses', zh: '状态说明' },
  orderStatuses: { en: 'Order statuses', zh: '订单状态' },
  refillStatuses: { en: 'Refill statuses', zh: '补单状态' },
  status: { en: 'Status', zh: '状态' },
  limits: { en: 'Limits', zh: '限制' },
  errors: { en: 'Errors', zh: '错误' },
  error: { en: 'Text', zh: '错误文本' },
  when: { en: 'When', zh: '出现条件' },
  php: { en: 'PHP example', zh: 'PHP 示例' },
  download: { en: 'Download the PHP example', zh: '下载 PHP 示例' },
} as const satisfies Record<string, Text>;

/** The page's prose, a list of paragraphs each. */
export const prose = {
  intro: [
    {
      en:
        'Order services, follow them, and ask for refills and cancels from your own ' +
        'program. One address, seven actions, the panel API v2 that existing clients and ' +
        'panels already speak.',
      zh: '在您自己的程序中下单、查询订单、申请补单和取消。一个地址、七个操作，与现有客户端和面板通用的 API v2 完全兼容。',
    },
  ],
  requests: [
    {
      en:
        'Send parameters as a form (`application/x-www-form-urlencoded`), as ' +
        '`multipart/form-data`, or as a JSON object (`application/json`). Text is UTF-8. ' +
        'Numbers are plain digits; parameters without a value count as not given.',
      zh:
        '参数可用表单（`application/x-www-form-urlencoded`）、`multipart/form-data` 或 JSON 对象（' +
        '`application/json`）提交。文本使用 UTF-8 编码。数字只用半角阿拉伯数字；没有值的参数视为未填写。',
    },
  ],
  authentication: [
    {
      en:
        'Every call needs your API key: as the parameter `key`, or, so that it stays out ' +
        'of bodies and logs, in the header `X-Api-Key: YOUR_API_KEY` or ' +
        '`Authorization: Bearer YOUR_API_KEY`. Keep it secret: whoever has it can spend ' +
        'your balance.',
      zh:
        '每次调用都要提供 API 密钥：作为参数 `key` 提交，或放在请求头 `X-Api-Key: YOUR_API_KEY` 或 ' +
        '`Authorization: Bearer YOUR_API_KEY` 中，以免出现在请求体和日志里。请妥善保管：持有密钥的人可以使用您的余额。',
    },
  ],
  replies: [
    {
      en:
        'Replies are JSON with HTTP status 200. So are refusals: an object whose only ' +
        'key is `error`. Check for `error` first. Amounts are strings in the currency ' +
        'named beside them.',
      zh: '响应均为 JSON，HTTP 状态码为 200。请求被拒绝时同样如此：返回仅含 `error` 一个键的对象，请先检查 `error`。金额为字符串，币种在同一响应中给出。',
    },
  ],
  ids: [
    {
      en:
        `Up to ${documentedLimits.ids} IDs, separated by commas. A list ` +
        '`orders[]=1&orders[]=2` or a JSON array is fine too, and a comma list in the ' +
        'singular parameter counts as several.',
      zh:
        `最多 ${documentedLimits.ids} 个 ID，用逗号分隔。也可以用列表 \`orders[]=1&orders[]=2\` 或 JSON 数组` +
        '；单数参数中填写逗号分隔的列表等同于批量。',
    },
  ],
  types: [
    {
      en:
        'The service list gives the `type` of each service. Besides `key`, `action` and ' +
        '`service`, an order takes the parameters of its type.',
      zh: '服务列表会给出每个服务的 `type`。除 `key`、`action`、`service` 外，还需按服务类型提供以下参数。',
    },
  ],
  dripFeed: [
    {
      en:
        'With `runs` of 2 or more and an `interval`, a service with `dripfeed` delivers ' +
        'the `quantity` that many times, one run every `interval` minutes. The total, ' +
        '`quantity` × `runs`, is charged at once. The bounds of the service apply to one ' +
        'run.',
      zh:
        '对于 `dripfeed` 为 true 的服务，`runs` 不小于 2 并提供 `interval` 时，' +
        '每隔 `interval` 分钟交付一次 `quantity`，共执行 `runs` 次。总数量 `quantity` × `runs` 在下单时一次性扣费，' +
        '服务的上下限针对单次执行。',
    },
    {
      en:
        'Every run is an order of its own. The status of the drip-feed adds `runs`, the ' +
        'runs done, and `orders`, their IDs. Cancelling it stops and refunds the runs ' +
        'that have not begun.',
      zh: '每次执行都是一个独立的订单。分批订单的状态会多出 `runs`（已执行次数）和 `orders`（对应的订单 ID）。取消后，尚未开始的执行会停止并退款。',
    },
  ],
  subscriptions: [
    {
      en:
        'A subscription orders a quantity between `min` and `max` for every new post of ' +
        'a user, `delay` minutes after it. Each post is charged when it is ordered; too ' +
        'little balance pauses the subscription. It ends after `posts` new posts and ' +
        '`old_posts` existing ones, or after the day of `expiry` (UTC), if given.',
      zh:
        '订阅会在用户发布新帖子 `delay` 分钟后自动下单，数量在 `min` 与 `max` 之间。每个帖子在下单时扣费，余额不足时订阅会暂停。' +
        '完成 `posts` 个新帖子和 `old_posts` 个已有帖子后，或 `expiry` 当日（UTC）结束后，订阅结束（如有填写）。',
    },
    {
      en:
        'Its status adds `expiry`, `posts`, the posts done, and `orders`, the IDs of ' +
        'their orders.',
      zh: '订阅的状态会多出 `expiry`、`posts`（已处理的帖子数）和 `orders`（对应的订单 ID）。',
    },
  ],
  retries: [
    {
      en:
        'When a call of `add` times out, you can’t know whether the order was placed: ' +
        'sending it again could buy it twice. Send a `request_id` of your own with it, ' +
        `or the same in the header \`Idempotency-Key\`: 1 to ${requestIdLength} ` +
        'printable ASCII characters, new for every order.',
      zh:
        '调用 `add` 超时后，无法得知订单是否已提交，直接重发可能重复下单。请为每个订单附上您自己的 `request_id`，' +
        `或放在请求头 \`Idempotency-Key\` 中：1 到 ${requestIdLength} 个可打印 ASCII 字符，每个订单各不相同。`,
    },
    {
      en:
        'Then repeat the call as often as you like: the same `request_id` with the same ' +
        'parameters answers the same order and charges nothing more.',
      zh: '这样就可以放心重试：相同的 `request_id` 加相同的参数，始终返回同一个订单，不会重复扣费。',
    },
  ],
  errors: [
    {
      en:
        'A refusal is `{"error":"…"}` with one of these exact texts. Its HTTP status is ' +
        '200, unless another is shown. A fault of the panel itself is a 500, also with ' +
        '`error`.',
      zh: '请求被拒绝时返回 `{"error":"…"}`，文本与下表完全一致。除特别标注外，HTTP 状态码为 200。面板自身故障时返回 500，同样带有 `error`。',
    },
  ],
  php: [
    {
      en:
        'One file for PHP 7.4 or newer that needs nothing but its curl extension: every ' +
        'action, errors as exceptions, and orders that are safe to retry.',
      zh: '单个文件，适用于 PHP 7.4 及以上版本，只依赖 curl 扩展：包含全部操作，错误以异常抛出，下单可安全重试。',
    },
  ],
} as const satisfies Record<string, readonly Text[]>;

/** The limits of a call, as a list. */
export function limitTexts(limits: { bodyBytes: string; parameters: string }): readonly Text[] {
  return [
    {
      en:
        `A body holds at most 1 MiB (${limits.bodyBytes} bytes) and ${limits.parameters} ` +
        'parameters.',
      zh: `请求体最大 1 MiB（${limits.bodyBytes} 字节），参数最多 ${limits.parameters} 个。`,
    },
    {
      en: `A call names at most ${documentedLimits.ids} IDs. A longer list is refused as a whole.`,
      zh: `单次调用最多 ${documentedLimits.ids} 个 ID，超出时整个请求被拒绝。`,
    },
    {
      en:
        'Too many calls answer HTTP 429 with `Retry-After`: the seconds to wait. A panel ' +
        'under overload answers 503. Neither has done anything.',
      zh: '调用过于频繁时返回 HTTP 429，并在 `Retry-After` 中给出需等待的秒数；面板过载时返回 503。两种情况下请求都未被执行。',
    },
    {
      en: 'Follow many orders with `orders` in lists rather than one by one.',
      zh: '查询大量订单时请用 `orders` 批量查询，不要逐个查询。',
    },
  ];
}
