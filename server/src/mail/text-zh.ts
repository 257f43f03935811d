import type { Texts } from './kinds.ts';

export const chinese: Texts = {
  confirm_address: ({ panel, link }) => ({
    subject: `请确认您在 ${panel} 的邮箱地址`,
    text: `欢迎使用 ${panel}。

请打开以下链接确认邮箱，链接一天内有效：

${link}

如果您没有注册，请忽略此邮件。`,
  }),
  address_in_use: ({ panel }) => ({
    subject: `您在 ${panel} 已有账户`,
    text: `有人（可能是您本人）尝试用此邮箱在 ${panel} 注册，但该邮箱已有账户。

请直接登录。如果忘记了密码，可在登录页面重新设置。`,
  }),
  reset_password: ({ panel, link }) => ({
    subject: `设置您在 ${panel} 的新密码`,
    text: `请打开以下链接设置 ${panel} 的新密码，链接一小时内有效，只能使用一次：

${link}

如果您没有提出此请求，请忽略此邮件，您的账户没有任何变化。`,
  }),
  password_changed: ({ panel }) => ({
    subject: `您在 ${panel} 的密码已更改`,
    text: `您在 ${panel} 的账户密码已更改，所有登录会话已结束。

如果不是您本人操作，请立即在登录页面重新设置密码。`,
  }),
  change_address: ({ panel, link, newAddress }) => ({
    subject: `更改您在 ${panel} 的邮箱地址`,
    text: `请打开以下链接，允许将您在 ${panel} 的邮箱更改为 ${newAddress}：

${link}

如果您没有提出此请求，请忽略此邮件并更改密码。`,
  }),
  deposit_credited: ({ panel, amount, balance, currency }) => ({
    subject: `已充值 ${amount} ${currency}`,
    text: `您在 ${panel} 的 ${amount} ${currency} 充值已到账。

当前余额：${balance} ${currency}。`,
  }),
  order_partial: ({ panel, orderId, remains, refund, currency }) => ({
    subject: `订单 ${orderId} 已部分完成`,
    text: `您在 ${panel} 的订单 ${orderId} 已结束，未交付数量：${remains}。

${refund} ${currency} 已退回您的余额。`,
  }),
  order_canceled: ({ panel, orderId, refund, currency }) => ({
    subject: `订单 ${orderId} 已取消`,
    text: `您在 ${panel} 的订单 ${orderId} 已取消。

${refund} ${currency} 已退回您的余额。`,
  }),
  refill_done: ({ panel, refillId, orderId }) => ({
    subject: `订单 ${orderId} 已补单`,
    text: `您在 ${panel} 的订单 ${orderId} 的补单 ${refillId} 已完成。`,
  }),
  refill_rejected: ({ panel, refillId, orderId }) => ({
    subject: `订单 ${orderId} 的补单被拒绝`,
    text: `您在 ${panel} 的订单 ${orderId} 的补单 ${refillId} 被拒绝。`,
  }),
  test: ({ panel }) => ({
    subject: `${panel} 测试邮件`,
    text: `这是一封测试邮件，${panel} 可以正常发送邮件。`,
  }),
};
