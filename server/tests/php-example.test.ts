import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dayMs, type OrderId } from '../src/base/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

const example = fileURLToPath(new URL('../../examples/php/panel-api.php', import.meta.url));
const timeoutMs = 30_000;

type Run = { code: number; stdout: string; stderr: string };

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const options = { env: { ...process.env, ...env }, timeout: timeoutMs };
  return new Promise((resolve) => {
    execFile('php', args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const modules = await run(['-m']);
const skip =
  modules.code === 0 && /^curl$/m.test(modules.stdout)
    ? false
    : 'php-cli with the curl extension is not installed';

let panel: TestPanel;
let key: string;
before(async () => {
  panel = await openTestPanel();
  key = (await makeCustomer(panel)).key;
});
after(() => panel.close());

/** Runs PHP code with `$panel` at hand; what it returns, or the exception it ends with. */
async function php(code: string, url = `${panel.url}/api/v2`, seconds = 10): Promise<unknown> {
  const script = `require ${JSON.stringify(example)};
    $panel = new PanelApi(getenv('PANEL_URL'), getenv('PANEL_KEY'), ${seconds});
    try { $result = (function () use ($panel) { ${code} })(); }
    catch (PanelApiError $e) { $result = [$e->getMessage(), $e->isRefusal()]; }
    echo json_encode($result);`;
  const strict = ['-d', 'error_reporting=-1', '-d', 'display_errors=stderr'];
  const done = await run([...strict, '-r', script], { PANEL_URL: url, PANEL_KEY: key });
  assert.equal(done.stderr, '');
  assert.equal(done.code, 0);
  return JSON.parse(done.stdout) as unknown;
}

test('the PHP example makes every call of every action', { skip }, async () => {
  const service = await makeService(panel, { refill: true, cancel: true });
  const comments = await makeService(panel, { type: 'Custom Comments', min: 1 });

  const services = await php('return $panel->services();');
  assert.deepEqual(services, await panel.call({ key, action: 'services' }));
  const link = 'https://example.com/?a=1&b=ä 你好';
  const order = `'service' => ${service}, 'link' => '${link}', 'quantity' => 100`;
  assert.equal(await php(`return $panel->add([${order}]);`), 1);
  const list = `'service' => ${comments}, 'link' => 'x', 'comments' => ['one', 'two', 'three']`;
  assert.equal(await php(`return $panel->add([${list}]);`), 2);
  const stored = await panel.app.db
    .selectFrom('orders')
    .select(['link', 'quantity'])
    .orderBy('id')
    .execute();
  assert.deepEqual(stored, [
    { link, quantity: 100n },
    { link: 'x', quantity: 3n },
  ]);
  const one = await panel.call({ key, action: 'status', order: 1 });
  assert.deepEqual(await php('return $panel->status(1);'), one);
  const many = { 1: one, 9: { error: 'Incorrect order ID' } };
  assert.deepEqual(await php('return $panel->statuses([1, 9]);'), many);
  assert.deepEqual(await php('return $panel->cancel([1, 9]);'), [
    { order: 1, cancel: 1 },
    { order: 9, cancel: { error: 'Incorrect order ID' } },
  ]);
  await settleOrder(panel.app, staff, { orderId: 1n as OrderId, status: 'Completed' });
  panel.clock.advance(2 * dayMs);
  assert.equal(await php('return $panel->refill(1);'), 1);
  assert.deepEqual(await php('return $panel->refills([1, 9]);'), [
    {
      order: 1,
      refill: { error: 'The order was completed or refill was requested less than 24 hours ago' },
    },
    { order: 9, refill: { error: 'Incorrect order ID' } },
  ]);
  assert.equal(await php('return $panel->refillStatus(1);'), 'Pending');
  assert.deepEqual(await php('return $panel->refillStatuses([1, 9]);'), [
    { refill: 1, status: 'Pending' },
    { refill: 9, status: { error: 'Refill not found' } },
  ]);
  const balance = await panel.call({ key, action: 'balance' });
  assert.deepEqual(await php('return $panel->balance();'), balance);
  await panel.verify();
});

test('an order repeated with its request_id is the same order', { skip }, async () => {
  const service = await makeService(panel);
  const order = `['service' => ${service}, 'link' => 'y', 'quantity' => 50, 'request_id' => 'r1']`;
  const twice = await php(`return [$panel->add(${order}), $panel->add(${order})];`);
  assert(Array.isArray(twice) && twice.length === 2);
  assert.equal(twice[0], twice[1]);
});

test('a refusal is an exception with the panel’s words', { skip }, async () => {
  assert.deepEqual(await php('return $panel->status(999);'), ['Incorrect order ID', true]);
  const add = await php("return $panel->add(['service' => 999, 'link' => 'x']);");
  assert.deepEqual(add, ['Incorrect service ID', true]);
});

test('an answer that is no answer is an exception, but no refusal', { skip }, async () => {
  const replies: [number, string][] = [
    [200, '<html>maintenance</html>'],
    [500, '{"error":"Internal error"}'],
    [502, ''],
    [200, '{"status":"success"}'],
  ];
  for (const [status, body] of replies) {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a TCP port
    const failed = await php('return $panel->add([]);', `http://127.0.0.1:${port}/`);
    server.close();
    assert(Array.isArray(failed), body);
    assert.equal(failed[1], false, body);
  }
});

test('no connection and no answer in time are exceptions, but no refusals', { skip }, async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const silent = await php('return $panel->balance();', `http://127.0.0.1:${port}/`, 1);
  server.close();
  server.closeAllConnections();
  const refused = await php('return $panel->balance();', `http://127.0.0.1:${port}/`);
  for (const failed of [silent, refused]) {
    assert(Array.isArray(failed));
    assert.match(String(failed[0]), /^No answer from the panel: /);
    assert.equal(failed[1], false);
  }
});

test('run by itself it shows the account, and orders only when asked', { skip }, async () => {
  const service = await makeService(panel);
  const env = { PANEL_URL: panel.url, PANEL_KEY: key };
  const before = await countOrders();
  const shown = await run([example], env);
  assert.equal(shown.stderr, '');
  assert.match(shown.stdout, /^Balance: [0-9.]+ USD\nServices: [0-9]+\n/);
  assert.equal(await countOrders(), before);

  const order = JSON.stringify({ service, link: 'z', quantity: 50 });
  const placed = await run([example, 'add', order], env);
  assert.match(placed.stdout, /Order: [0-9]+\nStatus: Pending\n$/);
  assert.equal(await countOrders(), before + 1n);

  const wrong = await run([example], { ...env, PANEL_KEY: 'wrong' });
  assert.deepEqual(wrong, { code: 1, stdout: '', stderr: 'Invalid API key\n' });
  assert.equal((await run([example], { PANEL_URL: '', PANEL_KEY: '' })).code, 2);
});

async function countOrders(): Promise<bigint> {
  const { count } = await panel.app.db
    .selectFrom('orders')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
