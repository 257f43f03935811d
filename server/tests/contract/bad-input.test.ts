import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { minuteMs } from '../../src/base/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { balanceOf, countOrders, form, link, refusal, send, type WireReply } from './wire.ts';

let panel: TestPanel;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let key: string;
let service: number;
before(async () => {
  panel = await openTestPanel();
  customer = await makeCustomer(panel);
  ({ key } = customer);
  service = await makeService(panel);
});
// Each test may call with a bad key 20 times.
beforeEach(() => panel.clock.advance(minuteMs));
after(() => panel.close());

const formType = 'application/x-www-form-urlencoded';
const badKey = refusal('Invalid API key');
const badRequest = refusal('Incorrect request');

function post(body: string | Buffer, type: string, path = '/api/v2'): Promise<WireReply> {
  return send(panel, { path, body, headers: { 'Content-Type': type } });
}

/** Every bad call ends like this: nothing is stored, and the next call is answered. */
async function assertUnharmed(): Promise<void> {
  assert.equal(await countOrders(panel, customer.customerId), 0);
  assert.equal(await balanceOf(panel, key), '100.00');
}

/** The parameters of a good call in the query, so that only the body can be wrong. */
const goodQuery = () =>
  `/api/v2?key=${key}&action=add&service=${service}&link=${link}&quantity=100`;

test('an empty body is a call without a key', async () => {
  for (const type of [formType, 'application/json', 'multipart/form-data', '', 'text/plain']) {
    assert.equal((await post('', type)).text, badKey, type);
  }
  assert.equal((await send(panel)).text, badKey);
});

const damagedBodies: [name: string, type: string, body: string | Buffer][] = [
  ['garbage as JSON', 'application/json', '{"key":'],
  ['bytes as JSON', 'application/json', Buffer.from([0xff, 0xfe, 0x00])],
  ['a JSON text', 'application/json', '"balance"'],
  ['a JSON number', 'application/json', '5'],
  ['JSON null', 'application/json', 'null'],
  ['a JSON list', 'application/json', '[{"action":"balance"}]'],
  ['an open array 15,000 deep', 'application/json', `{"orders":${'['.repeat(15_000)}`],
  ['an object 15,000 deep', 'application/json', nestedObjects(15_000)],
  ['multipart without boundary', 'multipart/form-data', 'key=x'],
  ['multipart of another boundary', 'multipart/form-data; boundary=b', '--c\r\n\r\n--c--'],
  ['multipart cut short', 'multipart/form-data; boundary=b', part('action', 'balance')],
  ['multipart cut in a header', 'multipart/form-data; boundary=b', '--b\r\nContent-Dis'],
];

for (const [name, type, body] of damagedBodies) {
  test(`${name} is refused, whatever the query says`, async () => {
    assert.equal((await post(body, type, goodQuery())).text, badRequest);
    assert.equal((await post(body, type)).text, badKey, 'the key comes first');
    await assertUnharmed();
  });
}

test('the key of a header is known before the body is found unreadable', async () => {
  const headers = { 'X-Api-Key': key, 'Content-Type': 'application/json' };
  assert.equal((await send(panel, { body: '{', headers })).text, badRequest);
  const wrong = { ...headers, 'X-Api-Key': 'wrong' };
  assert.equal((await send(panel, { body: '{', headers: wrong })).text, badKey);
  const crowded = `/api/v2?${'a=1&'.repeat(1_001)}`;
  const reply = await send(panel, { path: crowded, headers });
  assert.equal(reply.text, refusal('Maximum 1000 parameters'));
});

