import type { ServiceType } from '../../src/catalog/index.ts';

/** A good order of a type, and how it has to stand in the database. */
export type OrderSample = {
  type: ServiceType;
  /** What is sent besides key, action, service and link. */
  fields: Readonly<Record<string, string>>;
  quantity: bigint;
  /** At the rate 1.23456, in 10⁻⁸: per 1000 pieces, per package for packages. */
  charge: bigint;
  details: Readonly<Record<string, unknown>>;
  /** Parameters without which the order is refused, besides link and quantity. */
  required: readonly string[];
  /** Whether a sent quantity counts. */
  usesQuantity: boolean;
};

export const sampleRate = '1.23456';
const unit = 123_456n;

function counted(type: ServiceType, fields: Record<string, string>): OrderSample {
  return {
    type,
    fields: { quantity: '7', ...fields },
    quantity: 7n,
    charge: 7n * unit,
    details: fields,
    required: Object.keys(fields),
    usesQuantity: true,
  };
}

function listed(
  type: ServiceType,
  fields: Record<string, string>,
  details: Record<string, unknown>,
): OrderSample {
  const required = Object.keys(fields);
  return {
    type,
    fields,
    quantity: 3n,
    charge: 3n * unit,
    details,
    required,
    usesQuantity: false,
  };
}

function sold(type: ServiceType, fields: Record<string, string>, details: object): OrderSample {
  return {
    type,
    fields,
    quantity: 1n,
    charge: 1000n * unit,
    details: { ...details },
    required: Object.keys(fields),
    usesQuantity: false,
  };
}

/** A row for each type but Subscriptions, which has no link, quantity or charge of its own. */
export const orderSamples: readonly OrderSample[] = [
  counted('Default', {}),
  sold('Package', {}, {}),
  listed('Custom Comments', { comments: 'a\r\n b \n\n\rc' }, { comments: ['a', 'b', 'c'] }),
  sold('Custom Comments Package', { comments: 'a\nb' }, { comments: ['a', 'b'] }),
  { ...counted('Mentions', { usernames: 'a,b\nc' }), details: { usernames: ['a', 'b', 'c'] } },
  {
    ...counted('Mentions with Hashtags', { usernames: 'a\rb', hashtags: '#x, #y' }),
    details: { usernames: ['a', 'b'], hashtags: ['#x', '#y'] },
  },
  listed('Mentions Custom List', { usernames: 'a,b\nc' }, { usernames: ['a', 'b', 'c'] }),
  counted('Mentions Hashtag', { hashtag: '#x, y' }),
  counted('Mentions User Followers', { username: 'anna' }),
  counted('Mentions Media Likers', { media: 'https://example.com/m' }),
  counted('Comment Likes', { username: 'anna' }),
  listed(
    'Comment Replies',
    { username: 'anna', comments: 'one, two\nthree\r\n\r\nfour' },
    { username: 'anna', comments: ['one, two', 'three', 'four'] },
  ),
  { ...counted('Poll', { answer_number: '0' }), details: { answer_number: 0 } },
  { ...counted('Invites from Groups', { groups: 'g,h' }), details: { groups: ['g', 'h'] } },
  {
    ...counted('SEO', { keywords: 'red shoes, boots' }),
    details: { keywords: ['red shoes', 'boots'] },
  },
  {
    ...counted('Web Traffic', { country: 'US', device: '5', type_of_traffic: '3' }),
    details: { country: 'US', device: 5, type_of_traffic: 3 },
  },
];
