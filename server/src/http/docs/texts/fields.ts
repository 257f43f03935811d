import type { FieldName, orderFields } from '../../../orders/index.ts';
import type { CallParameter } from '../../api-v2/definition.ts';
import type { Text } from '../language.ts';

/** What each parameter of a call means. Its format is printed from the definition. */
export const callParameterTexts = {
  key: { en: 'Your API key.', zh: '您的 API 密钥。' },
  action: { en: 'The action, as written here.', zh: '操作名称，按此处原样填写。' },
  service: {
    en: 'Service ID, from the service list.',
    zh: '服务 ID，取自服务列表。',
  },
  request_id: {
    en: 'Your own id of this order, so that it can be repeated safely.',
    zh: '您为此订单指定的唯一编号，重复提交不会重复下单。',
  },
  order: { en: 'Order ID.', zh: '订单 ID。' },
  orders: { en: 'Order IDs.', zh: '多个订单 ID。' },
  refill: { en: 'Refill ID.', zh: '补单 ID。' },
  refills: { en: 'Refill IDs.', zh: '多个补单 ID。' },
} as const satisfies Record<CallParameter, Text>;

/** What each parameter of an order means. Its format is printed from the definition. */
export const fieldTexts = {
  link: { en: 'Link to the page, post or account.', zh: '主页、帖子或账号的链接。' },
  quantity: { en: 'Needed quantity.', zh: '下单数量。' },
  runs: {
    en: 'How often to deliver the quantity. `1` is a plain order.',
    zh: '执行次数，每次执行交付一份数量。`1` 等同普通订单。',
  },
  interval: {
    en: 'Minutes between two runs. Required with `runs` of 2 or more.',
    zh: '两次执行之间的间隔（分钟）。`runs` 不小于 2 时必填。',
  },
  comments: { en: 'The comments to post.', zh: '评论内容。' },
  usernames: { en: 'The users to mention.', zh: '要提及的用户名。' },
  hashtags: { en: 'The hashtags to take users from.', zh: '用于选取用户的话题标签。' },
  keywords: { en: 'The search keywords.', zh: '搜索关键词。' },
  groups: { en: 'The groups to invite from.', zh: '邀请来源群组。' },
  hashtag: { en: 'The hashtag to take users from.', zh: '用于选取用户的话题标签。' },
  username: { en: 'The username.', zh: '用户名。' },
  media: {
    en: 'Link to the media whose likers are mentioned.',
    zh: '媒体链接，提及为其点赞的用户。',
  },
  answer_number: { en: 'The number of the answer to vote for.', zh: '投票选项的编号。' },
  country: { en: 'The visitors’ country, such as `US`.', zh: '访客所在国家/地区，例如 `US`。' },
  device: { en: 'The visitors’ device.', zh: '访客设备。' },
  type_of_traffic: { en: 'Where the visits come from.', zh: '流量来源。' },
  google_keyword: {
    en: 'The keyword searched for. Required when `type_of_traffic` is `1`.',
    zh: '搜索关键词。`type_of_traffic` 为 `1` 时必填。',
  },
  referring_url: {
    en: 'The referring address. Required when `type_of_traffic` is `2`.',
    zh: '来源网址。`type_of_traffic` 为 `2` 时必填。',
  },
  min: {
    en: 'Least quantity per post, within the service’s bounds.',
    zh: '每个帖子的最小数量，须在服务的上下限之内。',
  },
  max: {
    en: 'Greatest quantity per post, at least `min` and within the service’s bounds.',
    zh: '每个帖子的最大数量，不小于 `min`，且在服务的上下限之内。',
  },
  delay: {
    en: 'Minutes from a new post to its order.',
    zh: '新帖子发布到下单之间的延迟（分钟）。',
  },
  posts: {
    en: 'How many new posts to serve. Leave out for no limit.',
    zh: '服务多少个新帖子，不填则不限。',
  },
  old_posts: {
    en: 'How many existing posts to serve too.',
    zh: '同时服务多少个已有帖子。',
  },
  expiry: { en: 'Last day of the subscription.', zh: '订阅的最后一天。' },
} as const satisfies Record<FieldName, Text>;

type Choice<Name extends 'device' | 'type_of_traffic'> =
  (typeof orderFields)[Name]['values'][number];

/** What the numbers of a choice stand for; choices missing here are plain numbers. */
export const choiceTexts = {
  device: {
    1: { en: 'Desktop', zh: '桌面端' },
    2: { en: 'Mobile (Android)', zh: '移动端（Android）' },
    3: { en: 'Mobile (iOS)', zh: '移动端（iOS）' },
    4: { en: 'Mixed (mobile)', zh: '混合（移动端）' },
    5: { en: 'Mixed (mobile and desktop)', zh: '混合（移动端和桌面端）' },
  },
  type_of_traffic: {
    1: { en: 'Google keyword', zh: 'Google 关键词' },
    2: { en: 'Custom referrer', zh: '自定义来源' },
    3: { en: 'Blank referrer', zh: '无来源' },
  },
} as const satisfies { [Name in 'device' | 'type_of_traffic']: Record<Choice<Name>, Text> };
