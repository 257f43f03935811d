import fc from 'fast-check';
import { type FieldName, orderFields, orderTypes } from '../../src/orders/index.ts';
import type { Offer } from './charges.ts';
import { oddJson, oddNumber, oddText } from './texts.ts';

export type Pair = readonly [name: string, value: string];

/** A call before it is spelled out. */
export type ApiInput = {
  action: string;
  /** Whose key; beyond the known ones a wrong key. */
  caller: number;
  fields: Pair[];
  /** Sent in the query when the rest is in the body. */
  query: Pair[];
  shape: (typeof shapes)[number];
  keyIn: 'field' | 'header' | 'bearer';
  requestId: string | undefined;
  /** A value of JSON in place of a text. */
  json: { name: string; value: unknown } | undefined;
  /** Bytes that are changed on the way. */
  damage: { at: number; byte: number; cut: boolean } | { body: Uint8Array } | undefined;
};

const shapes = ['form', 'query', 'json', 'multipart', 'text'] as const;
const actions = ['add', 'status', 'refill', 'refill_status', 'cancel', 'balance', 'services'];
const idNames = [
  'order',
  'orders',
  'refill',
  'refills',
  'orders[]',
  'order[]',
  'orders[0]',
  'refills[]',
];

const smallNumber = fc.integer({ min: 1, max: 25 }).map(String);
const links = fc.constantFrom(
  'https://example.com/p/1',
  'https://example.com/p/2?a=b&c=d#e',
  'https://例え.jp/パス',
  '@name',
  'http://[::1]/x y',
);
const words = fc.constantFrom('a', 'b', 'great', '很好', 'x y', '#tag', '@me', '', ' ', '👍🏽');
const lines = fc
  .tuple(
    fc.array(words, { minLength: 1, maxLength: 12 }),
    fc.constantFrom('\n', '\r\n', '\r', ',', '\n\n'),
  )
  .map(([entries, separator]) => entries.join(separator));
const dates = fc.constantFrom(
  '31/12/2026',
  '1/4/2026',
  '29/02/2028',
  '31/02/2027',
  '1/1/2020',
  '0/0/0',
);

/** A text that this field might well have. */
function likelyValue(name: FieldName): fc.Arbitrary<string> {
  const field = orderFields[name];
  switch (field.kind) {
    case 'link':
      return links;
    case 'lines':
      return lines;
    case 'text':
      return words;
    case 'date':
      return dates;
    case 'choice':
      return fc.constantFrom(...field.values.map(String));
    default:
      return smallNumber;
  }
}

function likelyFields(offer: Offer): fc.Arbitrary<Pair[]> {
  const type = orderTypes[offer.type as keyof typeof orderTypes]; // offers are of these types
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    type;
  const pairs = [...required, ...optional].map((name) => {
    const pair = likelyValue(name).map((value): Pair[] => [[name, value]]);
    const chance = required.includes(name) ? 30 : 1;
    return fc.oneof(
      { weight: chance, arbitrary: pair },
      { weight: 1, arbitrary: fc.constant<Pair[]>([]) },
    );
  });
  return fc.tuple(...pairs).map((all): Pair[] => [['service', String(offer.id)], ...all.flat()]);
}

const fieldNames = [
  ...Object.keys(orderFields),
  ...idNames,
  'service',
  'request_id',
  'action',
  'key',
];
const oddPair = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...fieldNames), oddText) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('quantity', 'runs', 'service'), oddNumber) },
  { weight: 1, arbitrary: fc.tuple(oddText, oddText) },
);

const idText = fc.oneof(
  { weight: 4, arbitrary: fc.nat(300).map(String) },
  { weight: 4, arbitrary: fc.nat(20_000).map(String) },
  { weight: 1, arbitrary: oddText },
);
const idFields = fc.oneof(
  fc.tuple(fc.constantFrom(...idNames), idText).map((pair): Pair[] => [pair]),
  fc
    .tuple(
      fc.constantFrom('orders', 'refills', 'order'),
      fc.array(idText, { maxLength: 120, size: 'max' }),
      fc.constantFrom(',', ', ', ',,'),
    )
    .map(([name, ids, separator]): Pair[] => [[name, ids.join(separator)]]),
  fc
    .tuple(fc.constantFrom('orders[]', 'refills[]'), fc.array(idText, { maxLength: 20 }))
    .map(([name, ids]) => ids.map((id): Pair => [name, id])),
);

function rarely<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const damages = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.nat(2_000), byte: fc.nat(255), cut: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ body: fc.uint8Array({ maxLength: 200 }) }) },
);

/** Calls of every action and shape against these services, by `callers` keys and wrong ones. */
export function apiInputs(offers: readonly Offer[], callers: number): fc.Arbitrary<ApiInput> {
  const orders = fc.oneof(...offers.map(likelyFields));
  const call = fc.oneof(
    { weight: 5, arbitrary: orders.map((fields) => ({ action: 'add', fields })) },
    { weight: 5, arbitrary: fc.record({ action: fc.constantFrom(...actions), fields: idFields }) },
    { weight: 1, arbitrary: fc.record({ action: oddText, fields: idFields }) },
  );
  const oddPairs = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Pair[]>([]) },
    { weight: 3, arbitrary: oddPair.map((pair) => [pair]) },
    { weight: 1, arbitrary: fc.array(oddPair, { maxLength: 6 }) },
  );
  return fc
    .record({
      call,
      odd: oddPairs,
      query: rarely(8, fc.array(oddPair, { maxLength: 3 })),
      caller: fc.oneof(
        { weight: 40, arbitrary: fc.nat(callers - 1) },
        { weight: 1, arbitrary: fc.constant(callers) },
      ),
      shape: fc.constantFrom(...shapes),
      keyIn: fc.constantFrom(
        'field' as const,
        'field' as const,
        'header' as const,
        'bearer' as const,
      ),
      requestId: rarely(
        5,
        fc.oneof(
          fc.nat(400).map((id) => `request-${id}`),
          oddText,
        ),
      ),
      json: rarely(9, fc.record({ name: fc.constantFrom(...fieldNames), value: oddJson })),
      damage: rarely(12, damages),
    })
    .map(({ call: { action, fields }, odd, query, ...rest }) => ({
      ...rest,
      action,
      fields: [...fields, ...odd],
      query: query ?? [],
    }));
}
