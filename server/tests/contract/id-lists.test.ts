import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, type OrderId } from '../../src/base/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, refusal, send, setNextId, settle } from './wire.ts';

// Orders 1 to 3 are the customer's, 4 is a stranger's; 1 and 2 are completed and may be refilled.
let panel: TestPanel;
let key: string;
before(async () => {
  panel = await openTestPanel();
  ({ key } = await makeCustomer(panel));
  const stranger = await makeCustomer(panel);
  const service = await makeService(panel, { refill: true, cancel: true });
  for (const owner of [key, key, key, stranger.key]) {
    await addOrder(panel, { key: owner, service, quantity: 50 });
  }
  await settle(panel, 1n as OrderId, { status: 'Completed' });
  await settle(panel, 2n as OrderId, { status: 'Completed' });
  panel.clock.advance(2 * dayMs);
});
after(() => panel.close());

const json = { 'Content-Type': 'application/json' };
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };

async function ask(parameters: string): Promise<string> {
  return (await send(panel, { headers: formType, body: `key=${key}&${parameters}` })).text;
}

async function askJson(fields: object): Promise<string> {
  return (await send(panel, { headers: json, body: JSON.stringify({ key, ...fields }) })).text;
}

const done =
  '{"charge":"0.045","start_count":null,"status":"Completed","remains":"0","currency":"USD"}';
const open =
  '{"charge":"0.045","start_count":null,"status":"Pending","remains":"50","currency":"USD"}';
const unknown = refusal('Incorrect order ID');

const formsOfSeveral = [
  'orders=1,3',
  'orders=1%2C3',
  'orders=+1+,+3+',
  'orders=1,,3,',
  'orders[]=1&orders[]=3',
  'orders%5B%5D=1&orders%5B%5D=3',
  'orders[0]=1&orders[1]=3',
  'orders[5]=1&orders[2]=3',
  'orders[]=1,3',
  'orders[]=1&orders[]=&orders[]=3&orders[]=null',
  'order=1,3',
  'order[]=1&order[]=3',
  'order=99&orders=1,3',
];

for (const parameters of formsOfSeveral) {
  test(`${parameters} asks for orders 1 and 3`, async () => {
    assert.equal(await ask(`action=status&${parameters}`), `{"1":${done},"3":${open}}`);
  });
}

const jsonForms = [
  { orders: [1, 3] },
  { orders: ['1', '3'] },
  { orders: [' 1 ', 3] },
  { orders: '1,3' },
  { order: '1, 3' },
  { order: [1, 3] },
  { orders: [1, '', null, 3] },
];

for (const fields of jsonForms) {
  test(`JSON ${JSON.stringify(fields)} asks for orders 1 and 3`, async () => {
    assert.equal(await askJson({ action: 'status', ...fields }), `{"1":${done},"3":${open}}`);
  });
}

test('one id in the list form answers the list form', async () => {
  assert.equal(await ask('action=status&orders=1'), `{"1":${done}}`);
  assert.equal(await ask('action=status&orders[]=1'), `{"1":${done}}`);
  assert.equal(await askJson({ action: 'status', orders: 1 }), `{"1":${done}}`);
  assert.equal(await ask('action=status&order=1'), done);
  assert.equal(await ask('action=status&order=1&orders='), done);
});

test('an object has an id once, keyed as asked', async () => {
  const text = await ask('action=status&orders=3,1,3,x,003,4,0,x');
  const expected = ['3', '1', 'x', '003', '4', '0'].map((id) => {
    const value = { 1: done, 3: open, '003': open }[id] ?? unknown;
    return [id, JSON.parse(value)] as const;
  });
  assert.deepEqual(JSON.parse(text), Object.fromEntries(expected));
  assert(text.startsWith(`{"3":${open},"1":${done},"x":${unknown},"003":`));
  assert.equal(text.split('"3":').length, 2);
  for (const ids of ['1,3,3', '1,1,3', '1,3,1']) {
    assert.equal(await ask(`action=status&orders=${ids}`), `{"1":${done},"3":${open}}`);
  }
});

test('a list has an id once per mention', async () => {
  const row = (id: string) => `{"refill":${id},"status":${refusal('Refill not found')}}`;
  const text = await ask('action=refill_status&refills=9,8,9,x');
  assert.equal(text, `[${row('9')},${row('8')},${row('9')},${row('"x"')}]`);
});

test('an order named twice in a refill list is refilled once', async () => {
  await setNextId(panel, 'refill_ids', 1);
  const early = refusal('The order was completed or refill was requested less than 24 hours ago');
  assert.equal(
    await ask('action=refill&orders=1,4,1,x'),
    `[{"order":1,"refill":1},{"order":4,"refill":${unknown}},` +
      `{"order":1,"refill":${early}},{"order":"x","refill":${unknown}}]`,
  );
  assert.equal(await ask('action=refill&order=2'), '{"refill":"2"}');
  assert.equal(
    await ask('action=refill_status&refills=1,2'),
    '[{"refill":1,"status":"Pending"},{"refill":2,"status":"Pending"}]',
  );
  assert.equal(await ask('action=refill_status&refill=2'), '{"status":"Pending"}');
});

test('cancel answers a list for the singular field too, and asks once per order', async () => {
  const asked = refusal('Order cancellation request has been sent already');
  assert.equal(await ask('action=cancel&order=4'), `[{"order":4,"cancel":${unknown}}]`);
  assert.equal(
    await ask('action=cancel&orders=3,3'),
    `[{"order":3,"cancel":1},{"order":3,"cancel":${asked}}]`,
  );
  assert.equal(await ask('action=cancel&order=3'), `[{"order":3,"cancel":${asked}}]`);
});

for (const [action, name] of [
  ['status', 'orders'],
  ['refill', 'orders'],
  ['cancel', 'orders'],
  ['refill_status', 'refills'],
] as const) {
  test(`${action} answers 100 ids, and refuses more whatever their form`, async () => {
    const hundred = Array.from({ length: 100 }, (_, index) => String(1_000 + index));
    const answered: unknown = JSON.parse(await ask(`action=${action}&${name}=${hundred}`));
    assert.equal(Object.keys(Object(answered)).length, 100);
    const tooMany = refusal(`Maximum 100 ${name}`);
    const more = [...hundred, '1'];
    const repeated = more.map(() => '1');
    assert.equal(await ask(`action=${action}&${name}=${more}`), tooMany);
    assert.equal(await ask(`action=${action}&${name}=${repeated}`), tooMany);
    assert.equal(
      await ask(`action=${action}&${more.map((id) => `${name}[]=${id}`).join('&')}`),
      tooMany,
    );
    assert.equal(await ask(`action=${action}&${name.slice(0, -1)}=${more}`), tooMany);
    assert.equal(await askJson({ action, [name]: more }), tooMany);
    assert.equal(await askJson({ action, [name]: Array(10_000).fill(1) }), tooMany);
    assert.equal(await ask(`action=${action}&${name}=${'1,'.repeat(10_000)}`), tooMany);
  });
}

test('the books are in order after all lists', () => panel.verify());
