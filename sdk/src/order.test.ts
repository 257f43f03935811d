import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedClient, testKey } from '../testing/scripted.ts';
import type { Order, RawOrder, ServiceType, TypedOrder } from './order.ts';
import { serviceTypes } from './order.ts';

const link = 'https://example.com/post?a=1&b=2';

/** One order of each type, and the form it becomes. */
const orders: { [Type in ServiceType]: [Extract<TypedOrder, { type: Type }>, object] } = {
  Default: [
    { type: 'Default', service: 1, link, quantity: 100, runs: 5, interval: '60' },
    { link, quantity: '100', runs: '5', interval: '60' },
  ],
  Package: [{ type: 'Package', service: 1, link }, { link }],
  'Custom Comments': [
    { type: 'Custom Comments', service: 1, link, comments: ['Great post', 'Love, it'] },
    { link, comments: 'Great post\nLove, it' },
  ],
  'Custom Comments Package': [
    { type: 'Custom Comments Package', service: 1, link, comments: 'One\r\nTwo' },
    { link, comments: 'One\r\nTwo' },
  ],
  Mentions: [
    { type: 'Mentions', service: 1, link, quantity: 2, usernames: ['alice', 'bob'] },
    { link, quantity: '2', usernames: 'alice\nbob' },
  ],
  'Mentions with Hashtags': [
    {
      type: 'Mentions with Hashtags',
      service: 1,
      link,
      quantity: 2,
      usernames: ['alice'],
      hashtags: ['travel', 'food'],
    },
    { link, quantity: '2', usernames: 'alice', hashtags: 'travel\nfood' },
  ],
  'Mentions Custom List': [
    { type: 'Mentions Custom List', service: 1, link, usernames: ['alice', 'bob'] },
    { link, usernames: 'alice\nbob' },
  ],
  'Mentions Hashtag': [
    { type: 'Mentions Hashtag', service: 1, link, quantity: 9, hashtag: 'travel' },
    { link, quantity: '9', hashtag: 'travel' },
  ],
  'Mentions User Followers': [
    { type: 'Mentions User Followers', service: 1, link, quantity: 9, username: 'alice' },
    { link, quantity: '9', username: 'alice' },
  ],
  'Mentions Media Likers': [
    { type: 'Mentions Media Likers', service: 1, link, quantity: 9, media: link },
    { link, quantity: '9', media: link },
  ],
  'Comment Likes': [
    { type: 'Comment Likes', service: 1, link, quantity: 9, username: 'alice' },
    { link, quantity: '9', username: 'alice' },
  ],
  'Comment Replies': [
    { type: 'Comment Replies', service: 1, link, username: 'alice', comments: ['Hi'] },
    { link, username: 'alice', comments: 'Hi' },
  ],
  Poll: [
    { type: 'Poll', service: 1, link, quantity: 9, answer_number: 0 },
    { link, quantity: '9', answer_number: '0' },
  ],
  'Invites from Groups': [
    { type: 'Invites from Groups', service: 1, link, quantity: 9, groups: ['a', 'b'] },
    { link, quantity: '9', groups: 'a\nb' },
  ],
  Subscriptions: [
    {
      type: 'Subscriptions',
      service: 1,
      username: 'alice',
      min: 100,
      max: 150,
      delay: 30,
      posts: undefined,
      expiry: '31/12/2035',
    },
    { username: 'alice', min: '100', max: '150', delay: '30', expiry: '31/12/2035' },
  ],
  SEO: [
    { type: 'SEO', service: 1, link, quantity: 9, keywords: ['running shoes', 'trail'] },
    { link, quantity: '9', keywords: 'running shoes\ntrail' },
  ],
  'Web Traffic': [
    {
      type: 'Web Traffic',
      service: 1,
      link,
      quantity: 9,
      country: 'US',
      device: 5,
      type_of_traffic: '1',
      google_keyword: 'näh & maschine',
    },
    {
      link,
      quantity: '9',
      country: 'US',
      device: '5',
      type_of_traffic: '1',
      google_keyword: 'näh & maschine',
    },
  ],
};

async function formOf(order: Order, options = {}): Promise<Record<string, string> | undefined> {
  const { client, forms } = scriptedClient({ json: { order: 5 } }, options);
  assert.equal((await client.add(order)).outcome, 'accepted');
  assert.equal(forms.length, 1);
  return forms[0];
}

for (const type of serviceTypes) {
  test(`an order of type ${type} sends its fields, and not its type`, async () => {
    const [order, form] = orders[type];
    assert.deepEqual(await formOf(order), { action: 'add', key: testKey, service: '1', ...form });
  });
}

test('a raw order is passed through', async () => {
  const raw: RawOrder = { service: '12', link, anything: 5, gap: undefined, tags: ['a', 'b'] };
  assert.deepEqual(await formOf(raw), {
    action: 'add',
    key: testKey,
    service: '12',
    link,
    anything: '5',
    tags: 'a\nb',
  });
});

test('a request id goes into the field the panel names', async () => {
  const order: Order = { type: 'Package', service: 1, link, requestId: 'once-1' };
  assert.equal((await formOf(order))?.request_id, 'once-1');
  const other = await formOf(order, { requestIdField: 'order_uuid' });
  assert.equal(other?.order_uuid, 'once-1');
  assert.equal(other?.request_id, undefined);
});

test('a field called __proto__ is a field', async () => {
  const raw: RawOrder = JSON.parse('{"service":1,"__proto__":"x"}');
  assert.equal(Object.getOwnPropertyDescriptor(await formOf(raw), '__proto__')?.value, 'x');
});

test('what cannot be sent is a TypeError before anything is', async () => {
  const { client, requests } = scriptedClient({ json: { order: 5 } });
  const wrong: Order[] = [
    { service: 1, link, quantity: Number.NaN },
    { service: 1, link, quantity: 1.5 },
    { service: 1, link, quantity: 2 ** 53 },
    { service: 1, link, comments: ['one\ntwo'] },
    { service: 1, link, comments: ['one\r'] },
    { service: 1, key: 'mine' },
    { service: 1, action: 'balance' },
  ];
  for (const order of wrong) await assert.rejects(client.add(order), TypeError);
  assert.equal(requests.length, 0);
});

type Assert<Holds extends true> = Holds;
type Fits<Value> = Value extends Order ? true : false;

/** Compiles only while the types of orders hold. */
export type OrderTypesHold = [
  Assert<Fits<{ service: 1; link: string; quantity: number }>>,
  Assert<Fits<{ type: 'Poll'; service: 1; link: string; quantity: 1; answer_number: 1 }>>,
  Assert<
    Fits<{ type: 'Poll'; service: 1; link: string; quantity: 1 }> extends false ? true : false
  >,
  Assert<Fits<{ type: 'Unheard of'; service: 1; link: string }> extends false ? true : false>,
];
