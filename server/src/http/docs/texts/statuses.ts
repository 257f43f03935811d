import type { OrderStatus } from '../../../orders/index.ts';
import type { RefillStatus } from '../../../refills/index.ts';
import type { Text } from '../language.ts';

/** What the status words of an order mean. */
export const orderStatusTexts = {
  Pending: { en: 'Accepted and paid, not yet started.', zh: '已受理并扣费，尚未开始。' },
  Processing: { en: 'Being prepared for delivery.', zh: '正在准备交付。' },
  'In progress': {
    en: 'Being delivered; `remains` counts down.',
    zh: '正在交付，`remains` 递减。',
  },
  Completed: { en: 'Delivered in full.', zh: '已全部完成。' },
  Partial: {
    en:
      'Ended early. `remains` was not delivered and its share of the charge is refunded; ' +
      '`charge` is what was kept.',
    zh: '提前结束。未交付的 `remains` 部分已按比例退款，`charge` 为实际扣费。',
  },
  Canceled: {
    en: 'Cancelled and refunded in full; `charge` is 0.',
    zh: '已取消并全额退款，`charge` 为 0。',
  },
  Active: {
    en: 'Drip-feed or subscription only: runs or waits for posts.',
    zh: '仅用于分批下单和订阅：进行中，或等待新帖子。',
  },
  Paused: {
    en: 'Drip-feed or subscription only: on hold, for instance because the balance is too low.',
    zh: '仅用于分批下单和订阅：已暂停，例如余额不足。',
  },
  Expired: { en: 'Subscription only: its last day has passed.', zh: '仅用于订阅：已过期。' },
} as const satisfies Record<OrderStatus, Text>;

/** What the status words of a refill mean. */
export const refillStatusTexts = {
  Pending: { en: 'Requested, not yet started.', zh: '已提交，尚未开始。' },
  'In progress': { en: 'Being delivered again.', zh: '正在补单。' },
  Completed: { en: 'Made good.', zh: '补单完成。' },
  Rejected: { en: 'Not granted.', zh: '补单被拒绝。' },
  Error: { en: 'Failed; please contact support.', zh: '补单失败，请联系客服。' },
} as const satisfies Record<RefillStatus, Text>;
