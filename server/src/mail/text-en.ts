import type { Texts } from './kinds.ts';

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
  order_partial: ({ panel, orderId, remains, refund, currency }) => ({
    subject: `Order ${orderId} was delivered in part`,
    text: `Order ${orderId} at ${panel} ended with ${remains} not delivered.

${refund} ${currency} went back to your balance.`,
  }),
  order_canceled: ({ panel, orderId, refund, currency }) => ({
    subject: `Order ${orderId} was cancelled`,
    text: `Order ${orderId} at ${panel} was cancelled.

${refund} ${currency} went back to your balance.`,
  }),
  refill_done: ({ panel, refillId, orderId }) => ({
    subject: `Order ${orderId} was refilled`,
    text: `Refill ${refillId} of order ${orderId} at ${panel} is completed.`,
  }),
  refill_rejected: ({ panel, refillId, orderId }) => ({
    subject: `The refill of order ${orderId} was rejected`,
    text: `Refill ${refillId} of order ${orderId} at ${panel} was rejected.`,
  }),
  test: ({ panel }) => ({
    subject: `A test mail of ${panel}`,
    text: `This is a test. ${panel} can send mail.`,
  }),
};
