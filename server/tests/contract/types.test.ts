import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { orderTypes } from '../../src/orders/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type OrderSample, orderSamples, sampleRate } from './order-samples.ts';
import { addOrder, balanceOf, countOrders, link, refusal } from './wire.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const bounds = { min: 3, max: 10, rate: sampleRate };
const long = 'x'.repeat(2049);
const badTexts = ['', 'undefined', 'null', 'a\u0000b', 'a\nb', 'a\ufffdb', long];
const badLists = ['', ' \r\n \n\r', 'a\nb\u0007', 'x'.repeat(5001)];
const badNumbers = ['', 'x', '-1', '+1', '1.0', '1e1', '1 0', '0x1', '１', 'NaN', '2147483648'];

const badValues: Readonly<Record<string, readonly string[]>> = {
  comments: badLists,
  usernames: [...badLists, ',', ' , \n'],
  hashtags: [...badLists, ','],
  keywords: [...badLists, ','],
  groups: [...badLists, ','],
  hashtag: badTexts,
  username: badTexts,
  media: badTexts,
  country: badTexts,
  answer_number: badNumbers,
  device: [...badNumbers, '0', '6'],
  type_of_traffic: [...badNumbers, '0', '4'],
};

async function storedOrder(id: bigint) {
  const rows = await panel.owner.sql<
    { quantity: bigint; charge: bigint; details: object; link: string; kind: string }[]
  >`select quantity, charge, details, link, kind from orders where id = ${id}`;
  return rows[0];
}

test('the samples cover every type but Subscriptions', () => {
  const types = new Set([...orderSamples.map((sample) => sample.type), 'Subscriptions']);
  assert.deepEqual([...types].sort(), Object.keys(orderTypes).sort());
});

for (const sample of orderSamples) {
  test(`${sample.type}: a good order is stored and charged as the table says`, async () => {
    const service = await makeService(panel, { ...bounds, type: sample.type });
    const { key } = await makeCustomer(panel, { funds: '2' });
    const id = await addOrder(panel, { key, service, ...sample.fields });
    const { quantity, charge, details } = sample;
    assert.deepEqual(await storedOrder(id), { quantity, charge, details, link, kind: 'single' });
    const left = { 7: '1.99135808', 3: '1.99629632', 1: '0.76544' }[Number(quantity)];
    assert.equal(await balanceOf(panel, key), left);
    const status = await panel.callText({ key, action: 'status', order: String(id) });
    assert.match(status, new RegExp(`"status":"Pending","remains":"${quantity}"`));
  });

  test(`${sample.type}: a missing or bad parameter is refused by its name`, async () => {
    const service = await makeService(panel, { ...bounds, type: sample.type });
    const { key, customerId } = await makeCustomer(panel);
    const good = { key, action: 'add', service, link, ...sample.fields };
    for (const name of sample.required) {
      const { [name as keyof typeof good]: _, ...without } = good;
      assert.equal(await panel.callText(without), refusal(`Incorrect ${name}`));
      for (const bad of badValues[name] ?? assert.fail(`no bad values of ${name}`)) {
        const text = await panel.callText({ ...good, [name]: bad });
        assert.equal(text, refusal(`Incorrect ${name}`), JSON.stringify(bad.slice(0, 20)));
      }
    }
    assert.equal(await panel.callText({ ...good, link: '' }), refusal('Bad link'));
    assert.equal(await countOrders(panel, customerId), 0);
  });

  test(`${sample.type}: a sent quantity counts only where the table says so`, async () => {
    const service = await makeService(panel, { ...bounds, type: sample.type });
    const { key } = await makeCustomer(panel);
    await (sample.usesQuantity ? refuseQuantities : ignoreQuantities)({ key, service }, sample);
  });
}

type Caller = { key: string; service: number };

async function refuseQuantities(caller: Caller, sample: OrderSample): Promise<void> {
  const refusals = {
    '': 'Incorrect quantity',
    seven: 'Incorrect quantity',
    '7.0': 'Incorrect quantity',
    '0': 'Quantity less than minimal 3',
    '2': 'Quantity less than minimal 3',
    '11': 'Quantity more than maximum 10',
    '2147483647': 'Quantity more than maximum 10',
    '2147483648': 'Incorrect quantity',
  };
  for (const [quantity, text] of Object.entries(refusals)) {
    const fields = { ...caller, action: 'add', link, ...sample.fields, quantity };
    assert.equal(await panel.callText(fields), refusal(text), quantity);
  }
  for (const quantity of ['3', '10', ' 5 ', '007']) {
    const id = await addOrder(panel, { ...caller, ...sample.fields, quantity });
    assert.equal((await storedOrder(id))?.quantity, BigInt(quantity.trim()));
  }
}

async function ignoreQuantities(caller: Caller, sample: OrderSample): Promise<void> {
  for (const quantity of ['5', '0', '-1', 'many', '999999999999']) {
    const id = await addOrder(panel, { ...caller, ...sample.fields, quantity });
    assert.equal((await storedOrder(id))?.quantity, sample.quantity);
  }
}

const listField = { 'Custom Comments': 'comments', 'Mentions Custom List': 'usernames' } as const;

for (const type of ['Custom Comments', 'Mentions Custom List'] as const) {
  test(`${type}: the number of lines stays within the service’s bounds`, async () => {
    const service = await makeService(panel, { ...bounds, type });
    const { key } = await makeCustomer(panel);
    const order = (count: number) =>
      panel.callText({
        key,
        action: 'add',
        service,
        link,
        [listField[type]]: Array.from({ length: count }, (_, line) => `line ${line}`).join('\n'),
      });
    assert.equal(await order(2), refusal('Quantity less than minimal 3'));
    assert.match(await order(3), /^\{"order":/);
    assert.match(await order(10), /^\{"order":/);
    assert.equal(await order(11), refusal('Quantity more than maximum 10'));
  });
}

test('every line break divides a list, a comma only where the table says so', async () => {
  const { key } = await makeCustomer(panel);
  const comments = await makeService(panel, { ...bounds, type: 'Custom Comments' });
  const usernames = await makeService(panel, { ...bounds, type: 'Mentions Custom List' });
  const expected: [number, string, string, bigint][] = [
    [comments, 'comments', 'a\r\nb\r\nc', 3n],
    [comments, 'comments', 'a\rb\rc', 3n],
    [comments, 'comments', '\n\na\n \nb\r\n\r\nc\n', 3n],
    [comments, 'comments', 'a, b\nc,d\ne', 3n],
    [usernames, 'usernames', 'a,b,c', 3n],
    [usernames, 'usernames', 'a,,b\r\n, c ,\rd', 4n],
  ];
  for (const [service, name, text, quantity] of expected) {
    const id = await addOrder(panel, { key, service, [name]: text });
    assert.equal((await storedOrder(id))?.quantity, quantity, JSON.stringify(text));
  }
});

test('a package is sold at its bounds whatever its list holds', async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel, {
    type: 'Custom Comments Package',
    min: 1,
    max: 1,
    rate: '2.5',
  });
  const id = await addOrder(panel, { key, service, comments: 'a\nb\nc\nd', quantity: 99 });
  assert.equal((await storedOrder(id))?.charge, 250_000_000n);
  assert.equal(await balanceOf(panel, key), '97.50');
});

test('the books are in order after every type', () => panel.verify());
