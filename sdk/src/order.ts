// What an order can say. Field names are the wire's, so that the panel's own documentation applies.

/** All service types of the protocol, as they are written on the wire. */
export const serviceTypes = [
  'Default',
  'Package',
  'Custom Comments',
  'Custom Comments Package',
  'Mentions',
  'Mentions with Hashtags',
  'Mentions Custom List',
  'Mentions Hashtag',
  'Mentions User Followers',
  'Mentions Media Likers',
  'Comment Likes',
  'Comment Replies',
  'Poll',
  'Invites from Groups',
  'Subscriptions',
  'SEO',
  'Web Traffic',
] as const;

export type ServiceType = (typeof serviceTypes)[number];

/** The id of a service, order or refill. Text is exact; a number must be a safe integer. */
export type Id = string | number;

/** Whole and not negative, as a number or its digits. */
export type Whole = number | string;

/** One entry a line; a text is sent as it is, a list with a line break between its entries. */
export type Lines = string | readonly string[];

type LinkAndQuantity = { link: string; quantity: Whole };

/** Minutes between an announced post and its order. */
export type SubscriptionDelay =
  | (0 | 5 | 10 | 15 | 20 | 30 | 40 | 50 | 60 | 90 | 120 | 150 | 180 | 210)
  | (240 | 270 | 300 | 360 | 420 | 480 | 540 | 600);

/** The parameters of each service type besides `service` (protocol section 2, "add"). */
export type OrderFields = {
  /** `runs` of `quantity` each, `interval` minutes apart, make it a drip-feed. */
  Default: LinkAndQuantity & { runs?: Whole; interval?: Whole };
  Package: { link: string };
  'Custom Comments': { link: string; comments: Lines };
  'Custom Comments Package': { link: string; comments: Lines };
  Mentions: LinkAndQuantity & { usernames: Lines };
  'Mentions with Hashtags': LinkAndQuantity & { usernames: Lines; hashtags: Lines };
  'Mentions Custom List': { link: string; usernames: Lines };
  'Mentions Hashtag': LinkAndQuantity & { hashtag: string };
  'Mentions User Followers': LinkAndQuantity & { username: string };
  'Mentions Media Likers': LinkAndQuantity & { media: string };
  'Comment Likes': LinkAndQuantity & { username: string };
  'Comment Replies': { link: string; username: string; comments: Lines };
  Poll: LinkAndQuantity & { answer_number: Whole };
  'Invites from Groups': LinkAndQuantity & { groups: Lines };
  Subscriptions: {
    username: string;
    /** Bounds of the quantity per post. */
    min: Whole;
    max: Whole;
    delay: SubscriptionDelay | `${SubscriptionDelay}`;
    /** New posts to deliver to; all of them when absent. */
    posts?: Whole;
    old_posts?: Whole;
    /** The last day, `d/m/Y`. */
    expiry?: string;
  };
  SEO: LinkAndQuantity & { keywords: Lines };
  'Web Traffic': LinkAndQuantity & {
    country: string;
    /** 1 desktop, 2 mobile Android, 3 mobile iOS, 4 mixed mobile, 5 mixed all. */
    device: 1 | 2 | 3 | 4 | 5 | '1' | '2' | '3' | '4' | '5';
    /** 1 from a Google keyword, 2 from a referring address, 3 without. */
    type_of_traffic: 1 | 2 | 3 | '1' | '2' | '3';
    google_keyword?: string;
    referring_url?: string;
    runs?: Whole;
    interval?: Whole;
  };
};

type OrderBase = {
  service: Id;
  /**
   * Makes a repeated request answer for the first order instead of placing a second one, at panels
   * that support it: 1 to 128 printable ASCII characters. It is sent in the client's
   * `requestIdField`. Other panels ignore it, so it proves nothing by itself.
   */
  requestId?: string;
};

/** An order whose fields are checked against the `type` of its service. `type` is not sent. */
export type TypedOrder = {
  [Type in ServiceType]: OrderBase & { type: Type } & OrderFields[Type];
}[ServiceType];

/** An order of fields passed through as they are; those that are undefined are left out. */
export type RawOrder = {
  service: Id;
  type?: undefined;
  requestId?: string;
  [field: string]: string | number | readonly string[] | undefined;
};

export type Order = TypedOrder | RawOrder;

const reserved: ReadonlySet<string> = new Set(['key', 'action']);
const notSent: ReadonlySet<string> = new Set(['type', 'requestId']);

/**
 * The form fields of an order.
 * @throws TypeError for what no panel could take: a number that is not a safe integer, a list entry
 *   with a line break in it (it would become two), a field named `key` or `action`
 */
export function orderForm(order: Order, requestIdField: string): Record<string, string> {
  const form: [string, string][] = [];
  for (const [name, value] of Object.entries(order)) {
    if (reserved.has(name)) throw new TypeError(`${name} is not a field of an order`);
    if (notSent.has(name) || value === undefined || value === null) continue;
    form.push([name, fieldText(name, value)]);
  }
  if (order.requestId !== undefined) form.push([requestIdField, order.requestId]);
  return Object.fromEntries(form);
}

function fieldText(name: string, value: string | number | readonly string[]): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value);
    throw new TypeError(`${name} is not a whole number`);
  }
  const isClean = value.every((entry) => typeof entry === 'string' && !/[\r\n]/.test(entry));
  if (!isClean) throw new TypeError(`an entry of ${name} is not one line of text`);
  return value.join('\n');
}
