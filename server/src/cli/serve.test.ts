import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  runCommand,
  runPanelwright,
  type Spawned,
  spawnPanelwright,
  waitForOutput,
} from './fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'panelwright-serve-'));
const dataDir = join(root, 'data');
const env = { DATABASE_URL: '', PANELWRIGHT_DATA_DIR: dataDir, HOST: '', PORT: '0' };
const started: Spawned[] = [];

after(async () => {
  for (const { child, ended } of started) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  }
  rmSync(root, { recursive: true, force: true });
});

function serve(...args: string[]): Spawned {
  const spawned = spawnPanelwright(['serve', ...args], env);
  started.push(spawned);
  return spawned;
}

function postmasterPid(): number {
  const [first] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(first);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process whose parent was killed keeps its id until init has taken notice. */
async function waitUntilGone(pid: number): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (isAlive(pid)) {
    assert(performance.now() < deadlineMs, `process ${pid} is left`);
    await delay(20);
  }
}

async function call(url: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  return response.text();
}

test('the printed line orders; a killed server starts again; a signal ends all', async () => {
  const first = serve();
  const [, url = '', form = ''] = await waitForOutput(first, /curl (\S+) (-d .*)\n/);
  const fields = Object.fromEntries(
    [...form.matchAll(/-d ([^=]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  assert.equal(await call(url, fields), '{"order":1}');
  const pid = postmasterPid();

  first.child.kill('SIGKILL');
  await first.ended;
  assert(isAlive(pid));
  const second = serve();
  const [, base = ''] = await waitForOutput(second, /running at (\S+)[\s\S]*keys create/);
  assert.equal(postmasterPid(), pid);
  const key = fields.key ?? '';
  assert(!second.output.stdout.includes(key));
  const status = await call(`${base}/api/v2`, { key, action: 'status', order: '1' });
  assert.match(status, /"status":"(Pending|In progress|Completed)"/);

  // npm passes on a Ctrl-C that the terminal has sent to its child already.
  second.child.kill('SIGINT');
  second.child.kill('SIGINT');
  assert.equal((await second.ended).code, 0);
  await waitUntilGone(pid);
});

/** Asks over connections of its own; answers the status, or how the connection broke. */
function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent, timeout: 2_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(error.message));
  });
}

/** The processes that have said so far that they answer, in the order in which they did. */
function answering({ output }: Spawned): { number: number; pid: number }[] {
  const lines = output.stderr.split('\n').filter((line) => line.includes('a process answers'));
  return lines.map((line) => JSON.parse(line));
}

test('two processes share a port; one dies, is replaced, costs the other no call', async (t) => {
  const server = serve('--role', 'api', '--processes', '2', '--json');
  const [banner] = await waitForOutput(server, /^.*\n$/);
  const { url } = JSON.parse(banner);
  const agents = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => agents.forEach((agent) => void agent.destroy()));
  const [one, two] = agents;
  assert(one !== undefined && two !== undefined);
  assert.deepEqual(await Promise.all(agents.map((agent) => ask(`${url}/api/v2`, agent))), [
    '200',
    '200',
  ]);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const number of [1, 2]) {
    const labels = `action="none",outcome="refused",process="${number}"`;
    assert(metrics.includes(`\npanelwright_api_calls_total{${labels}} 1\n`), metrics);
  }
  const states = metrics.split('\n').filter((line) => line.includes('_provider_state{'));
  assert(states.length > 0);
  assert.equal(new Set(states).size, states.length);

  const [first, second] = answering(server);
  assert(first !== undefined && second !== undefined);
  process.kill(first.pid, 'SIGKILL');
  const seen: string[][] = [];
  const deadlineMs = performance.now() + 30_000;
  while (answering(server).length < 3) {
    assert(performance.now() < deadlineMs, `not replaced: ${server.output.stderr}`);
    seen.push(await Promise.all(agents.map((agent) => ask(`${url}/readyz`, agent))));
  }
  const third = answering(server)[2];
  assert.equal(third?.number, first.number);
  // Each connection is one process's; that of the other answered every call.
  const broken = agents.filter((_, at) => seen.some((answers) => answers[at] !== '200'));
  assert(broken.length <= 1, JSON.stringify(seen));
  assert(seen.length > 0);

  const pid = postmasterPid();
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
  for (const gone of [pid, second.pid, third?.pid ?? 0]) await waitUntilGone(gone);
});

