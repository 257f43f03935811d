import { errorBody } from './actions.ts';
import { plainReply, type Reply } from './replies.ts';

const hugeServices = 10_000;
/** So long that all of them together are over 4 MB. */
const hugeNameLength = 300;

const row = {
  service: 1,
  name: 'Followers',
  type: 'Default',
  category: 'Social',
  rate: '0.90',
  min: '50',
  max: '10000',
  dripfeed: true,
  refill: true,
  cancel: true,
};

/** A row with some of its fields changed; undefined leaves a field out. */
function rowWith(changes: Readonly<Record<string, unknown>>) {
  return { ...row, ...changes };
}

const good = [row, rowWith({ service: 2, name: 'Likes' })];

/** Services as real panels send them, by what is odd about them. */
const documents = {
  numbers_as_text: [rowWith({ service: '1', min: '50', max: '10000', rate: '0.90' })],
  numbers_as_numbers: [rowWith({ service: 1, min: 50, max: 10000, rate: 0.9 })],
  binary_noise: [rowWith({ rate: 0.1 + 0.2 }), rowWith({ service: 2, rate: 1e-7 })],
  many_decimals: [rowWith({ rate: '0.12345678901234567890' })],
  flags_true: [rowWith({ dripfeed: true, refill: true, cancel: false })],
  flags_text: [rowWith({ dripfeed: 'true', refill: 'false', cancel: 'true' })],
  flags_number: [rowWith({ dripfeed: 1, refill: 0, cancel: 1 })],
  flags_number_text: [rowWith({ dripfeed: '1', refill: '0', cancel: '1' })],
  flags_missing: [rowWith({ dripfeed: undefined, refill: undefined, cancel: undefined })],
  separators: [
    row,
    rowWith({
      ...{ service: 2, name: '───── NEW ─────', type: 'Package', rate: '999999999999.00' },
      ...{ min: '1', max: '1', dripfeed: false, refill: false, cancel: false },
    }),
    rowWith({ service: 3, name: 'Likes' }),
  ],
  html_names: [
    rowWith({
      name: '<b>Followers</b> <img src=x onerror="alert(1)"> &amp; <script>alert(2)</script>',
      category: '<a href="javascript:alert(3)">Social</a>',
    }),
  ],
  odd_types: [
    'custom_comments',
    'Custom Comment',
    'mentions_with_hashtags',
    'Mentions Users Followers',
    'Invites From Groups',
    'special',
    'default',
    '',
    'Telepathy',
  ].map((type, index) => rowWith({ service: index + 1, type })),
  duplicate_ids: [row, rowWith({ name: 'Followers again' })],
  wrong_bounds: [
    rowWith({ min: '0', max: '0' }),
    rowWith({ service: 2, min: '100', max: '10' }),
    rowWith({ service: 3, min: '-5', max: 'lots' }),
    rowWith({ service: 4, max: '99999999999999999999' }),
  ],
  wrong_rates: [
    rowWith({ rate: '-1' }),
    rowWith({ service: 2, rate: 'free' }),
    rowWith({ service: 3, rate: null }),
    rowWith({ service: 4, rate: '1,5' }),
    rowWith({ service: 5, rate: '0' }),
  ],
  rows_of_anything: [null, 7, 'service', [], {}, rowWith({ service: null }), row],
  proto_keys: JSON.parse('[{"__proto__":{"polluted":true},"service":1,"name":"x"}]'),
  error: { error: 'Invalid API key' },
  services_object: { services: good },
  object_by_id: { 1: row },
  null: null,
  empty_list: [],
} as const satisfies Readonly<Record<string, unknown>>;

const texts = {
  html: () => plainReply('<html><body><h1>Just a moment…</h1></body></html>', 200, 'text/html'),
  empty_body: () => plainReply(''),
  cut_json: () => plainReply(JSON.stringify(good).slice(0, -20)),
  error_500: () => plainReply(errorBody('Internal server error'), 500),
  byte_order_mark: () => plainReply(`\ufeff${JSON.stringify(good)}`),
  huge: () => plainReply(hugeList()),
} as const satisfies Readonly<Record<string, () => Reply>>;

export type CatalogName = keyof typeof documents | keyof typeof texts;

/** The names of all broken and odd catalogs. */
export const catalogNames: readonly CatalogName[] = [
  // Keys of the two tables, which is what the type says.
  ...(Object.keys(documents) as (keyof typeof documents)[]),
  ...(Object.keys(texts) as (keyof typeof texts)[]),
];

/** The reply to `services` under a name of the table. */
export function catalogReply(name: CatalogName): Reply {
  if (name in texts) return texts[name as keyof typeof texts](); // it is a key of this table
  return plainReply(JSON.stringify(documents[name as keyof typeof documents])); // else of this
}

function hugeList(): string {
  const services = Array.from({ length: hugeServices }, (_, index) =>
    rowWith({
      service: index + 1,
      name: `Followers ${index + 1} `.padEnd(hugeNameLength, '★'),
      category: `Category ${Math.floor(index / 100)}`,
    }),
  );
  return JSON.stringify(services);
}
