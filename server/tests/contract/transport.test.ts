import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { form, link, refusal, send, type WireRequest } from './wire.ts';

let panel: TestPanel;
let key: string;
let service: number;
before(async () => {
  panel = await openTestPanel();
  ({ key } = await makeCustomer(panel));
  service = await makeService(panel, { rate: '0.01' });
});
after(() => panel.close());

const json = { 'Content-Type': 'application/json' };
const balance = /^\{"balance":"[0-9.]+","currency":"USD"\}$/;
const placed = /^\{"order":[0-9]+\}$/;

function multipart(fields: Record<string, string | number>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, String(value));
  return data;
}

const waysToAsk: Record<string, () => WireRequest> = {
  'a form': () => ({ body: form({ key, action: 'balance' }) }),
  'a form to /api/v2/': () => ({ path: '/api/v2/', body: form({ key, action: 'balance' }) }),
  'a multipart form': () => ({ body: multipart({ key, action: 'balance' }) }),
  JSON: () => ({ headers: json, body: JSON.stringify({ key, action: 'balance' }) }),
  'JSON with a charset': () => ({
    headers: { 'Content-Type': 'Application/JSON; charset=utf-8' },
    body: JSON.stringify({ key, action: 'balance' }),
  }),
  'GET with a query': () => ({ method: 'GET', path: `/api/v2?key=${key}&action=balance` }),
  'GET on /api/v2/': () => ({ method: 'GET', path: `/api/v2/?key=${key}&action=balance` }),
  'POST with a query alone': () => ({ path: `/api/v2?key=${key}&action=balance` }),
  'query and body together': () => ({
    path: `/api/v2?key=${key}`,
    body: form({ action: 'balance' }),
  }),
  'a form without content type': () => ({
    body: Buffer.from(form({ key, action: 'balance' }).toString()),
  }),
  'the X-Api-Key header': () => ({
    headers: { 'X-Api-Key': key },
    body: form({ action: 'balance' }),
  }),
  'a bearer token': () => ({
    headers: { Authorization: `Bearer ${key}` },
    body: form({ action: 'balance' }),
  }),
  'a bearer token in small letters': () => ({
    headers: { Authorization: `bearer  ${key}` },
    body: form({ action: 'balance' }),
  }),
  'white space around values': () => ({ body: form({ key: ` ${key}\n`, action: '\tbalance ' }) }),
  'fields nobody knows': () => ({ body: form({ key, action: 'balance', foo: 'x', 'a[b]': 'y' }) }),
};

for (const [name, ask] of Object.entries(waysToAsk)) {
  test(`a call is understood as ${name}`, async () => {
    const reply = await send(panel, ask());
    assert.match(reply.text, balance);
    assert.equal(reply.status, 200);
    assert.equal(reply.contentType, 'application/json; charset=UTF-8');
  });
}

const waysToOrder: Record<string, (order: Record<string, string | number>) => WireRequest> = {
  'a form': (order) => ({ body: form(order) }),
  'a multipart form': (order) => ({ body: multipart(order) }),
  'JSON numbers': (order) => ({ headers: json, body: JSON.stringify(order) }),
  'JSON strings': (order) => ({
    headers: json,
    body: JSON.stringify(Object.fromEntries(form(order))),
  }),
  'a query': (order) => ({ method: 'GET', path: `/api/v2?${form(order)}` }),
};

for (const [name, ask] of Object.entries(waysToOrder)) {
  test(`an order is taken from ${name}`, async () => {
    const url = `${link}?a=1&b=%20ü+${encodeURIComponent('名')}`;
    const order = { key, action: 'add', service, link: url, quantity: 100 };
    const { text } = await send(panel, ask(order));
    assert.match(text, placed);
    const rows = await panel.owner.sql`select link, quantity from orders order by id desc limit 1`;
    assert.deepEqual({ ...rows[0] }, { link: url, quantity: 100n });
  });
}