test('JSON may begin with a byte order mark', async () => {
  const body = `\ufeff${JSON.stringify({ key, action: 'balance' })}`;
  assert.match((await post(body, 'application/json')).text, /^\{"balance":/);
  assert.equal((await post(`\ufeff${body}`, 'application/json', goodQuery())).text, badRequest);
});

function nested(depth: number): string {
  return `{"orders":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

function nestedObjects(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function part(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

test('a list of any depth in JSON is answered', async () => {
  for (const depth of [2, 100, 1_000, 3_000, 5_000, 10_000]) {
    const path = `/api/v2?key=${key}&action=status`;
    const reply = await post(nested(depth), 'application/json', path);
    assert.equal(reply.status, 200);
    const deep = `{"[object]":${refusal('Incorrect order ID')}}`;
    assert([deep, badRequest].includes(reply.text), `${depth}: ${reply.text}`);
  }
});

test('objects and lists where JSON should have a text are no value', async () => {
  const good = { key, action: 'add', service, link, quantity: 100 };
  const odd: unknown[] = [{}, [], { toString: 1 }, { length: 1 }, [link], [[link]], [{}]];
  const refusals = {
    key: 'Invalid API key',
    action: 'Incorrect request',
    service: 'Incorrect service ID',
    link: 'Bad link',
    quantity: 'Incorrect quantity',
  };
  for (const [name, text] of Object.entries(refusals)) {
    for (const value of odd) {
      const body = JSON.stringify({ ...good, [name]: value });
      assert.equal((await post(body, 'application/json')).text, refusal(text), body);
    }
    const pairs = new URLSearchParams(form({ ...good }));
    pairs.delete(name);
    assert.equal((await post(`${pairs}&${name}[]=1`, formType)).text, refusal(text));
    assert.equal((await post(`${pairs}&${name}[a]=1`, formType)).text, refusal(text));
  }
  await assertUnharmed();
});

test('odd items of a JSON list are ids of nothing', async () => {
  const items = '[{"toString":1},{"__proto__":1},[1,2],true,1.5,"[object Object]"]';
  const body = `{"key":"${key}","action":"status","orders":${items}}`;
  const reply = await post(body, 'application/json');
  const values = Object.values(JSON.parse(reply.text) as object); // an object by the next line
  assert(reply.text.startsWith('{"[object]":'));
  for (const value of values) assert.deepEqual(value, { error: 'Incorrect order ID' });
});

test('__proto__ and its like are names and ids like others', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'];
  for (const name of names) {
    const inForm = await post(
      `${name}=1&${name}[]=1&__proto__[key]=${key}&action=balance`,
      formType,
    );
    assert.equal(inForm.text, badKey);
    const inJson = `{"${name}":{"key":"${key}","action":"balance"},"action":"balance"}`;
    assert.equal((await post(inJson, 'application/json')).text, badKey);
    const asAction = await panel.callText({ key, action: name });
    assert.equal(asAction, badRequest);
    const asIds = await panel.callText({ key, action: 'status', orders: `${name},${name}` });
    assert.equal(asIds, `{"${name}":${refusal('Incorrect order ID')}}`);
    const canceled = await panel.callText({ key, action: 'cancel', orders: name });
    assert.equal(canceled, `[{"order":"${name}","cancel":${refusal('Incorrect order ID')}}]`);
  }
  assert.equal(Reflect.get({}, 'key'), undefined);
});

test('bytes that are no UTF-8 and NUL never reach an order', async () => {
  const open = `key=${key}&action=add&service=${service}&quantity=100&link=`;
  const raw = Buffer.concat([Buffer.from(`${open}https://a`), Buffer.from([0xc3, 0x28])]);
  assert.equal((await post(raw, formType)).text, refusal('Bad link'));
  for (const link of ['%C3%28', '%FF', '%ED%A0%80', 'a%00b', 'a%0Db']) {
    assert.equal((await post(`${open}${link}`, formType)).text, refusal('Bad link'), link);
  }
  const order = { key, action: 'add', service, quantity: 100, link: 'LINK' };
  const lone = JSON.stringify(order).replace('LINK', '\\ud800');
  assert.equal((await post(lone, 'application/json')).text, refusal('Bad link'));
  for (const field of ['key', 'action', 'service', 'quantity']) {
    const pairs = form({ key, action: 'add', service, link, quantity: 100, [field]: 'a\u0000' });
    assert.match((await post(pairs.toString(), formType)).text, /^\{"error":/);
  }
  await assertUnharmed();
});

test('a percent sign without two digits stands for itself', async () => {
  const reply = await post(`key=${key}&action=status&order=%zz%1`, formType);
  assert.equal(reply.text, refusal('Incorrect order ID'));
});

test('an unknown content type or charset is read as a form in UTF-8', async () => {
  const types = [
    'text/plain',
    'application/octet-stream',
    `${formType}; charset=utf-16`,
    `${formType}; charset="no-such"`,
    'application/xml',
    ';',
  ];
  for (const type of types) {
    const reply = await post(`key=${key}&action=balance`, type);
    assert.match(reply.text, /^\{"balance":/, type);
    assert.equal((await post('<?xml version="1.0"?><a/>', type)).text, badKey);
  }
});

test('ten thousand parameters are refused, in every form', async () => {
  const pairs = Array.from({ length: 10_000 }, (_, index) => [`a${index}`, 'x']);
  const tooMany = refusal('Maximum 1000 parameters');
  const parts = pairs.map(([name = '', value = '']) => part(name, value)).join('');
  const asForm = pairs.map((pair) => pair.join('=')).join('&');
  assert.equal((await post(asForm, formType, goodQuery())).text, tooMany);
  const asJson = JSON.stringify(Object.fromEntries(pairs));
  assert.equal((await post(asJson, 'application/json', goodQuery())).text, tooMany);
  const multipart = 'multipart/form-data; boundary=b';
  assert.equal((await post(`${parts}--b--\r\n`, multipart, goodQuery())).text, tooMany);
  assert.equal((await post('&'.repeat(10_000), formType, goodQuery())).text, tooMany);
  assert.equal((await post('&'.repeat(10_000), formType)).text, badKey);
  assert.equal((await post('orders[]=1&'.repeat(10_000), formType, goodQuery())).text, tooMany);
  await assertUnharmed();
});

test('JSON of over 20,000 values is refused; commas in a text are no values', async () => {
  const json = 'application/json';
  const many = `{"orders":[${'1,'.repeat(20_001)}1]}`;
  for (const body of [many, nested(100_000), nestedObjects(100_000), '['.repeat(100_000)]) {
    assert.equal((await post(body, json, goodQuery())).text, refusal('Maximum 20000 parameters'));
  }
  const filler = '"\\",{["'.repeat(30_000);
  const body = JSON.stringify({ key, action: 'balance', filler });
  assert.match((await post(body, json)).text, /^\{"balance":/);
});

test('a body of up to 1 MiB is read, a larger one refused', async () => {
  const tooLarge = refusal('Maximum 1048576 bytes');
  const bytesMax = 1_048_576;
  const open = `key=${key}&action=balance&filler=`;
  const fitting = open + 'x'.repeat(bytesMax - open.length);
  assert.match((await post(fitting, formType)).text, /^\{"balance":/);
  assert.equal((await post(`${fitting}x`, formType)).text, tooLarge);
  const twoMiB = Buffer.alloc(2 * bytesMax, 'x');
  for (const type of [formType, 'application/json', 'multipart/form-data; boundary=b']) {
    const reply = await post(twoMiB, type, goodQuery());
    assert.deepEqual([reply.status, reply.text], [200, tooLarge], type);
  }
  await assertUnharmed();
});

test('an uploaded file is no parameter', async () => {
  const data = new FormData();
  data.append('key', key);
  data.append('action', new File(['balance'], 'action.txt'));
  assert.equal((await send(panel, { body: data })).text, badRequest);
});

test('the books are in order after all of it', async () => {
  await assertUnharmed();
  await panel.verify();
});
