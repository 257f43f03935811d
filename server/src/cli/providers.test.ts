import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openTestPanel, type TestPanel, testSecret } from '../../tests/harness.ts';
import { readDocument, runCommand } from './fixture.ts';

const key = 'canary-77b0e1-cli-key';
const asked: string[] = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  asked.push(body);
  response.end('{"balance":"12.34567","currency":"EUR"}');
});

let panel: TestPanel;
let folder: string;
let url: string;
before(async () => {
  panel = await openTestPanel();
  folder = await mkdtemp(join(tmpdir(), 'panelwright-providers-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  url = `http://127.0.0.1:${port}/api/v2`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
  await panel.close();
});

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const settings = { DATABASE_URL: panel.databaseUrl, LOG_LEVEL: 'warn' };
  return runCommand(args, { ...settings, PANELWRIGHT_SECRET: testSecret, ...env });
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const document = await readDocument(run([...args, '--json']));
  assert(!JSON.stringify(document).includes(key));
  return document;
}

test('a provider is added, tried, changed, stopped and shown', async () => {
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, `${key}\n`);
  const terms = ['--currency', 'EUR', '--exchange-rate', '1.08', '--requests-per-second', '2.5'];
  const rest = ['--low-mark', '10', '--request-id-field', 'request_id', '--alias', 'Fast'];
  const named = ['--name', 'Upstream', '--url', url, '--key-file', keyFile];
  assert.deepEqual(await json('providers', 'add', ...named, ...terms, ...rest), { id: 1 });

  const tried = await json('providers', 'test', 'Upstream');
  assert.deepEqual([tried.balance, tried.currency], ['12.34567', 'EUR']);
  assert.equal(typeof tried.tookMs, 'number');
  assert.equal(asked.at(-1), `key=${key}&action=balance`);

  const shown = await json('providers', 'show', '1');
  assert.equal(shown.exchangeRate, '1.08');
  assert.equal(shown.callsPerMinuteMax, 150);
  assert.equal(shown.balanceLowMark, '10.00');
  assert.equal(shown.requestIdField, 'request_id');
  assert.equal(shown.hasKey, true);
  assert.equal(Reflect.get(Object(shown.health), 'calls'), 1, 'the test call is counted');

  const changes = ['--low-mark', 'none', '--request-id-field', 'none', '--sync-prices', 'off'];
  const update = ['providers', 'update', 'Upstream', '--price-jump', '20', '--timeout', '60'];
  await json(...update, ...changes);
  const paused = await json('providers', 'pause', '1');
  assert.deepEqual(paused, { id: 1, state: 'paused', changed: true });
  const [text, listed] = await Promise.all([
    run(['providers', 'show', '1']),
    json('providers', 'list'),
  ]);
  const [row] = Object(listed);
  assert.deepEqual([row.balanceLowMark, row.requestIdField, row.syncPrices], [null, null, false]);
  assert.deepEqual([row.priceJumpPercentMax, row.addTimeoutMs], [20, 60_000]);
  assert.equal(row.pausedBy, 'staff');
  assert.match(text.stdout, /^id +1\nname +Upstream\n/);
  assert.match(text.stdout, /\nbalance +1 +0 +</);
  assert.equal((await json('providers', 'drain', '1')).state, 'draining');
  assert.equal((await json('providers', 'resume', '1')).state, 'on');

  const moved = await json('providers', 'update', '1', '--url', 'http://127.0.0.2:1/api/v2');
  assert.deepEqual(moved, { id: 1, state: 'on', hasKey: false });
});

test('each failure is told clearly, on stderr, with exit code 1', async () => {
  const add = ['providers', 'add', '--name', 'N', '--url'];
  const closed = await json(...add, 'http://127.0.0.1:1/api/v2', '--key', key);
  const cases: [string[], RegExp][] = [
    [['providers', 'test', 'Nobody'], /no provider Nobody/],
    [
      ['providers', 'test', String(closed.id)],
      /"N" does not work: .*nothing answers at this address/,
    ],
    [[...add, url], /give its key/],
    [[...add, url, '--key', key, '--key-stdin'], /give one of/],
    [[...add, url, '--key-file', join(folder, 'none')], /cannot read the key/],
    [[...add, 'panel.example', '--key', key], /like "https:/],
    [[...add, url, '--key', key], /a provider "N" already/],
    [[...add, url, '--key', key, '--requests-per-second', '0.001'], /no number of requests/],
    [['providers', 'update', 'N'], /nothing to change/],
  ];
  const ended = await Promise.all(cases.map(([args]) => run(args)));
  ended.forEach((one, at) => {
    const [args, pattern] = cases[at] ?? [[], /^$/];
    assert.equal(one.code, 1, `${args}: ${one.stderr}`);
    assert.match(one.stderr, pattern);
    assert.equal(one.stdout, '');
    assert(!one.stderr.includes(key));
  });
});

test('beside an external database a missing secret is asked for where it is needed', async () => {
  const without = { PANELWRIGHT_SECRET: '' };
  const add = ['providers', 'add', '--name', 'Late', '--url', url, '--key', key];
  const [refused, listed, short] = await Promise.all([
    run(add, without),
    run(['providers', 'list', '--json'], without),
    run(['providers', 'list'], { PANELWRIGHT_SECRET: 'short' }),
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /set PANELWRIGHT_SECRET/);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(short.stderr, /PANELWRIGHT_SECRET: .*32/);
});

test('in production private addresses are refused unless the settings allow them', async () => {
  const add = ['providers', 'add', '--url', url, '--key', key, '--name'];
  const production = { NODE_ENV: 'production' };
  const [refused, allowed] = await Promise.all([
    run([...add, 'Inside'], production),
    run([...add, 'Allowed'], { ...production, PANELWRIGHT_PRIVATE_ADDRESSES: 'allow' }),
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /PANELWRIGHT_PRIVATE_ADDRESSES=allow/);
  assert.equal(allowed.code, 0, allowed.stderr);
});
