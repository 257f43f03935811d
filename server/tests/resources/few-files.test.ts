import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../delivery/processes.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';

// A server that may open 256 files, and a thousand callers who hold a connection each.

const filesMax = 256;
const socketsMax = 1_000;
const entry = fileURLToPath(new URL('../../bin/panelwright.js', import.meta.url));
const noLimits = spawnSync('prlimit', ['--version']).status !== 0 && 'prlimit is not here';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

/** Holds a connection that says nothing. */
function hold(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

test('a thousand idle connections take no file that orders need, at a limit of 256', {
  skip: noLimits,
}, async (t) => {
  const { key } = await makeCustomer(panel, { funds: '1000' });
  const service = String(await makeService(panel, { rate: '1' }));
  const command = [process.execPath, entry, 'serve', '--role', 'api', '--json'];
  const child = spawn('prlimit', [`--nofile=${filesMax}:${filesMax}`, ...command], {
    cwd: tmpdir(),
    env: {
      ...{ PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: panel.databaseUrl },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let logged = '';
  child.stderr.on('data', (chunk) => {
    logged += chunk;
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url } = JSON.parse(line);
  const call = async (link: string) => {
    const fields = { key, action: 'add', service, link, quantity: '100', request_id: link };
    const body = new URLSearchParams(fields);
    const response = await fetch(`${url}/api/v2`, { method: 'POST', body }).catch(() => undefined);
    return response === undefined ? undefined : Object(await response.json()).order;
  };
  assert.equal(typeof (await call('https://e.example/before')), 'number');
  const sockets = Array.from({ length: socketsMax }, () => hold(Number(new URL(url).port)));
  const letGo = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(letGo);
  await until('the server has turned some away', async () =>
    sockets.some((socket) => socket.destroyed),
  );
  assert.equal(typeof (await call('https://e.example/during')), 'number');
  // Its sessions with the database end: there is room to open others.
  await panel.owner.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.catch(() => {});
  await until('an order is taken in a new session', async () => {
    return typeof (await call('https://e.example/again')) === 'number';
  });
  assert(
    sockets.some((socket) => !socket.destroyed),
    'callers still hold connections',
  );
  assert.match(logged, /turning callers away; a higher ulimit -n allows more/);
  letGo();
  await until('orders are taken again', async () => {
    return typeof (await call('https://e.example/after')) === 'number';
  });
  await panel.verify();
});
