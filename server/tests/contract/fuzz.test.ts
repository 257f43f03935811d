import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { dayMs, minuteMs, type ServiceId } from '../../src/base/index.ts';
import { createDueRuns, type OrderType, orderTypes } from '../../src/orders/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, form, link, send, settle, type WireRequest } from './wire.ts';

// Random calls of every action against services of every type. A failure prints its seed.
let panel: TestPanel;
let key: string;
let services: ServiceId[];
before(async () => {
  panel = await openTestPanel();
  ({ key } = await makeCustomer(panel));
  const types = Object.keys(orderTypes) as (keyof typeof orderTypes)[]; // the table's own keys
  services = [];
  for (const type of types) {
    const dripfeed = type === 'Default' || type === 'Web Traffic';
    const flags = { dripfeed, refill: true, cancel: true, denyDuplicates: type === 'SEO' };
    services.push(await makeService(panel, { type, min: 1, max: 20, rate: '1', ...flags }));
  }
  for (let order = 0; order < 5; order += 1) {
    const id = await addOrder(panel, { key, service: services[0] ?? 0, quantity: 5 });
    if (order < 3) await settle(panel, id, { status: 'Completed' });
  }
  panel.clock.advance(2 * dayMs);
});
after(() => panel.close());

const fieldNames = [
  ...new Set(
    Object.values(orderTypes).flatMap((type: OrderType) => [...type.required, ...type.optional]),
  ),
];
const idNames = ['order', 'orders', 'refill', 'refills', 'order[]', 'orders[]', 'orders[0]'];
const actionNames = ['services', 'add', 'status', 'refill', 'refill_status', 'cancel', 'balance'];

const numberText = fc.oneof(
  fc.integer({ min: 0, max: 25 }).map(String),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map(String),
);
const anyText = fc.oneof(
  numberText,
  fc.constantFrom('', 'null', 'undefined', '1,2', '1,x,,3', '__proto__', 'a\nb', 'a,b\r\nc', link),
  fc.constantFrom('01/06/2026', '31/02/2027', '0', '1', '3', '5', '-1', '\u0000', '１'),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 10 }),
);
const likelyText = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map(String),
  fc.constantFrom(link, 'a,b'),
);

// Most services have no drip-feed and refuse runs, which the odd fields bring often enough.
const likelyName = fc.constantFrom(...fieldNames.filter((name) => name !== 'runs'));

const fuzzedFields = fc.record({
  action: fc.oneof(
    { weight: 3, arbitrary: fc.constant('add') },
    { weight: 6, arbitrary: fc.constantFrom(...actionNames) },
    { weight: 1, arbitrary: anyText },
  ),
  service: fc.nat({ max: 18 }),
  likely: fc.dictionary(likelyName, likelyText, { minKeys: 5, maxKeys: 25 }),
  odd: fc.dictionary(fc.constantFrom(...fieldNames, ...idNames, 'request_id'), anyText, {
    maxKeys: 3,
  }),
  ids: fc.dictionary(fc.constantFrom(...idNames), fc.oneof(numberText, anyText), { maxKeys: 2 }),
});

type Fuzzed = typeof fuzzedFields extends fc.Arbitrary<infer T> ? T : never;

function fieldsOf(call: Fuzzed): Record<string, string | number> {
  const service = services[call.service] ?? 0;
  return { ...call.likely, ...call.ids, ...call.odd, key, action: call.action, service };
}

function toRequest(fields: Record<string, string | number>, shape: number): WireRequest {
  if (shape === 0) return { method: 'GET', path: `/api/v2?${form(fields)}` };
  if (shape === 1) {
    const headers = { 'Content-Type': 'application/json' };
    return { headers, body: JSON.stringify(fields) };
  }
  if (shape === 2) {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, String(value));
    return { body: data };
  }
  return { body: form(fields) };
}

/** What every reply keeps to, whatever was asked. */
function assertWellBehaved(reply: Awaited<ReturnType<typeof send>>): void {
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.contentType, 'application/json; charset=UTF-8');
  const document: unknown = JSON.parse(reply.text);
  assert(typeof document === 'object' && document !== null);
  if (!Array.isArray(document) && Object.hasOwn(document, 'error')) {
    assert.deepEqual(Object.keys(document), ['error']);
    assert.notEqual(Reflect.get(document, 'error'), '');
  }
}

test('random calls are answered with HTTP 200, JSON and well-formed refusals', async () => {
  let orders = 0;
  await fc.assert(
    fc.asyncProperty(fuzzedFields, fc.nat({ max: 5 }), async (call, shape) => {
      panel.clock.advance(50);
      const reply = await send(panel, toRequest(fieldsOf(call), shape));
      assertWellBehaved(reply);
      if (reply.text.startsWith('{"order":')) orders += 1;
    }),
    { numRuns: 1_200 },
  );
  assert(orders > 20, `only ${orders} of the random calls were good orders`);
});

test('random bodies under every content type are answered or refused', async () => {
  const types = ['application/json', 'multipart/form-data; boundary=b', 'text/plain', ''];
  const good = `/api/v2?key=${key}&action=status&order=1`;
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(...types), async (bytes, type) => {
      panel.clock.advance(50);
      const headers = { 'Content-Type': type };
      assertWellBehaved(await send(panel, { path: good, headers, body: Buffer.from(bytes) }));
    }),
    { numRuns: 300 },
  );
});

test('random paths and methods never crash the server', async () => {
  const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH');
  await fc.assert(
    fc.asyncProperty(
      fc.webPath(),
      fc.webQueryParameters(),
      methods,
      async (path, query, method) => {
        const { status } = await send(panel, { method, path: `/api/v2${path}?${query}` });
        assert(status < 500);
        panel.clock.advance(1_000);
      },
    ),
    { numRuns: 100 },
  );
});

test('the books are in order after all random calls, also once the runs are created', async () => {
  panel.clock.advance(minuteMs);
  while ((await createDueRuns(panel.app)) > 0) panel.clock.advance(minuteMs);
  await panel.verify();
});
