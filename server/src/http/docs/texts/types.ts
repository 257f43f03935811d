import type { ServiceType } from '../../../catalog/index.ts';
import type { OrderType } from '../../../orders/index.ts';
import type { Text } from '../language.ts';

/** What an order of each service type is, in a sentence. */
export const typeTexts = {
  Default: {
    en: 'A link and a quantity: most services.',
    zh: '链接加数量，绝大多数服务属于此类。',
  },
  Package: { en: 'A package with a fixed content and price.', zh: '内容和价格固定的套餐。' },
  'Custom Comments': { en: 'Comments in your own words.', zh: '自定义评论，内容由您提供。' },
  'Custom Comments Package': {
    en: 'A package of comments in your own words.',
    zh: '自定义评论套餐，内容由您提供。',
  },
  Mentions: { en: 'Mentions with a list of users.', zh: '提及：按用户名列表提及。' },
  'Mentions with Hashtags': {
    en: 'Mentions with lists of users and of hashtags.',
    zh: '提及：按用户名列表和话题标签列表提及。',
  },
  'Mentions Custom List': {
    en: 'Mentions of exactly the users you list.',
    zh: '提及：只提及您列出的用户。',
  },
  'Mentions Hashtag': {
    en: 'Mentions of users of a hashtag.',
    zh: '提及：提及使用某个话题标签的用户。',
  },
  'Mentions User Followers': {
    en: 'Mentions of the followers of a user.',
    zh: '提及：提及某个用户的粉丝。',
  },
  'Mentions Media Likers': {
    en: 'Mentions of users who liked a media.',
    zh: '提及：提及给某个媒体点赞的用户。',
  },
  'Comment Likes': {
    en: 'Likes on the comment of a user.',
    zh: '给某个用户的评论点赞。',
  },
  'Comment Replies': {
    en: 'Replies, in your own words, to the comment of a user.',
    zh: '回复某个用户的评论，内容由您提供。',
  },
  Poll: { en: 'Votes for one answer of a poll.', zh: '为投票中的某个选项投票。' },
  'Invites from Groups': {
    en: 'Invitations of members of groups.',
    zh: '从群组中邀请成员。',
  },
  Subscriptions: {
    en: 'An order for every new post of a user, by itself.',
    zh: '订阅：用户每发布一个新帖子就自动下单。',
  },
  SEO: { en: 'Visits through search keywords.', zh: '通过搜索关键词带来访问。' },
  'Web Traffic': {
    en: 'Visits of a website, by country, device and source.',
    zh: '网站流量，可指定国家/地区、设备和来源。',
  },
} as const satisfies Record<ServiceType, Text>;

type Source = OrderType['quantity']['from'];

/** Where the quantity of an order comes from, and what the order costs. */
export const quantityTexts = {
  quantity: {
    quantity: { en: 'the `quantity` sent', zh: '提交的 `quantity`' },
    charge: { en: 'rate × quantity ÷ 1000', zh: '单价 × 数量 ÷ 1000' },
  },
  lines: {
    quantity: { en: 'the number of lines in', zh: '行数，取自' },
    charge: { en: 'rate × lines ÷ 1000', zh: '单价 × 行数 ÷ 1000' },
  },
  package: {
    quantity: { en: 'always 1; a `quantity` sent is ignored', zh: '固定为 1，忽略 `quantity`' },
    charge: { en: 'the rate, which is per package', zh: '即单价（每份套餐）' },
  },
  posts: {
    quantity: {
      en: 'for each post, between `min` and `max`',
      zh: '每个帖子在 `min` 与 `max` 之间',
    },
    charge: {
      en: 'rate × quantity ÷ 1000, for each post when it is ordered',
      zh: '单价 × 数量 ÷ 1000，按帖子逐个下单时扣费',
    },
  },
} as const satisfies Record<Source, { quantity: Text; charge: Text }>;

/** Said of a type whose orders can be delivered in runs. */
export const dripFeedCharge: Text = {
  en: ' (× runs for a drip-feed)',
  zh: '（分批下单再 × 执行次数）',
};
