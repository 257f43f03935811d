import fc from 'fast-check';
import { oddJson, oddText } from './texts.ts';

/** What becomes of one request at a panel upstream. */
export type UpstreamReply = {
  /** `none`: the connection fails; `thrown`: the transport breaks its own rules. */
  way: 'reply' | 'none' | 'thrown';
  sent: 'no' | 'maybe';
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
};

/** The key that replies are searched for; hostile panels say it back. */
export const upstreamKey = 'canary-upstream-key-83b1';

/** What is asked and answered. */
export type UpstreamInput = {
  action: (typeof upstreamActions)[number];
  ids: number[];
  replies: UpstreamReply[];
};

const upstreamActions = [
  ...(['add', 'status', 'statuses', 'refill', 'refills', 'refillStatus'] as const),
  ...(['refillStatuses', 'cancel', 'balance', 'services'] as const),
];

const id = fc.integer({ min: 1, max: 40 });
const likelyId: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: id },
  { weight: 4, arbitrary: id.map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(0, -1, 1.5, 2 ** 53, '007', '9'.repeat(20), null),
  },
);
const error = fc.oneof(
  fc.constantFrom('Not enough funds on balance', 'Incorrect order ID', 'neworder.error.link', ''),
  oddText,
);
const statusWord = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('Pending', 'In progress', 'Completed', 'Partial', 'Canceled'),
  },
  { weight: 1, arbitrary: oddText },
);
const amounts = fc.oneof(
  fc.constantFrom<unknown>('0.9', '1,000.50', '-3', '1e3', 0.1, 12, '.5', '1e999', '0x1', null),
  oddJson,
);
const whole = fc.oneof(fc.nat(100), fc.nat(100).map(String), oddJson);

/** A row with some of its members gone or replaced. */
function mangled(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const some = Object.fromEntries(
    Object.entries(members).map(([name, arbitrary]) => [
      name,
      fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: oddJson }),
    ]),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.record(some) },
    { weight: 1, arbitrary: fc.record(some, { requiredKeys: [] }) },
  );
}

const statusRow = mangled({
  ...{ order: likelyId, charge: amounts, start_count: whole, status: statusWord, remains: whole },
  currency: fc.constantFrom('USD', 'EUR', ''),
});
const writeResult: fc.Arbitrary<unknown> = fc.oneof(
  likelyId,
  error.map((text) => ({ error: text })),
  fc.constantFrom<unknown>(true, false, 1, 'ok'),
);
const addReply = fc.oneof(
  likelyId.map((order) => ({ order })),
  error.map((text) => ({ error: text })),
  mangled({
    order: likelyId,
    error,
    status: fc.constantFrom('success', 'fail'),
    success: fc.boolean(),
  }),
);
const serviceRow = mangled({
  ...{ service: likelyId, name: oddText, type: fc.constantFrom('Default', 'Poll', 'default', 'x') },
  ...{
    category: oddText,
    rate: amounts,
    min: whole,
    max: whole,
    refill: fc.boolean(),
    desc: oddText,
  },
});

function listOf(row: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const rows = fc.array(row, { maxLength: 8 });
  return fc.oneof(rows, fc.dictionary(likelyId.map(String), row, { maxKeys: 8 }), row);
}

/** Replies that an action could well have. */
const likelyReply: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  add: addReply,
  status: statusRow,
  statuses: listOf(statusRow),
  refill: mangled({ refill: writeResult }),
  refills: listOf(mangled({ order: likelyId, refill: writeResult })),
  refillStatus: mangled({ status: statusWord }),
  refillStatuses: listOf(mangled({ refill: likelyId, status: fc.oneof(statusWord, writeResult) })),
  cancel: listOf(mangled({ order: likelyId, cancel: writeResult })),
  balance: mangled({ balance: amounts, currency: oddText }),
  services: fc.array(serviceRow, { maxLength: 8 }),
};

const texts = fc.constantFrom(
  ...[
    '',
    ' ',
    'null',
    '[]',
    '{}',
    '""',
    '0',
    'ok',
    '<!doctype html><h1>502</h1>',
    '{"order":1',
    '{"order":1}{',
  ],
  ...[
    '{"order":1,"order":2}',
    '\ufeff{"order":7}',
    '{"order":00012}',
    '{"order":1e3}',
    'callback({"order":1})',
  ],
  ...[`{"error":"key ${upstreamKey} is wrong"}`, `{"order":5,"note":"${upstreamKey}"}`],
  ...[
    '['.repeat(20_000),
    `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
    `{"error":"${'x'.repeat(9_000)}"}`,
  ],
  ...[
    '{"__proto__":{"order":1}}',
    '{"order":{"toString":1}}',
    '{"error":{"error":{"error":"deep"}}}',
  ],
);

/** A result with an error beside it is neither. */
function withError(value: unknown, text: string): unknown {
  return typeof value === 'object' && value !== null ? { ...value, error: text } : value;
}

function bodies(action: string): fc.Arbitrary<Uint8Array> {
  const likely = likelyReply[action] ?? oddJson;
  const json = fc.oneof(
    { weight: 8, arbitrary: likely },
    {
      weight: 1,
      arbitrary: fc.tuple(likely, error).map(([value, text]) => withError(value, text)),
    },
    { weight: 1, arbitrary: oddJson },
  );
  const text = fc.oneof(
    { weight: 8, arbitrary: json.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: texts },
    { weight: 1, arbitrary: oddText },
  );
  const bytes = text.map((letters) => Buffer.from(letters));
  const cut = fc.tuple(bytes, fc.nat(200)).map(([whole, at]) => whole.subarray(0, at));
  const bent = fc.tuple(bytes, fc.nat(400), fc.nat(255)).map(([whole, at, byte]) => {
    const copy = Buffer.from(whole);
    if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });
  return fc.oneof(
    { weight: 8, arbitrary: bytes },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: bent },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );
}

const statuses = fc.oneof(
  { weight: 8, arbitrary: fc.constant(200) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      201,
      202,
      204,
      301,
      302,
      307,
      400,
      401,
      403,
      408,
      429,
      500,
      502,
      503,
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 999 }) },
);
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      'retry-after': fc.constantFrom(
        '5',
        '-1',
        '1e9',
        '999999999999',
        'Wed, 21 Oct 2065 07:28:00 GMT',
        'x',
      ),
      location: fc.constantFrom('http://127.0.0.1/', '//evil.example/', 'javascript:0'),
    }),
  },
);

function replies(action: string): fc.Arbitrary<UpstreamReply> {
  return fc.record({
    way: fc.oneof(
      { weight: 20, arbitrary: fc.constant('reply' as const) },
      { weight: 1, arbitrary: fc.constantFrom('none' as const, 'thrown' as const) },
    ),
    sent: fc.constantFrom('no' as const, 'maybe' as const),
    status: statuses,
    headers,
    body: bodies(action),
  });
}

/** Questions of every action with hostile replies, as many as the question goes out in parts. */
export const upstreamInputs: fc.Arbitrary<UpstreamInput> = fc.oneof(
  ...upstreamActions.map((action) =>
    fc.record({
      action: fc.constant(action),
      ids: fc.oneof(
        { weight: 200, arbitrary: fc.array(id, { minLength: 1, maxLength: 6 }) },
        { weight: 1, arbitrary: fc.constant(Array.from({ length: 230 }, (_, index) => index + 1)) },
      ),
      replies: fc.array(replies(action), { minLength: 1, maxLength: 3 }),
    }),
  ),
);
