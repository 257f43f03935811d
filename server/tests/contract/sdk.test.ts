import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createPanelClient,
  idsPerRequestMax,
  type PanelClient,
  type RawOrder,
  type RefusalCode,
  refusalOfText,
  serviceTypes,
} from '@panelwright/sdk';
import { dayMs, type ErrorCode } from '../../src/base/index.ts';
import { exampleValues } from '../../src/http/api-v2/definition.ts';
import { idsMax } from '../../src/http/api-v2/params.ts';
import { refusals } from '../../src/http/api-v2/refusals.ts';
import { orderTypeOf, orderTypes } from '../../src/orders/types.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { link, settle } from './wire.ts';

// The client of this repository against the panel of this repository.
let panel: TestPanel;
let client: PanelClient;
before(async () => {
  panel = await openTestPanel();
  const { key } = await makeCustomer(panel);
  client = createPanelClient({ url: `${panel.url}/api/v2`, key });
});
after(() => panel.close());

test('client and server know the same types and the same limit of ids', () => {
  assert.deepEqual([...serviceTypes].sort(), Object.keys(orderTypes).sort());
  assert.equal(idsPerRequestMax, idsMax);
});

for (const type of serviceTypes) {
  test(`the client places an order of type ${type} and reads its status`, async () => {
    const service = await makeService(panel, { type, min: 1, dripfeed: false });
    const order: RawOrder = { service };
    for (const field of orderTypeOf(type).required) order[field] = exampleValues[field];
    if (type === 'Web Traffic') order.google_keyword = exampleValues.google_keyword;
    const outcome = await client.add(order);
    assert(outcome.outcome === 'accepted', JSON.stringify(outcome));
    const reading = await client.status(outcome.order);
    assert(reading.ok);
    assert.equal(reading.value.status.word, type === 'Subscriptions' ? 'Active' : 'Pending');
    assert.equal(reading.value.currency, 'USD');
  });
}

test('the client reads the catalog without a warning', async () => {
  const service = await makeService(panel, { name: 'A < B & C', rate: '0.265', refill: true });
  const reading = await client.services();
  assert(reading.ok);
  assert.deepEqual(reading.value.warnings, []);
  const listed = reading.value.services.find((one) => one.service === String(service));
  assert.partialDeepStrictEqual(listed, {
    name: 'A < B & C',
    type: 'Default',
    typeKnown: true,
    rate: '0.265',
    min: 50,
    max: 10_000,
    refill: true,
    separator: false,
  });
});

test('the client refills, cancels and reads what came of it', async () => {
  const service = await makeService(panel, { refill: true, cancel: true });
  const placed = await client.add({ service, link, quantity: 100 });
  const running = await client.add({ service, link, quantity: 100 });
  assert(placed.outcome === 'accepted' && running.outcome === 'accepted');
  await settle(panel, orderIdOf(placed.order), { status: 'Completed' });
  panel.clock.advance(2 * dayMs);

  const refilled = await client.refill(placed.order);
  assert(refilled.outcome === 'accepted', JSON.stringify(refilled));
  const refill = await client.refillStatuses([refilled.refill, '999999']);
  assert.partialDeepStrictEqual(refill.answers.get(refilled.refill), { value: { known: true } });
  assert.partialDeepStrictEqual(refill.answers.get('999999'), {
    failure: { refusal: { code: 'refill_not_found' } },
  });

  const { answers } = await client.cancel([running.order, placed.order, '999999']);
  assert.equal(answers.get(running.order)?.outcome, 'accepted');
  assert.partialDeepStrictEqual(answers.get(placed.order), {
    refusal: { code: 'cancel_finished' },
  });
  assert.partialDeepStrictEqual(answers.get('999999'), { refusal: { code: 'incorrect_order' } });

  const statuses = await client.statuses([placed.order, running.order, '999999']);
  assert.deepEqual(statuses.missing, []);
  const words = [...statuses.answers.values()].map((one) => one.ok && one.value.status.word);
  assert.deepEqual(words, ['Completed', 'Pending', false]);
});

function orderIdOf(id: string): Parameters<typeof settle>[1] {
  return BigInt(id) as Parameters<typeof settle>[1]; // as the wire has it
}

test('a repeated request id answers the same order, and another order is a conflict', async () => {
  const service = await makeService(panel);
  const order = { type: 'Default', service, link, quantity: 100, requestId: 'once' } as const;
  const first = await client.add(order);
  assert.equal(first.outcome, 'accepted');
  assert.deepEqual(await client.add(order), first);
  assert.partialDeepStrictEqual(await client.add({ ...order, quantity: 200 }), {
    outcome: 'rejected',
    refusal: { code: 'request_id_conflict' },
  });
});

test('a balance and a wrong key', async () => {
  const reading = await client.balance();
  assert(reading.ok && reading.value.currency === 'USD');
  const stranger = createPanelClient({ url: `${panel.url}/api/v2`, key: 'wrong' });
  assert.partialDeepStrictEqual(await stranger.balance(), {
    failure: { kind: 'refused', refusal: { code: 'invalid_key' } },
  });
});

/** What the client makes of each refusal; those of bad calls and overload it never causes. */
const codes: Record<ErrorCode, RefusalCode | undefined> = {
  invalid_input: 'incorrect_request',
  not_found: 'incorrect_request',
  not_signed_in: 'incorrect_request',
  confirm_first: 'incorrect_request',
  second_factor_required: 'incorrect_request',
  not_allowed: 'incorrect_request',
  conflict: 'incorrect_request',
  gateway_unavailable: 'incorrect_request',
  unknown_service: 'incorrect_service',
  incorrect_line: 'incorrect_request',
  incorrect_request: 'incorrect_request',
  invalid_key: 'invalid_key',
  customer_suspended: 'suspended',
  money_stopped: 'suspended',
  incorrect_service: 'incorrect_service',
  bad_link: 'bad_link',
  incorrect_quantity: 'incorrect_quantity',
  quantity_below_min: 'quantity_below_min',
  quantity_above_max: 'quantity_above_max',
  incorrect_field: 'incorrect_field',
  active_order_with_link: 'duplicate_link',
  insufficient_funds: 'not_enough_funds',
  request_id_reused: 'request_id_conflict',
  incorrect_order: 'incorrect_order',
  refill_not_found: 'refill_not_found',
  refill_disabled: 'refill_disabled',
  order_not_completed: 'not_completed',
  refill_too_early: 'too_soon',
  refill_running: 'refill_running',
  refill_window_over: 'refill_window_over',
  cancel_disabled: 'cancel_disabled',
  cancel_already_requested: 'cancel_repeated',
  order_already_final: 'cancel_finished',
  too_many_ids: undefined,
  too_many_parameters: undefined,
  body_too_large: undefined,
  rate_limited: 'rate_limited',
  overloaded: undefined,
};

test('the client knows every refusal of the server', () => {
  for (const [code, expected] of Object.entries(codes)) {
    const refusal = Object.entries(refusals).find(([name]) => name === code)?.[1];
    assert(refusal);
    const details = code === 'incorrect_field' ? Object.keys(exampleValues) : ['200'];
    for (const detail of details.filter((name) => !['link', 'quantity'].includes(name))) {
      const text: string = refusal.text(detail);
      if (expected !== undefined) assert.equal(refusalOfText(text).code, expected, text);
    }
  }
});
