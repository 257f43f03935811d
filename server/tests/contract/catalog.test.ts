import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { CategoryId, ServiceId } from '../../src/base/index.ts';
import { AppError, parseAmount, parseRate } from '../../src/base/index.ts';
import {
  blockLink,
  moveCategory,
  type ServiceInput,
  unblockLink,
  updateService,
  updateSettings,
} from '../../src/catalog/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { postTransfers } from '../../src/ledger/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { openSecondServer, readWithinASecond, type SecondServer } from './second-server.ts';
import { form, link, refusal, send } from './wire.ts';

let panel: TestPanel;
let second: SecondServer;
let key: string;
before(async () => {
  panel = await openTestPanel();
  second = await openSecondServer(panel);
  ({ key } = await makeCustomer(panel));
});
after(async () => {
  await second.close();
  await panel.close();
});

type Row = Record<string, unknown> & { service: ServiceId; name: string; category: string };

async function listed(at: { url: string } = panel): Promise<Row[]> {
  const { text } = await send(at, { body: form({ key, action: 'services' }) });
  return JSON.parse(text) as Row[]; // golden.test.ts has the exact form
}

async function update(serviceId: ServiceId, changes: Partial<ServiceInput>): Promise<void> {
  await updateService(panel.app, staff, { serviceId, changes });
  await panel.app.catalog.refresh();
}

async function categoryId(name: string): Promise<CategoryId> {
  const rows = await panel.owner.sql<{ id: CategoryId }[]>`
    select id from categories where name = ${name}`;
  return rows[0]?.id ?? assert.fail(`no category ${name}`);
}

async function tryOrder(service: number, at: { url: string } = panel): Promise<string> {
  const body = form({ key, action: 'add', service, link, quantity: 100 });
  return (await send(at, { body })).text;
}

test('without services the list is empty', async () => {
  assert.equal(await panel.callText({ key, action: 'services' }), '[]');
});

test('services stand in the operator’s order, contiguous by category', async () => {
  const make = (name: string, category: string, position?: number) =>
    makeService(panel, { name, category, ...(position === undefined ? {} : { position }) });
  const a1 = await make('a1', 'A');
  await make('b1', 'B');
  await make('a2', 'A');
  await make('b0', 'B', 0);
  await make('c1', 'C');
  const names = async () => (await listed()).map((row) => row.name);
  assert.deepEqual(await names(), ['a1', 'a2', 'b0', 'b1', 'c1']);
  await moveCategory(panel.app, staff, { categoryId: await categoryId('C'), position: 0 });
  await panel.app.catalog.refresh();
  assert.deepEqual(await names(), ['c1', 'a1', 'a2', 'b0', 'b1']);
  await update(a1, { position: 99 });
  assert.deepEqual(await names(), ['c1', 'a2', 'a1', 'b0', 'b1']);
  await update(a1, { category: 'B' });
  const categories = (await listed()).map((row) => row.category);
  assert.deepEqual(categories, ['C', 'A', 'B', 'B', 'B']);
});

