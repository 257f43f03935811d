import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog, systemClock } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { openRuntime } from '../../src/runtime/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';

// Where this process may make a control group, the server and its database run in one with this
// limit, and are ended by the kernel beyond it: under `ulimit -d` and `-v` V8 does not start.
// Everywhere what they use at most is counted.

const limitBytes = 512 * 1024 * 1024;
const callers = 32;
const callsEach = 20;
const idsPerCall = 100;
const entry = fileURLToPath(new URL('../../bin/panelwright.js', import.meta.url));

/** A customer and a service in a new data directory. */
async function seed(dataDir: string): Promise<{ key: string; service: number }> {
  const runtime = await openRuntime({
    ...{ databaseUrl: undefined, dataDir, databaseUser: 'nobody', connectionsMax: 4 },
    ...{ clock: systemClock, log: silentLog },
  });
  const { app } = runtime;
  const { customerId, key } = await makeCustomer(runtime, { funds: '10000' });
  await updateCustomer(app, staff, { customerId, changes: { callsPerSecondMax: 100_000 } });
  const service = await makeService(runtime, { rate: '1' });
  await runtime.close();
  return { key, service };
}

/** In bytes: the most a process has had resident, and what it has for itself and its share now. */
function memoryOf(pid: number): { peak: number; share: number } {
  const read = (file: string, name: string) => {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
    return 1024 * Number(new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(text)?.[1]);
  };
  return { peak: read('status', 'VmHWM'), share: read('smaps_rollup', 'Pss') };
}

/** A control group with the limit, of version 1 or 2; undefined where none may be made. */
function openLimitedGroup(): string | undefined {
  const own = `panelwright-test-${process.pid}`;
  for (const [root, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    if (!existsSync(root)) continue;
    const group = join(root, own);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(group, limit), String(limitBytes));
      return group;
    } catch {
      rmdirSync(group);
    }
  }
  return undefined;
}

/** A command that moves itself to a control group, and whatever it starts. */
function inGroup(group: string | undefined, command: readonly string[]): [string, string[]] {
  const [program = '', ...args] = command;
  if (group === undefined) return [program, args];
  const move = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  return ['sh', ['-c', move, group, program, ...args]];
}

/** The server of a cluster and its children. */
function databasePids(dataDir: string): number[] {
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.map(Number).filter((pid) => {
    if (pid === postmaster) return true;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === postmaster;
    } catch {
      return false;
    }
  });
}

function shareOf(pid: number): number {
  try {
    return memoryOf(pid).share;
  } catch {
    return 0;
  }
}

test('a server under load and its database stay below 512 MiB together', {
  skip: process.platform !== 'linux' && 'memory is read from /proc',
}, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'panelwright-memory-'));
  const dataDir = join(root, 'data');
  const { key, service } = await seed(dataDir);
  const group = openLimitedGroup();
  t.diagnostic(group === undefined ? 'without a limit: no control group' : 'under the limit');
  const child = spawn(...inGroup(group, [process.execPath, entry, 'serve', '--json']), {
    cwd: root,
    env: {
      ...{ PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', NODE_ENV: 'production' },
      PANELWRIGHT_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
    if (group !== undefined) rmdirSync(group);
    rmSync(root, { recursive: true, force: true });
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { apiUrl } = JSON.parse(line);
  const call = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({ key, ...fields });
    const response = await fetch(apiUrl, { method: 'POST', body });
    assert.equal(response.status, 200);
    return Object(await response.json());
  };
  const orders: number[] = [];
  const run = async (caller: number) => {
    for (let count = 0; count < callsEach; count += 1) {
      const link = `https://e.example/${caller}/${count}`;
      const fields = { action: 'add', service: String(service), link, quantity: '100' };
      orders.push((await call(fields)).order);
      await call({ action: 'status', orders: orders.slice(-idsPerCall).join(',') });
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => run(caller)));
  const database = databasePids(dataDir).map(shareOf);
  const total = database.reduce((sum, share) => sum + share, memoryOf(child.pid ?? 0).peak);
  assert.equal(orders.length, callers * callsEach);
  assert(database.length > 1, 'the database was found');
  assert(total < limitBytes, `${Math.round(total / 1024 / 1024)} MiB`);
  t.diagnostic(`${Math.round(total / 1024 / 1024)} MiB at most`);
});
