import { int32Max } from '../base/index.ts';
import type { ServiceType } from '../catalog/index.ts';

/** How the text of a parameter is read. `separator` says what divides a list. */
export type FieldKind =
  | { kind: 'link' }
  | { kind: 'quantity' }
  | { kind: 'text' }
  | { kind: 'lines'; separator: RegExp }
  | { kind: 'whole'; min: number; max: number }
  | { kind: 'choice'; values: readonly number[] }
  | { kind: 'date' };

const newlines = /\r\n|\n|\r/;
const newlinesOrCommas = /\r\n|\n|\r|,/;
const delayMinutes = [
  0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480, 540, 600,
] as const;
/** Bounds of our own: a drip-feed of ten thousand runs, one a year apart at most. */
const runsMax = 10_000;
const intervalMinutesMax = 525_600;

/** Every parameter an order can have besides `service`. The API page is printed from it too. */
export const orderFields = {
  link: { kind: 'link' },
  quantity: { kind: 'quantity' },
  runs: { kind: 'whole', min: 1, max: runsMax },
  interval: { kind: 'whole', min: 1, max: intervalMinutesMax },
  comments: { kind: 'lines', separator: newlines },
  usernames: { kind: 'lines', separator: newlinesOrCommas },
  hashtags: { kind: 'lines', separator: newlinesOrCommas },
  keywords: { kind: 'lines', separator: newlinesOrCommas },
  groups: { kind: 'lines', separator: newlinesOrCommas },
  hashtag: { kind: 'text' },
  username: { kind: 'text' },
  media: { kind: 'text' },
  answer_number: { kind: 'whole', min: 0, max: int32Max },
  country: { kind: 'text' },
  device: { kind: 'choice', values: [1, 2, 3, 4, 5] },
  type_of_traffic: { kind: 'choice', values: [1, 2, 3] },
  google_keyword: { kind: 'text' },
  referring_url: { kind: 'text' },
  min: { kind: 'whole', min: 1, max: int32Max },
  max: { kind: 'whole', min: 1, max: int32Max },
  delay: { kind: 'choice', values: delayMinutes },
  posts: { kind: 'whole', min: 1, max: int32Max },
  old_posts: { kind: 'whole', min: 0, max: int32Max },
  expiry: { kind: 'date' },
} as const satisfies Record<string, FieldKind>;

export type FieldName = keyof typeof orderFields;

/** Where an order's quantity comes from; of a subscription each announced post has its own. */
export type QuantitySource =
  | { from: 'quantity' }
  | { from: 'lines'; field: 'comments' | 'usernames' }
  | { from: 'package' }
  | { from: 'posts' };

export type OrderType = {
  required: readonly FieldName[];
  optional: readonly FieldName[];
  quantity: QuantitySource;
};

const given: QuantitySource = { from: 'quantity' };

function withQuantity(...extra: FieldName[]): OrderType {
  return { required: ['link', 'quantity', ...extra], optional: [], quantity: given };
}

/** The parameters of every service type, as live panels have them (protocol, "add"). */
export const orderTypes = {
  Default: { required: ['link', 'quantity'], optional: ['runs', 'interval'], quantity: given },
  Package: { required: ['link'], optional: [], quantity: { from: 'package' } },
  'Custom Comments': {
    required: ['link', 'comments'],
    optional: [],
    quantity: { from: 'lines', field: 'comments' },
  },
  'Custom Comments Package': {
    required: ['link', 'comments'],
    optional: [],
    quantity: { from: 'package' },
  },
  Mentions: withQuantity('usernames'),
  'Mentions with Hashtags': withQuantity('usernames', 'hashtags'),
  'Mentions Custom List': {
    required: ['link', 'usernames'],
    optional: [],
    quantity: { from: 'lines', field: 'usernames' },
  },
  'Mentions Hashtag': withQuantity('hashtag'),
  'Mentions User Followers': withQuantity('username'),
  'Mentions Media Likers': withQuantity('media'),
  'Comment Likes': withQuantity('username'),
  'Comment Replies': {
    required: ['link', 'username', 'comments'],
    optional: [],
    quantity: { from: 'lines', field: 'comments' },
  },
  Poll: withQuantity('answer_number'),
  'Invites from Groups': withQuantity('groups'),
  Subscriptions: {
    required: ['username', 'min', 'max', 'delay'],
    optional: ['posts', 'old_posts', 'expiry'],
    quantity: { from: 'posts' },
  },
  SEO: withQuantity('keywords'),
  'Web Traffic': {
    required: ['link', 'quantity', 'country', 'device', 'type_of_traffic'],
    optional: ['runs', 'interval', 'google_keyword', 'referring_url'],
    quantity: given,
  },
} as const satisfies Record<ServiceType, OrderType>;

/** The table's row of a type, under the type that all rows share. */
export function orderTypeOf(type: ServiceType): OrderType {
  return orderTypes[type];
}