test('a value in the body wins over one in the query', async () => {
  const path = `/api/v2?key=wrong&action=services&order=1`;
  assert.match((await send(panel, { path, body: form({ key, action: 'balance' }) })).text, balance);
  const body = JSON.stringify({ key, action: 'status', order: 77 });
  const { text } = await send(panel, { path, headers: json, body });
  assert.equal(text, refusal('Incorrect order ID'));
});

test('of a repeated parameter the last one counts', async () => {
  const pairs = `key=wrong&key=${key}&action=services&action=balance`;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  assert.match((await send(panel, { headers, body: pairs })).text, balance);
  const path = `/api/v2?${pairs}`;
  assert.match((await send(panel, { method: 'GET', path })).text, balance);
});

test('a key in a field goes before one in a header', async () => {
  const headers = { 'X-Api-Key': key, Authorization: `Bearer ${key}` };
  const body = form({ key: 'wrong', action: 'balance' });
  assert.equal((await send(panel, { headers, body })).text, refusal('Invalid API key'));
  const none = form({ key: '', action: 'balance' });
  assert.match((await send(panel, { headers, body: none })).text, balance);
});

test('other authentication schemes are no key', async () => {
  for (const Authorization of [`Basic ${key}`, key, 'Bearer', `Bearer ${key} more`]) {
    const reply = await send(panel, {
      headers: { Authorization },
      body: form({ action: 'balance' }),
    });
    assert.equal(reply.text, refusal('Invalid API key'));
  }
});

test('a refusal is HTTP 200 with the sole key error and the exact content type', async () => {
  const calls: Record<string, string>[] = [
    {},
    { key: 'x' },
    { key },
    { key, action: 'add' },
    { key, action: 'cancel' },
  ];
  for (const fields of calls) {
    const reply = await send(panel, { body: form(fields) });
    assert.equal(reply.status, 200);
    assert.equal(reply.contentType, 'application/json; charset=UTF-8');
    assert.deepEqual(Object.keys(JSON.parse(reply.text)), ['error']);
  }
});

test('the content type is on the wire in just these letters', async () => {
  const rawHeaders = await new Promise<string[]>((resolve, reject) => {
    const call = request(`${panel.url}/api/v2`, { method: 'POST' }, (response) => {
      response.resume();
      resolve(response.rawHeaders);
    });
    call.on('error', reject);
    call.end();
  });
  const at = rawHeaders.indexOf('Content-Type');
  assert.equal(rawHeaders[at + 1], 'application/json; charset=UTF-8');
  assert.equal(rawHeaders.filter((name) => name.toLowerCase() === 'content-type').length, 1);
});

test('every other method is answered like a POST, HEAD without a body', async () => {
  const path = `/api/v2?key=${key}&action=balance`;
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    assert.match((await send(panel, { method, path })).text, balance, method);
  }
  const head = await send(panel, { method: 'HEAD', path });
  assert.deepEqual([head.status, head.text], [200, '']);
  assert.equal(head.contentType, 'application/json; charset=UTF-8');
});

test('OPTIONS, which browsers send by themselves, places no order', async () => {
  const count = () => panel.owner.sql`select count(*) from orders`;
  const before = await count();
  const order = form({ key, action: 'add', service, link, quantity: 100 });
  const reply = await fetch(`${panel.url}/api/v2?${order}`, { method: 'OPTIONS' });
  assert.deepEqual([reply.status, await reply.text()], [204, '']);
  assert.equal(reply.headers.get('Allow'), 'GET, POST');
  assert.deepEqual(await count(), before);
});

test('paths beside /api/v2 are no API and do no harm', async () => {
  for (const path of ['/api/v2x', '/api/v3', '/API/V2', '/api/v2//', '/api%2Fv2']) {
    const reply = await send(panel, { path, body: form({ key, action: 'balance' }) });
    assert.equal(reply.status, 404, path);
  }
});
