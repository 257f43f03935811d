import type { ServiceType } from '../../catalog/index.ts';
import { type FieldName, linkLengthMax, requestIdLengthMax } from '../../orders/index.ts';
import { idsMax } from './params.ts';

/** The actions of the panel API v2, in the order the documentation shows them. */
export const actionNames = [
  'services',
  'add',
  'status',
  'refill',
  'refill_status',
  'cancel',
  'balance',
] as const;

export type ActionName = (typeof actionNames)[number];

/** Parameters of a call that belong to no service type. */
export type CallParameter =
  | 'key'
  | 'action'
  | 'service'
  | 'request_id'
  | 'order'
  | 'orders'
  | 'refill'
  | 'refills';

/** The bounds the page names; a test of the page tries each one. */
export const documentedLimits = {
  ids: idsMax,
  linkLength: linkLengthMax,
  requestIdLength: requestIdLengthMax,
} as const;

/** One way to call an action, with replies that have the wire's keys in the wire's order. */
export type CallDefinition = {
  /** Names the call on the page and in links to it. */
  id: string;
  parameters: readonly CallParameter[];
  optional?: readonly CallParameter[];
  /** An example's values, but `key` and `action`. */
  request: Readonly<Record<string, string>>;
  replies: readonly ReplyExample[];
};

/** `of` says which order a reply is about, where that changes its keys. */
export type ReplyExample = { of?: 'plain' | 'drip_feed' | 'subscription'; body: unknown };

const incorrectOrder = { error: 'Incorrect order ID' };

/** Every way to call every action. The documentation is printed from it, and tests hold it true. */
export const actionCalls = {
  services: [
    {
      id: 'services',
      parameters: [],
      request: {},
      replies: [{ body: [exampleService(), exampleCommentsService()] }],
    },
  ],
  add: [
    {
      id: 'add',
      parameters: ['service'],
      optional: ['request_id'],
      request: { service: '1', link: 'https://example.com/post', quantity: '100' },
      replies: [{ body: { order: 23501 } }],
    },
  ],
  status: [
    {
      id: 'status',
      parameters: ['order'],
      request: { order: '23501' },
      replies: [
        { of: 'plain', body: exampleStatus() },
        { of: 'drip_feed', body: exampleDripFeedStatus() },
        { of: 'subscription', body: exampleSubscriptionStatus() },
      ],
    },
    {
      id: 'status-multiple',
      parameters: ['orders'],
      request: { orders: '1,10,100' },
      replies: [
        {
          body: {
            1: exampleStatus(),
            10: incorrectOrder,
            100: {
              charge: '1.44219',
              start_count: '234',
              status: 'In progress',
              remains: '10',
              currency: 'USD',
            },
          },
        },
      ],
    },
  ],
  refill: [
    {
      id: 'refill',
      parameters: ['order'],
      request: { order: '1' },
      replies: [{ body: { refill: '1' } }],
    },
    {
      id: 'refill-multiple',
      parameters: ['orders'],
      request: { orders: '1,2,3' },
      replies: [
        {
          body: [
            { order: 1, refill: 1 },
            { order: 2, refill: 2 },
            { order: 3, refill: incorrectOrder },
          ],
        },
      ],
    },
  ],
  refill_status: [
    {
      id: 'refill_status',
      parameters: ['refill'],
      request: { refill: '1' },
      replies: [{ body: { status: 'Completed' } }],
    },
    {
      id: 'refill_status-multiple',
      parameters: ['refills'],
      request: { refills: '1,2,3' },
      replies: [
        {
          body: [
            { refill: 1, status: 'Completed' },
            { refill: 2, status: 'Rejected' },
            { refill: 3, status: { error: 'Refill not found' } },
          ],
        },
      ],
    },
  ],
  cancel: [
    {
      id: 'cancel',
      parameters: ['orders'],
      request: { orders: '9,2' },
      replies: [
        {
          body: [
            { order: 9, cancel: incorrectOrder },
            { order: 2, cancel: 1 },
          ],
        },
      ],
    },
  ],
  balance: [
    {
      id: 'balance',
      parameters: [],
      request: {},
      replies: [{ body: { balance: '100.84292', currency: 'USD' } }],
    },
  ],
} as const satisfies Record<ActionName, readonly CallDefinition[]>;

export type CallId = (typeof actionCalls)[ActionName][number]['id'];

/** A valid value of every parameter of `add`, for examples: the server takes each of them. */
export const exampleValues = {
  link: 'https://example.com/post',
  quantity: '100',
  runs: '5',
  interval: '60',
  comments: 'Great post\nLove it',
  usernames: 'alice\nbob',
  hashtags: 'travel\nfood',
  keywords: 'running shoes\ntrail shoes',
  groups: 'group-one\ngroup-two',
  hashtag: 'travel',
  username: 'alice',
  media: 'https://example.com/media',
  answer_number: '2',
  country: 'US',
  device: '5',
  type_of_traffic: '1',
  google_keyword: 'running shoes',
  referring_url: 'https://example.org/',
  min: '100',
  max: '150',
  delay: '30',
  posts: '10',
  old_posts: '5',
  expiry: '31/12/2035',
} as const satisfies Record<FieldName, string>;

/** Optional parameters that an example of the type shows, besides all that it requires. */
export const exampleOptions: Readonly<Partial<Record<ServiceType, readonly FieldName[]>>> = {
  Subscriptions: ['posts', 'expiry'],
  'Web Traffic': ['google_keyword'],
};

function exampleService() {
  return {
    service: 1,
    name: 'Followers',
    type: 'Default',
    category: 'First Category',
    rate: '0.90',
    min: '50',
    max: '10000',
    dripfeed: true,
    refill: true,
    cancel: true,
  };
}

function exampleCommentsService() {
  return {
    service: 2,
    name: 'Comments',
    type: 'Custom Comments',
    category: 'Second Category',
    rate: '8.00',
    min: '10',
    max: '1500',
    dripfeed: false,
    refill: false,
    cancel: true,
  };
}

function exampleStatus() {
  return {
    charge: '0.27819',
    start_count: '3572',
    status: 'Partial',
    remains: '157',
    currency: 'USD',
  };
}

function exampleDripFeedStatus() {
  return {
    charge: '0.45',
    start_count: null,
    status: 'Active',
    remains: '300',
    currency: 'USD',
    runs: 2,
    orders: [23502, 23507],
  };
}

function exampleSubscriptionStatus() {
  return {
    charge: '0.00',
    start_count: null,
    status: 'Active',
    remains: '0',
    currency: 'USD',
    expiry: '31/12/2035',
    posts: 2,
    orders: [23510, 23514],
  };
}
