import type { NoticeItem, Texts } from './kinds.ts';

export const english: Texts = {
  confirm_address: ({ panel, link }) => ({
    subject: `Confirm your e-mail address for ${panel}`,
    text: `Welcome to ${panel}.

Open this link to confirm your address; it works for a day:

${link}

If you have not signed up, ignore this mail.`,
  }),
  address_in_use: ({ panel }) => ({
    subject: `You already have an account at ${panel}`,
    text: `Somebody, perhaps you, tried to sign up at ${panel} with this address. It has an account.

Sign in as usual. If you have forgotten the password, ask for a new one on the sign-in page.`,
  }),
  reset_password: ({ panel, link }) => ({
    subject: `Set a new password for ${panel}`,
    text: `Open this link to set a new password for ${panel}; it works once, for an hour:

${link}

If you have not asked for it, ignore this mail: nothing has changed.`,
  }),
  password_changed: ({ panel }) => ({
    subject: `Your password for ${panel} was changed`,
    text: `The password of your account at ${panel} was changed, and all its sessions were ended.

If it was not you, ask for a new password on the sign-in page at once.`,
  }),
  change_address: ({ panel, link, newAddress }) => ({
    subject: `Change of your e-mail address at ${panel}`,
    text: `Open this link to allow the change of your address at ${panel} to ${newAddress}:

${link}

If you have not asked for it, ignore this mail and change your password.`,
  }),
  deposit_credited: ({ panel, amount, balance, currency }) => ({
    subject: `${amount} ${currency} added to your balance`,
    text: `Your deposit of ${amount} ${currency} at ${panel} is credited.

Your balance is ${balance} ${currency}.`,
  }),
  order_news: ({ panel, items, count, currency }) => {
    const lines = items.map((item) => describe(item, currency));
    const left = Number(count) - items.length;
    const more = left > 0 ? [`And ${left} more.`] : [];
    const [only] = lines;
    const isOne = lines.length === 1 && left === 0 && only !== undefined;
    return {
      subject: isOne ? only.replace(/[;.].*$/s, '') : `News of ${count} orders and refills`,
      text: `What has become of your orders at ${panel}:

${[...lines, ...more].join('\n')}`,
    };
  },
  alarm: ({ panel, event, name, subject, detail, time }) => {
    const what = subject === '' ? name : `${name} (${subject})`;
    const words = { began: 'Alarm', ended: 'Over', test: 'Test alarm' }[event];
    const rest = detail === '' ? '' : `\n${detail}`;
    return { subject: `${words}: ${what}, ${panel}`, text: `${words}: ${what}\n${time}${rest}` };
  },
  test: ({ panel }) => ({
    subject: `A test mail of ${panel}`,
    text: `This is a test. ${panel} can send mail.`,
  }),
};

function describe({ kind, orderId, refillId, remains, refund }: NoticeItem, currency: string) {
  const back = `${refund} ${currency} went back to your balance.`;
  switch (kind) {
    case 'order_partial':
      return `Order ${orderId} was delivered in part; ${remains} were not. ${back}`;
    case 'order_canceled':
      return `Order ${orderId} was cancelled; ${back}`;
    case 'refill_done':
      return `Refill ${refillId} of order ${orderId} is completed.`;
    case 'refill_rejected':
      return `Refill ${refillId} of order ${orderId} was rejected.`;
  }
}
