import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findFreePort } from './panel.ts';
import { formBody, randomWhole } from './seed.ts';

export type Launched = {
  /** From the start of `npm start` until the first order was answered. */
  ms: number;
  key: string;
  rssMiB: number;
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const startTimeoutMs = 60_000;
/** A worker ends what it has begun, and the database writes its last checkpoint. */
const stopTimeoutMs = 150_000;
const pollMs = 5;
const accepted = /^\{"order":[0-9]+\}$/;
const banner = z.object({ demo: z.object({ key: z.string() }).nullable() });

/**
 * Runs `npm start` on a data directory until the first order is answered, and stops it cleanly.
 * @param key of a customer; of a demo that this start makes it is read from what is printed
 * @param dataDir as for the server
 */
export async function launchOnce(
  dataDir: string,
  { key, signal }: { key?: string; signal: AbortSignal },
): Promise<Launched> {
  const port = await findFreePort();
  const startedMs = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', '--json'], {
    cwd: root,
    // Of its own group: npm does not pass every signal on.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...{ HOST: '127.0.0.1', PORT: String(port), PANELWRIGHT_DATA_DIR: dataDir },
      ...{ DATABASE_URL: '', LOG_LEVEL: 'error', NODE_ENV: '' },
    },
  });
  const group = child.pid;
  if (group === undefined) throw new Error('npm cannot be started');
  const ended = once(child, 'exit');
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const keyNow = () => key ?? readKey(printed);
  try {
    while (!(await order(port, keyNow()))) {
      signal.throwIfAborted();
      if (child.exitCode !== null || performance.now() - startedMs > startTimeoutMs) {
        throw new Error(`no order was answered: ${printed.slice(-1_000)}`);
      }
      await delay(pollMs);
    }
    const ms = performance.now() - startedMs;
    return { ms, key: keyNow() ?? '', rssMiB: readGroupRssMiB(group) };
  } finally {
    process.kill(-group, 'SIGTERM');
    await ended;
    await untilStopped(dataDir);
  }
}

async function order(port: number, key: string | undefined): Promise<boolean> {
  if (key === undefined) return false;
  const link = `https://example.com/p/${randomWhole(1, 1_000_000_000)}`;
  const body = formBody({ key, action: 'add', service: 1, link, quantity: 100 });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v2`, {
      method: 'POST',
      headers,
      body,
    });
    const text = await response.text();
    if (!accepted.test(text)) throw new Error(`the first order was answered ${text}`);
    return true;
  } catch (error) {
    // Until it listens, nobody answers.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function readKey(printed: string): string | undefined {
  const line = /^\{.*\}$/m.exec(printed)?.[0];
  if (line === undefined) return undefined;
  return banner.parse(JSON.parse(line)).demo?.key;
}

/** The largest process of npm's own session, which is the server. */
function readGroupRssMiB(group: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-g', String(group)], { encoding: 'utf8' });
  return Math.max(0, ...(stdout ?? '').trim().split(/\s+/).map(Number)) / 1024;
}

/** The database is the last to go. */
async function untilStopped(dataDir: string): Promise<void> {
  const deadlineMs = performance.now() + stopTimeoutMs;
  while (existsSync(join(dataDir, 'postgres', 'postmaster.pid'))) {
    if (performance.now() > deadlineMs) throw new Error('the server did not stop');
    await delay(pollMs);
  }
}
