import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setRoutes } from '../../src/catalog/index.ts';
import { addProvider } from '../../src/providers/index.ts';
import { makeService, staff } from '../factories.ts';
import type { FakeUpstream } from '../fake-upstream.ts';
import { isSpread, type TestPanel, testSecret } from '../harness.ts';
import type { FastClock, WorkerSettings } from './worker-process.ts';

/** A worker that is a process of its own. */
export type WorkerProcess = {
  signal: (name: NodeJS.Signals) => void;
  /** Sends the signal and answers the exit code; null when the signal itself ended it. */
  end: (name: NodeJS.Signals) => Promise<number | null>;
};

const entry = fileURLToPath(new URL('../../bin/panelwright.js', import.meta.url));
const fastProgram = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const children = new Set<ChildProcess>();
const untilEveryMs = 20;
/** In a cluster every look of a worker goes to all shards; on a faster clock no core is idle. */
const untilMaxMs = isSpread ? 300_000 : 60_000;

/** Starts `panelwright serve --role worker` and resolves when it works. */
export function startWorkerProcess(panel: TestPanel): Promise<WorkerProcess> {
  const environment = {
    ...nodeEnvironment(),
    LOG_LEVEL: 'silent',
    DATABASE_URL: panel.databaseUrl,
    PANELWRIGHT_SECRET: testSecret,
    PANELWRIGHT_PRIVATE_ADDRESSES: 'allow',
  };
  return started([entry, 'serve', '--role', 'worker', '--json'], environment);
}

/** Starts a worker on a clock that goes faster. */
export function startFastWorker(panel: TestPanel, clock: FastClock): Promise<WorkerProcess> {
  const { databaseUrl } = panel;
  const settings: WorkerSettings = { databaseUrl, secret: testSecret, clock };
  return started([fastProgram, JSON.stringify(settings)], nodeEnvironment());
}

/** What every process has; with the compile cache of the test run it starts sooner. */
function nodeEnvironment(): Record<string, string | undefined> {
  return { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
}

async function started(
  command: readonly string[],
  env: Record<string, string | undefined>,
): Promise<WorkerProcess> {
  const child: ChildProcess = spawn(process.execPath, command, {
    cwd: tmpdir(),
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.add(child);
  const ended = once(child, 'exit');
  assert(child.stdout);
  const early = ended.then(() => Promise.reject(new Error('the worker did not start')));
  await Promise.race([once(child.stdout, 'data'), early]);
  early.catch(() => {});
  child.stdout.resume();
  return {
    signal: (name) => {
      child.kill(name);
    },
    end: async (name) => {
      child.kill(name);
      await ended;
      return child.exitCode;
    },
  };
}

/** Ends whatever worker a failed test has left; call it in `after`. */
export async function killWorkers(): Promise<void> {
  const running = [...children].filter((one) => one.exitCode === null && one.signalCode === null);
  const ended = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ended);
}

/** Looks again and again until it is so; fails when it takes too long. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + untilMaxMs;
  while (!(await check())) {
    if (performance.now() > deadline) assert.fail(`it took too long: ${what}`);
    await delay(untilEveryMs);
  }
}

/** Looks until somebody in the panel's database waits for a lock. */
export async function untilBlocked(panel: TestPanel): Promise<void> {
  await until('somebody waits for a lock', async () => {
    const [row] = await panel.owner.sql`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return row?.count > 0;
  });
}

/** Holds a row, lets the work run into it, and asks whether it holds the other row by then. */
export async function whileHeld(
  panel: TestPanel,
  { held, work, free }: { held: string; work: () => Promise<unknown>; free: string },
): Promise<void> {
  let working: Promise<unknown> = Promise.resolve();
  await panel.owner.sql.begin(async (session) => {
    await session.unsafe(held);
    working = work();
    working.catch(() => {});
    await untilBlocked(panel);
    await session.unsafe(`${free} nowait`);
  });
  await working;
}

/** Makes a fake upstream that is a process a provider, and sells its plain service. */
export async function sellFrom(
  panel: TestPanel,
  upstream: FakeUpstream,
  options: {
    name: string;
    addTimeoutMs?: number;
    dripfeed?: boolean;
    requestIdField?: string;
  },
) {
  const { dripfeed = false, requestIdField } = options;
  const providerId = await addProvider(panel.app, staff, {
    name: options.name,
    url: upstream.url,
    key: upstream.key,
    callsPerMinuteMax: 6_000_000,
    addTimeoutMs: options.addTimeoutMs ?? 5_000,
    ...(requestIdField === undefined ? {} : { requestIdField }),
  });
  const service = await makeService(panel, { rate: '5', dripfeed });
  const routes = [{ providerId, externalId: '1' }];
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  await panel.app.catalog.refresh();
  return { providerId, service };
}

/** How many deliveries of a panel are in each state. */
export async function deliveryStates(panel: TestPanel): Promise<Record<string, number>> {
  const rows = await panel.owner.sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from deliveries group by state`;
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
