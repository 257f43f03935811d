import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { dayMs } from '../src/base/index.ts';
import { addsOf, readJournal } from '../src/sandbox/index.ts';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.ts';

const link = 'https://example.com/post';
const adding = { action: 'add', service: '1', link, quantity: '100' };
const now = new Date('2026-01-01T00:00:00Z');

async function ask(upstream: FakeUpstream, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ key: upstream.key, ...fields });
  return (await fetch(upstream.url, { method: 'POST', body })).text();
}

test('a killed upstream goes on from its journal, on its old port', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'panelwright-upstream-'));
  t.after(() => rm(folder, { recursive: true }));
  const journalFile = join(folder, 'journal');
  const first = await startFakeUpstream({ journalFile, now, firstOrderId: 900 });
  t.after(() => first.stop());
  await first.script({ kind: 'accept_then_hang' });
  const lost = ask(first, adding);
  const failed = assert.rejects(lost);
  await first.untilHeld(1);
  await first.stop();
  await failed;
  assert.equal(addsOf(readJournal(journalFile)).length, 1);

  const port = Number(new URL(first.url).port);
  const second = await startFakeUpstream({ journalFile, now, port });
  t.after(() => second.stop());
  assert.equal(second.url, first.url);
  assert.match(await ask(second, { action: 'status', order: '900' }), /"status":"Pending"/);
  assert.equal(await ask(second, adding), '{"order":901}');
});

test('everything about it can be told from another process', async (t) => {
  const upstream = await startFakeUpstream({ now });
  t.after(() => upstream.stop());
  await upstream.setBalance('0.05');
  assert.match(await ask(upstream, adding), /Not enough funds/);
  await upstream.setBalance('5');
  await upstream.plan({ link }, { end: 'Partial', remains: 10 });
  await ask(upstream, adding);
  await ask(upstream, {
    action: 'add',
    service: '17',
    username: 'a',
    min: '10',
    max: '10',
    delay: '0',
  });
  await upstream.announce(2, link);
  await upstream.setNow(new Date(now.getTime() + dayMs));
  assert.match(await ask(upstream, { action: 'status', order: '1' }), /"Partial","remains":"10"/);
  assert.match(await ask(upstream, { action: 'status', order: '2' }), /"orders":\[3\]/);
  await upstream.serveCatalog('empty_list');
  assert.equal(await ask(upstream, { action: 'services' }), '[]');
  await upstream.serveCatalog(undefined);
  await upstream.setServices([]);
  assert.equal(await ask(upstream, { action: 'services' }), '[]');
  await upstream.script({ kind: 'refuse', error: 'x', times: 0 });
  assert.equal(await ask(upstream, { action: 'balance' }), '{"error":"x"}');
  await upstream.clearFaults();
  assert.match(await ask(upstream, { action: 'balance' }), /^{"balance"/);
  await upstream.script({ kind: 'accept_then_hang' });
  const waiting = ask(upstream, { action: 'balance' });
  await upstream.untilHeld(1);
  assert.equal(await upstream.held(), 1);
  assert.equal(await upstream.release(), 1);
  assert.match(await waiting, /^{"balance"/);
  const kinds = (await upstream.journal()).map((entry) => entry.kind);
  const expected = ['deposit', 'deposit', 'deposit', 'plan', 'add', 'add', 'announce', 'child'];
  assert.deepEqual(kinds, expected);
  assert.equal((await upstream.calls()).filter(({ action }) => action === 'add').length, 3);
  await assert.rejects(upstream.announce(1, link), /order 1 is no subscription/);
});

test('only who has the token controls it', async (t) => {
  const upstream = await startFakeUpstream({ now });
  t.after(() => upstream.stop());
  const command = { method: 'POST', body: '{"op":"journal"}' };
  const url = new URL('/control', upstream.url);
  assert.equal((await fetch(url, command)).status, 403);
  const headers = { Authorization: 'Bearer wrong' };
  assert.equal((await fetch(url, { ...command, headers })).status, 403);
});

test('it ends when its parent does', async () => {
  const module = JSON.stringify(new URL('fake-upstream.ts', import.meta.url).href);
  const code =
    `const { startFakeUpstream } = await import(${module});` +
    'console.log((await startFakeUpstream()).url);';
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface(parent.stdout), 'line');
  const { hostname, port } = new URL(String(url));
  const connection = connect(Number(port), hostname);
  await once(connection, 'connect');
  // Its end is what closes the connection; what kind of end makes no difference.
  connection.on('error', () => {});
  const closed = new Promise<void>((resolve) => connection.on('close', () => resolve()));
  parent.kill('SIGKILL');
  await closed;
  await assert.rejects(fetch(String(url)));
});
