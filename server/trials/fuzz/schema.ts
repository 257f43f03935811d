import fc from 'fast-check';
import { oddJson, oddNumber, oddText } from './texts.ts';

/** What our descriptions use of JSON Schema. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

/** The same schema with all that it refers to in its place. */
export function resolve(schema: Schema, shared: Readonly<Record<string, Schema>>): Schema {
  return JSON.parse(JSON.stringify(schema), (_name, value: unknown) => {
    const name = isSchema(value) ? value.$ref?.split('/').at(-1) : undefined;
    const found = name === undefined ? undefined : shared[name];
    return found === undefined ? value : resolve(found, shared);
  }) as Schema; // it was one before
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mostly what a schema asks for, and in places something else. */
export function valueFor(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 25, arbitrary: validFor(schema, name) },
    { weight: 1, arbitrary: oddJson },
  );
}

function validFor(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueFor(choice, name)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return oddJson;
  return fc.oneof(...types.map((type) => ofType(schema, type, name)));
}

function ofType(schema: Schema, type: string, name: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectFor(schema);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}, name), {
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
    case 'number':
      return numberFor(schema);
    default:
      return textFor(schema, name);
  }
}

function objectFor(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties: more, propertyNames } = schema;
  const whole = recordOf(properties, required);
  if (typeof more !== 'object') return whole;
  // Of names that are listed, each may be there.
  const names = (propertyNames?.enum ?? []).map(String);
  const rest =
    names.length > 0
      ? recordOf(Object.fromEntries(names.map((name) => [name, more])), [])
      : fc.dictionary(fc.nat(20).map(String), valueFor(more), { maxKeys: 3 });
  return fc.tuple(whole, rest).map(([known, unknown]) => ({ ...known, ...unknown }));
}

function recordOf(properties: Readonly<Record<string, Schema>>, requiredKeys: string[]) {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueFor(schema, name)]),
  );
  return fc.record(members, { requiredKeys });
}

const int32Max = 2_147_483_647;

function numberFor({ minimum = 0, maximum = int32Max }: Schema): fc.Arbitrary<number> {
  const top = Math.min(maximum, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: minimum, max: Math.min(minimum + 30, top) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(minimum, top, minimum - 1, top + 1, 0, -1, 0.5, 1e300),
    },
  );
}

const decimals = fc.constantFrom('12.50', '0.00000001', '1', '0', '-3.5', '0.12345', '99999999.99');
const moments = fc.constantFrom(
  '2026-03-01T12:00:00Z',
  '2026-02-28',
  '1970-01-01T00:00:00.000Z',
  '9999-12-31',
  '+275760-09-13T00:00:00Z',
  '0001-01-01',
);

/** Texts that fields of such a name have; none of them leads out of this machine. */
const byName: readonly [RegExp, fc.Arbitrary<string>][] = [
  [/url$/i, fc.constantFrom('http://127.0.0.1:1/api/v2', 'https://127.0.0.1:1/', 'ftp://a', 'x')],
  [/email/i, fc.nat(500).map((number) => `person${number}@example.com`)],
  [/address/i, fc.constantFrom('10.0.0.0/8', '127.0.0.1', '::1', '2001:db8::/32', '300.1.1.1')],
  [/^(link|links|username)$/, fc.constantFrom('https://example.com/p/1', '@name', 'x y')],
  [/^(lines|text)$/, fc.tuple(fc.nat(25), fc.nat(30)).map((pair) => `${pair.join(' | ')} | link`)],
  [/^(service|quantity|runs|interval|posts|min|max)$/, fc.nat(25).map(String)],
  [/cursor/i, fc.constantFrom('1', '20', 'MTA', '5.7', '2026-03-01T12:00:00.000Z~3')],
  [/timeZone/, fc.constantFrom('UTC', 'Asia/Shanghai', 'Mars/Base')],
  [/accent|colour/i, fc.constantFrom('#2f6f5e', '#fff')],
  [/currency/i, fc.constantFrom('USD', 'EUR', 'JPY')],
  [/requestId|reference/i, fc.nat(300).map((number) => `ref-${number}`)],
  [/externalId/i, fc.nat(25).map(String)],
];

function textFor(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const { pattern = '', format = '', example } = schema;
  const likely = [
    ...byName.filter(([names]) => names.test(name)).map(([, arbitrary]) => arbitrary),
    ...(pattern.includes('d{') ? [decimals, oddNumber] : []),
    ...(format.startsWith('date') || /from|until|since|at$/i.test(name) ? [moments] : []),
    ...(example === undefined ? [] : [fc.constant(example)]),
  ];
  const usual = likely.length > 0 ? likely : [fc.constantFrom('a', 'Some name', '很好', '')];
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...usual) }, { weight: 1, arbitrary: oddText });
}