test('a disabled or hidden service is neither listed nor sold, until it is back', async () => {
  const service = await makeService(panel, { name: 'now and then' });
  const isListed = async () => (await listed()).some((row) => row.service === service);
  assert.equal(await isListed(), true);
  for (const off of [{ enabled: false }, { hidden: true }]) {
    await update(service, off);
    assert.equal(await isListed(), false);
    assert.equal(await tryOrder(service), refusal('Incorrect service ID'));
    await update(service, { enabled: true, hidden: false });
    assert.equal(await isListed(), true);
    assert.match(await tryOrder(service), /^\{"order":/);
  }
});

test('desc and average_time trail the row, only where the operator turns them on', async () => {
  const service = await makeService(panel, { description: 'Line 1\n<b>2</b>', averageTime: '2 h' });
  const plain = [
    'service',
    'name',
    'type',
    'category',
    'rate',
    'min',
    'max',
    'dripfeed',
    'refill',
    'cancel',
  ];
  const row = async () => (await listed()).find((entry) => entry.service === service) ?? {};
  const show = async (showDescription: boolean, showAverageTime: boolean) => {
    await updateSettings(panel.app, staff, { showDescription, showAverageTime });
    await panel.app.catalog.refresh();
    return row();
  };
  assert.deepEqual(Object.keys(await row()), plain);
  assert.deepEqual(Object.keys(await show(true, false)), [...plain, 'desc']);
  assert.deepEqual(Object.keys(await show(false, true)), [...plain, 'average_time']);
  const full = await show(true, true);
  assert.deepEqual(Object.keys(full), [...plain, 'desc', 'average_time']);
  assert.deepEqual(
    [Reflect.get(full, 'desc'), Reflect.get(full, 'average_time')],
    ['Line 1\n<b>2</b>', '2 h'],
  );
  assert.deepEqual(Object.keys(await show(false, false)), plain);
});

test('a row has the wire’s types and at least two decimals in its rate', async () => {
  const rates = {
    '8': '8.00',
    '0.9': '0.90',
    '0.265': '0.265',
    '0.00001': '0.00001',
    '1234567.5': '1234567.50',
  };
  for (const [rate, shown] of Object.entries(rates)) {
    const service = await makeService(panel, { rate, min: 7, max: 2_147_483_647, cancel: true });
    const row = (await listed()).find((entry) => entry.service === service);
    assert.deepEqual(
      [row?.rate, row?.min, row?.max, row?.dripfeed, row?.refill, row?.cancel],
      [shown, '7', '2147483647', false, false, true],
    );
  }
});

test('any name comes through as it was written', async () => {
  for (const name of ['"quoted" \\ back', '名前 🚀', '<script>x</script>', 'tab\there', '\u2028']) {
    const service = await makeService(panel, { name: `x${name}x` });
    const row = (await listed()).find((entry) => entry.service === service);
    assert.equal(row?.name, `x${name}x`);
  }
});

test('a change is seen within a second in another process', async () => {
  const service = await makeService(panel, { name: 'travels', rate: '1' });
  const find = async () => (await listed(second)).find((row) => row.service === service);
  const seen = await readWithinASecond(find, (row) => row !== undefined);
  assert.equal(seen?.name, 'travels');
  await update(service, { rate: parseRate('2', 'rate'), name: 'renamed' });
  const changed = await readWithinASecond(find, (row) => row?.rate === '2.00');
  assert.deepEqual([changed?.name, changed?.rate], ['renamed', '2.00']);
  await update(service, { enabled: false });
  const order = () => tryOrder(service, second);
  const refused = refusal('Incorrect service ID');
  assert.equal(await readWithinASecond(order, (text) => text === refused), refused);
});

test('a link is refused in another process within a second of being blocked', async () => {
  const service = await makeService(panel);
  const order = () => tryOrder(service, second);
  await readWithinASecond(order, (text) => text.startsWith('{"order":'));
  await blockLink(panel.app, staff, 'EXAMPLE.com/po');
  const bad = refusal('Bad link');
  assert.equal(await readWithinASecond(order, (text) => text === bad), bad);
  await unblockLink(panel.app, staff, 'example.COM/po');
  const taken = await readWithinASecond(order, (text) => text !== bad);
  assert.match(taken, /^\{"order":/);
  await panel.verify();
});

test('a currency does not change under a deposit that is on its way', async () => {
  const other = await openTestPanel();
  try {
    const { customerId } = await makeCustomer(other, { funds: '0' });
    let isDone = false;
    const change = await inTransaction(other.app.db, async (tx) => {
      const amount = parseAmount('5', 'amount');
      const deposit = { debit: 'deposits', credit: 'wallet', orderId: null } as const;
      const transfer = { customerId, ...deposit, amount, reference: 'deposits:on-its-way' };
      await postTransfers(tx, [transfer], other.clock.now());
      const changing = Promise.allSettled([
        updateSettings(other.app, staff, { currency: 'EUR' }).finally(() => {
          isDone = true;
        }),
      ]);
      // The deposit is committed only once the change waits for it, or has not waited.
      while (!isDone && !(await isSomebodyWaiting(other))) await setTimeout(10);
      return { changing };
    });
    const [outcome] = await change.changing;
    const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
    assert(reason instanceof AppError && reason.code === 'conflict', outcome.status);
  } finally {
    await other.close();
  }
});

async function isSomebodyWaiting(other: TestPanel): Promise<boolean> {
  const rows = await other.owner.sql`
    select from pg_locks where not granted
      and database = (select oid from pg_database where datname = current_database())`;
  return rows.length > 0;
}

/** Asks for the list as a client that says what it can take; fetch would unpack it unseen. */
async function askList(headers: Record<string, string>) {
  const asked = request(`${panel.url}/api/v2`, { method: 'POST', headers });
  asked.end(`${form({ key, action: 'services' })}`);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, body };
}

test('a client that can gets the list packed, and 304 while it is unchanged', async () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const plain = await askList(type);
  const packed = await askList({ ...type, 'accept-encoding': 'br, gzip' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'Accept-Encoding');
  assert.deepEqual(gunzipSync(packed.body), plain.body);

  const { etag = '' } = plain.headers;
  const known = await askList({ ...type, 'if-none-match': `"other", ${etag}` });
  assert.deepEqual([known.status, known.body.length], [304, 0]);
  await makeService(panel, { name: 'Another' });
  await panel.app.catalog.refresh();
  const changed = await askList({ ...type, 'if-none-match': etag });
  assert.equal(changed.status, 200);
  assert.match(changed.body.toString(), /Another/);
});
