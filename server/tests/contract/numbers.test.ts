import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, countOrders, form, link, refusal, send } from './wire.ts';

let panel: TestPanel;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let service: number;
before(async () => {
  panel = await openTestPanel();
  customer = await makeCustomer(panel);
  service = await makeService(panel, { min: 1, max: 2_147_483_647, rate: '0.01', cancel: true });
  await addOrder(panel, { key: customer.key, service, quantity: 100 });
});
after(() => panel.close());

const json = { 'Content-Type': 'application/json' };

/** No number, in every script and form that clients have been seen to send. */
const noNumbers = [
  '１００',
  '١٠٠',
  '1e3',
  '1E3',
  '+5',
  '-1',
  '-0',
  '5.0',
  '5.',
  '.5',
  '5,0',
  '1 0',
  '1\u00a00',
  '1_000',
  "1'000",
  '0x10',
  '0b1',
  '0o7',
  '5n',
  'NaN',
  'Infinity',
  'true',
  'Ⅴ',
  '五',
  '²',
  '2147483648',
  '9007199254740993',
  '99999999999999999999',
];

test('a quantity is ASCII digits up to 2147483647 and nothing else', async () => {
  for (const quantity of noNumbers) {
    const fields = { key: customer.key, action: 'add', service, link, quantity };
    assert.equal(await panel.callText(fields), refusal('Incorrect quantity'), quantity);
  }
  assert.equal(await countOrders(panel, customer.customerId), 1);
  const largest = { key: customer.key, action: 'add', service, link, quantity: '2147483647' };
  assert.equal(await panel.callText(largest), refusal('Not enough funds on balance'));
});

test('white space around a number is trimmed, of every kind', async () => {
  for (const quantity of [' 7', '7 ', '\t7\n', '\u00a07\u3000', '\ufeff7', '007']) {
    const fields = { key: customer.key, action: 'add', service, link, quantity };
    assert.match(await panel.callText(fields), /^\{"order":/, JSON.stringify(quantity));
  }
});

test('a service or order in another form of number is unknown', async () => {
  for (const id of noNumbers.filter((form) => !form.includes(','))) {
    const { key } = customer;
    const added = await panel.callText({ key, action: 'add', service: id, link, quantity: 1 });
    assert.equal(added, refusal('Incorrect service ID'), id);
    const status = await panel.callText({ key, action: 'status', order: id });
    assert.equal(status, refusal('Incorrect order ID'), id);
    const refill = await panel.callText({ key, action: 'refill', order: id });
    assert.equal(refill, refusal('Incorrect order ID'), id);
    const refilled = await panel.callText({ key, action: 'refill_status', refill: id });
    assert.equal(refilled, refusal('Refill not found'), id);
    const canceled: unknown = JSON.parse(
      await panel.callText({ key, action: 'cancel', order: id }),
    );
    assert.deepEqual(Reflect.get(Object(canceled)[0], 'cancel'), { error: 'Incorrect order ID' });
  }
});

/** Sends a JSON body whose value of `name` has just this spelling. */
async function sendNumber(action: string, name: string, spelling: string): Promise<string> {
  const fields = { key: customer.key, action, service, link, quantity: 100 };
  const { [name as 'link']: _, ...rest } = fields;
  const body = `${JSON.stringify(rest).slice(0, -1)},"${name}":${spelling}}`;
  return (await send(panel, { headers: json, body })).text;
}

test('JSON numbers keep their spelling: 1e3 and 5.0 are refused like their texts', async () => {
  for (const spelling of ['1e3', '1E2', '5.0', '100.5', '-1', '-0', '2147483648', '1e400']) {
    assert.equal(await sendNumber('add', 'quantity', spelling), refusal('Incorrect quantity'));
    assert.equal(await sendNumber('add', 'service', spelling), refusal('Incorrect service ID'));
    assert.equal(await sendNumber('status', 'order', spelling), refusal('Incorrect order ID'));
  }
  for (const spelling of ['100', '"100"', '" 100 "']) {
    assert.match(await sendNumber('add', 'quantity', spelling), /^\{"order":/);
  }
});

test('other JSON values are no number', async () => {
  for (const spelling of ['true', 'false', 'null', '{}', '[]', '[100]', '{"a":1}', '""']) {
    assert.equal(await sendNumber('add', 'quantity', spelling), refusal('Incorrect quantity'));
    assert.equal(await sendNumber('add', 'service', spelling), refusal('Incorrect service ID'));
  }
});

test('values that mean “not given” are not given', async () => {
  const { key } = customer;
  for (const absent of ['', ' ', 'undefined', 'null', ' null ']) {
    const add = { key, action: 'add', service, link, quantity: 100, runs: absent };
    assert.match(await panel.callText({ ...add, interval: absent }), /^\{"order":/);
    const none = { ...add, quantity: absent };
    assert.equal(await panel.callText(none), refusal('Incorrect quantity'));
    const noOrder = { key, action: 'status', order: absent, orders: absent };
    assert.equal(await panel.callText(noOrder), refusal('Incorrect request'));
    assert.equal(
      await panel.callText({ key: absent, action: 'balance' }),
      refusal('Invalid API key'),
    );
    assert.equal(await panel.callText({ key, action: absent }), refusal('Incorrect request'));
  }
});

test('0 is given for a quantity or an id, and not given for runs and interval', async () => {
  const { key } = customer;
  const add = { key, action: 'add', service, link, quantity: 100 };
  assert.match(await panel.callText({ ...add, runs: 0, interval: '0' }), /^\{"order":/);
  const zero = await panel.callText({ ...add, quantity: 0 });
  assert.equal(zero, refusal('Quantity less than minimal 1'));
  const body = form({ key, action: 'status', order: 0 });
  assert.equal((await send(panel, { body })).text, refusal('Incorrect order ID'));
  await panel.verify();
});
