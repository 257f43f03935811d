declare const sealed: unique symbol;
/** A link that lets somebody in, encrypted for the outbox by `sealLink`. */
export type SealedLink = Uint8Array & { readonly [sealed]: true };

export type MailLanguage = 'en' | 'zh-CN';

export type NoticeKind = 'order_partial' | 'order_canceled' | 'refill_done' | 'refill_rejected';

/** What has become of an order or refill, among others in one mail. */
export type NoticeItem = {
  kind: NoticeKind;
  orderId: string;
  /** Empty for an order. */
  refillId: string;
  remains: string;
  refund: string;
};

/** What each kind of mail has to be told; amounts as `showAmount` writes them, such as `12.50`. */
export type MailValues = {
  confirm_address: { link: SealedLink };
  address_in_use: Record<string, never>;
  reset_password: { link: SealedLink };
  password_changed: Record<string, never>;
  change_address: { link: SealedLink; newAddress: string };
  deposit_credited: { amount: string; balance: string; currency: string };
  /** `items` are the first of `count`. */
  order_news: { items: NoticeItem[]; count: string; currency: string };
  test: Record<string, never>;
  alarm: {
    event: 'began' | 'ended' | 'test';
    name: string;
    subject: string;
    detail: string;
    time: string;
  };
};
export type MailKind = keyof MailValues;

/** A kind's values as its text gets them: links open, and the panel's name. */
export type TextValues<K extends MailKind> = {
  readonly [Name in keyof MailValues[K]]: MailValues[K][Name] extends SealedLink
    ? string
    : MailValues[K][Name];
} & { readonly panel: string };

export type Letter = { subject: string; text: string };

/** How each kind reads in one language. */
export type Texts = { readonly [K in MailKind]: (values: TextValues<K>) => Letter };
