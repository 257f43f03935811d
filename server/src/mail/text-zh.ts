import type { NoticeItem, Texts } from './kinds.ts';

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
  order_news: ({ panel, items, count, currency }) => {
    const lines = items.map((item) => describe(item, currency));
    const left = Number(count) - items.length;
    const more = left > 0 ? [`另有 ${left} 项。`] : [];
    const [only] = lines;
    const isOne = lines.length === 1 && left === 0 && only !== undefined;
    return {
      subject: isOne ? only.replace(/[，。].*$/s, '') : `${count} 个订单或补单有新进展`,
      text: `您在 ${panel} 的订单有以下进展：

${[...lines, ...more].join('\n')}`,
    };
  },
  alarm: ({ panel, event, name, subject, detail, time }) => {
    const what = subject === '' ? name : `${name}（${subject}）`;
    const words = { began: '告警', ended: '告警解除', test: '测试告警' }[event];
    const rest = detail === '' ? '' : `\n${detail}`;
    return { subject: `${words}：${what}，${panel}`, text: `${words}：${what}\n${time}${rest}` };
  },
  test: ({ panel }) => ({
    subject: `${panel} 测试邮件`,
    text: `这是一封测试邮件，${panel} 可以正常发送邮件。`,
  }),
};

function describe({ kind, orderId, refillId, remains, refund }: NoticeItem, currency: string) {
  const back = `${refund} ${currency} 已退回您的余额。`;
  switch (kind) {
    case 'order_partial':
      return `订单 ${orderId} 已部分完成，未交付数量：${remains}，${back}`;
    case 'order_canceled':
      return `订单 ${orderId} 已取消，${back}`;
    case 'refill_done':
      return `订单 ${orderId} 的补单 ${refillId} 已完成。`;
    case 'refill_rejected':
      return `订单 ${orderId} 的补单 ${refillId} 被拒绝。`;
  }
}
