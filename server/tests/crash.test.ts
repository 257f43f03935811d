import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ServiceId } from '../src/base/index.ts';
import { updateCustomer } from '../src/customers/index.ts';
import { runCrashes } from '../trials/crash/crash.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';
import { createRandom } from './random.ts';

const entry = fileURLToPath(new URL('../bin/panelwright.js', import.meta.url));
const stormers = 24;

let panel: TestPanel;
let service: ServiceId;
const servers: ChildProcess[] = [];
before(async () => {
  panel = await openTestPanel();
  service = await makeService(panel, { rate: '1' });
});
after(async () => {
  await Promise.all(servers.map(kill));
  await panel.close();
});

type Server = { child: ChildProcess; url: string };

/** A server process of its own; resolves once it answers. */
async function startServer(env: Record<string, string>): Promise<Server> {
  const child = spawn(process.execPath, [entry, 'serve', '--json'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(child);
  let text = '';
  const banner = await new Promise<unknown>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text));
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, url: Object(banner).url };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What callers know: orders that were answered, and links whose call got no answer. */
type Storm = {
  answered: Map<string, number>;
  unanswered: string[];
  /** Resolves when that many were answered in all. */
  reach: (count: number) => Promise<void>;
  stop: () => Promise<void>;
};

type Caller = { url: string; key: string; service: number; name: string };

async function add(caller: Caller, link: string): Promise<number | undefined> {
  const fields = { key: caller.key, action: 'add', service: String(caller.service), link };
  const body = new URLSearchParams({ ...fields, quantity: '100', request_id: link });
  const response = await fetch(`${caller.url}/api/v2`, { method: 'POST', body }).catch(() => null);
  if (response === null) return undefined;
  const reply: unknown = await response.json().catch(() => null);
  const order: unknown = Reflect.get(Object(reply), 'order');
  assert(typeof order === 'number' || response.status !== 200, JSON.stringify(reply));
  return typeof order === 'number' ? order : undefined;
}

/** Callers that add one order after the other, each on a link of its own, until stopped. */
function startStorm(caller: Caller): Storm {
  const answered = new Map<string, number>();
  const unanswered: string[] = [];
  const waiters: { count: number; resolve: () => void }[] = [];
  let isStopped = false;
  let next = 0;
  const run = async () => {
    while (!isStopped) {
      next += 1;
      const link = `https://${caller.name}.example/${next}`;
      const order = await add(caller, link);
      if (order === undefined) unanswered.push(link);
      else answered.set(link, order);
      for (const waiter of waiters) if (answered.size >= waiter.count) waiter.resolve();
    }
  };
  const runs = Array.from({ length: stormers }, run);
  return {
    answered,
    unanswered,
    // A caller that fails its own check ends the wait too.
    reach: async (count) => {
      const reached = new Promise<void>((resolve) => waiters.push({ count, resolve }));
      await Promise.race([reached, Promise.all(runs)]);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(runs);
    },
  };
}

/** Fails unless what was answered is there as answered, and what was not is whole or absent. */
async function assertTruthful(caller: Caller, storm: Storm): Promise<void> {
  const rows = await panel.owner.sql<{ id: bigint; link: string }[]>`
    select id, link from orders where link like ${`https://${caller.name}.example/%`}`;
  const stored = new Map(rows.map((row) => [row.link, Number(row.id)]));
  assert.equal(rows.length, stored.size, 'no link was ordered twice');
  for (const [link, order] of storm.answered) assert.equal(stored.get(link), order);
  await panel.verify();
  // Whoever got no answer asks again under the same request_id and gets the one order.
  for (const link of storm.unanswered.slice(0, 50)) {
    const order = await add(caller, link);
    assert.equal(typeof order, 'number');
    assert.equal(order, stored.get(link) ?? order);
  }
  await panel.verify();
}

async function makeCaller(name: string): Promise<Omit<Caller, 'url'>> {
  const { customerId, key } = await makeCustomer(panel, { funds: '1000000' });
  await updateCustomer(panel.app, staff, { customerId, changes: { callsPerSecondMax: 100_000 } });
  return { key, service, name };
}

test('a server whose sessions are all ended goes on and tells the truth', async () => {
  const caller = await makeCaller('sessions');
  const server = await startServer({ DATABASE_URL: panel.databaseUrl });
  const storm = startStorm({ ...caller, url: server.url });
  for (const count of [100, 200, 300, 400]) {
    await storm.reach(count);
    await panel.owner.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
  }
  await storm.reach(600);
  await storm.stop();
  assert.equal(server.child.exitCode, null, 'the process lives');
  await assertTruthful({ ...caller, url: server.url }, storm);
  await kill(server.child);
});

test('a server told to stop under load answers all that it has taken', async () => {
  const caller = await makeCaller('stopped');
  const server = await startServer({ DATABASE_URL: panel.databaseUrl });
  const storm = startStorm({ ...caller, url: server.url });
  await storm.reach(200);
  const ended = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  await ended;
  assert.equal(server.child.exitCode, 0);
  await storm.stop();
  const rows = await panel.owner.sql<{ link: string }[]>`
    select link from orders where link like 'https://stopped.example/%'`;
  const untold = rows.filter(({ link }) => !storm.answered.has(link));
  assert.deepEqual(untold, []);
  assert.equal(rows.length, storm.answered.size);
  await panel.verify();
});

test('kills of the API, a worker and the database lose, halve and double nothing', async () => {
  const struck = { nth: 1, afterMs: 50 };
  const { kills } = Object(
    await runCrashes({
      strikes: [
        { kind: 'api', point: 'place.after_debit', ...struck },
        { kind: 'worker', point: 'forward.after_send', ...struck },
        { kind: 'database', point: undefined, ...struck },
      ],
      random: createRandom(1),
      signal: new AbortController().signal,
      progress: () => {},
      settles: false,
    }),
  );
  assert.equal(kills, 3);
});