test('what --processes can not be is refused with what to change', async () => {
  const refusals: [string[], RegExp][] = [
    [['--processes', '0'], /--processes is a whole number from 1 to 64/],
    [['--processes', '65'], /--processes is a whole number from 1 to 64/],
    [['--processes', 'many'], /--processes is a whole number from 1 to 64/],
    [['--processes', '2', '--role', 'worker'], /use --role api or all/],
    [['--processes', '2', '--demo'], /leave out --processes/],
  ];
  for (const [args, reason] of refusals) {
    const { code, stderr } = await runCommand(['serve', ...args], env);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, reason);
  }
});

test('more processes than the database has connections for are refused', async () => {
  const { code, stderr } = await runPanelwright(['serve', '--processes', '8'], env);
  assert.equal(code, 1);
  assert.match(stderr, /8 processes .* need 122 .* allows 97: set DATABASE_CONNECTIONS to 8, /);
  assert(!readdirSync(join(dataDir, 'postgres')).includes('postmaster.pid'));
});

test('a command alone starts the database and takes it along', async () => {
  const { code, stdout, stderr } = await runPanelwright(['verify', '--json'], env);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).ok, true);
  assert(!readdirSync(join(dataDir, 'postgres')).includes('postmaster.pid'));
});

test('a port that is taken ends the server with what to change, and the database', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const port = String(Object(holder.address()).port);
  const { code, stderr } = await runPanelwright(['serve'], { ...env, PORT: port });
  assert.equal(code, 1);
  assert(stderr.endsWith(`error: port ${port} is taken; set PORT to another\n`), stderr);
  assert(!readdirSync(join(dataDir, 'postgres')).includes('postmaster.pid'));
});

test('after a first start on a port that is taken, the next one shows the logins', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const port = String(Object(holder.address()).port);
  const fresh = { ...env, PANELWRIGHT_DATA_DIR: join(root, 'first') };
  assert.equal((await runPanelwright(['serve'], { ...fresh, PORT: port })).code, 1);
  const second = spawnPanelwright(['serve', '--json'], fresh);
  started.push(second);
  const [text] = await waitForOutput(second, /^.*\n$/);
  const { demo } = JSON.parse(text);
  assert.match(demo.key, /^pw/);
  assert.match(demo.logins.operator.email, /@/);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).code, 0);
});

test('a demo leaves nothing behind', async () => {
  const temporary = mkdtempSync(join(root, 't'));
  const settings = { ...env, TMPDIR: temporary, NODE_ENV: 'production' };
  const demo = spawnPanelwright(['serve', '--demo', '--json'], settings);
  started.push(demo);
  const [text] = await waitForOutput(demo, /^.*\n$/);
  const { apiUrl, demo: seeded } = JSON.parse(text);
  const balance = await call(apiUrl, { key: seeded.key, action: 'balance' });
  assert.equal(balance, '{"balance":"100.00","currency":"USD"}');
  demo.child.kill('SIGTERM');
  assert.equal((await demo.ended).code, 0);
  assert.deepEqual(readdirSync(temporary), []);
});

test('in production an empty database stays empty', async () => {
  const production = spawnPanelwright(['serve'], {
    ...env,
    PANELWRIGHT_DATA_DIR: join(root, 'production'),
    NODE_ENV: 'production',
  });
  started.push(production);
  await waitForOutput(production, /no customer yet:\n.*customers create/);
  production.child.kill('SIGTERM');
  assert.equal((await production.ended).code, 0);
});
