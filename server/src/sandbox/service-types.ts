/** Where an order's quantity comes from. */
export type QuantityFrom = 'quantity' | 'comments' | 'usernames' | 'package' | 'posts';

export type TypeRow = {
  required: readonly string[];
  optional?: readonly string[];
  quantity: QuantityFrom;
};

function counted(...required: string[]): TypeRow {
  return { required: ['link', 'quantity', ...required], quantity: 'quantity' };
}

/** The parameters of every service type, written down from the protocol alone. */
export const serviceTypes = {
  Default: { ...counted(), optional: ['runs', 'interval'] },
  Package: { required: ['link'], quantity: 'package' },
  'Custom Comments': { required: ['link', 'comments'], quantity: 'comments' },
  'Custom Comments Package': { required: ['link', 'comments'], quantity: 'package' },
  Mentions: counted('usernames'),
  'Mentions with Hashtags': counted('usernames', 'hashtags'),
  'Mentions Custom List': { required: ['link', 'usernames'], quantity: 'usernames' },
  'Mentions Hashtag': counted('hashtag'),
  'Mentions User Followers': counted('username'),
  'Mentions Media Likers': counted('media'),
  'Comment Likes': counted('username'),
  'Comment Replies': { required: ['link', 'username', 'comments'], quantity: 'comments' },
  Poll: counted('answer_number'),
  'Invites from Groups': counted('groups'),
  Subscriptions: {
    required: ['username', 'min', 'max', 'delay'],
    optional: ['posts', 'old_posts', 'expiry'],
    quantity: 'posts',
  },
  SEO: counted('keywords'),
  'Web Traffic': {
    ...counted('country', 'device', 'type_of_traffic'),
    optional: ['runs', 'interval', 'google_keyword', 'referring_url'],
  },
} as const satisfies Record<string, TypeRow>;

export type SandboxServiceType = keyof typeof serviceTypes;

/** A service as the sandbox sells it. */
export type SandboxService = {
  service: number;
  name: string;
  type: SandboxServiceType;
  category: string;
  /** Per 1000, per package for the package types; at most 5 decimals. */
  rate: string;
  min: number;
  max: number;
  dripfeed?: boolean;
  refill?: boolean;
  cancel?: boolean;
  /** Refuses a second running order on a link. */
  denyDuplicates?: boolean;
  /** Refills are refused this many days after completion. Default: never. */
  refillDays?: number;
};
