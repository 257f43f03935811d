import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { FailpointName } from '../../src/base/index.ts';
import { announcePost } from '../../src/orders/index.ts';
import { staff } from '../../tests/factories.ts';
import type { Scene } from './crash.ts';
import type { Kill } from './figures.ts';
import type { Wish } from './load.ts';
import type { Strike } from './plan.ts';
import { passers } from './points.ts';
import type { Victim } from './processes.ts';
import { strikeCommand } from './staff.ts';

/** A point that nobody comes by in this time is given up, and the kill is one at random. */
const reachMaxMs = 5_000;
const holdMs = 400;
const announceEveryMs = 100;
const lookEveryMs = 5;
const recoverMaxMs = 60_000;
let posts = 0;

/**
 * Kills once and resolves when it works again.
 * @throws Error when it does not, or when something else has died
 */
export async function strike(scene: Scene, next: Strike): Promise<Kill> {
  const { kind, point } = next;
  scene.load.wish(wishFor(point));
  const kill = await within(recoverMaxMs + reachMaxMs, carryOut(scene, next));
  if (kill === undefined) throw new Error(`no recovery from ${kind} at ${point ?? 'random'}`);
  for (const victim of [scene.api, scene.worker]) {
    if (!victim.isAlive()) throw new Error(`the ${victim.role} ended by itself`);
  }
  return kill;
}

function carryOut(scene: Scene, next: Strike): Promise<Kill> {
  switch (next.kind) {
    case 'api':
    case 'worker':
      return strikeProcess(scene, next, next.kind);
    case 'command':
      return strikeCommand(scene, next);
    case 'backend':
    case 'database':
      return strikeDatabase(scene, next, next.kind);
  }
}

async function strikeProcess(scene: Scene, next: Strike, role: Victim['role']): Promise<Kill> {
  const { point, nth, afterMs } = next;
  const victim = scene[role];
  let isReached = true;
  if (point === undefined) {
    await delay(afterMs);
    victim.kill();
  } else {
    victim.set(`${point}=kill@${nth}`);
    isReached = await comeBy(scene, point, victim.ended);
    victim.kill();
  }
  await victim.ended;
  const sentBytes = statSync(scene.stage.journalFile).size;
  const killedMs = performance.now();
  scene.replace(role);
  if (role === 'api') await scene.load.answers();
  else await untilSent(scene, sentBytes);
  return asKill(next, { isReached, killedMs });
}

/** A worker works when the upstream gets an order again. */
async function untilSent({ stage }: Scene, bytes: number): Promise<void> {
  while (statSync(stage.journalFile).size === bytes) await delay(lookEveryMs);
}

async function strikeDatabase(
  scene: Scene,
  next: Strike,
  what: 'backend' | 'database',
): Promise<Kill> {
  const { point, nth, afterMs } = next;
  let isReached = true;
  if (point === undefined) await delay(afterMs);
  else {
    const victim = scene[passers[point] === 'worker' ? 'worker' : 'api'];
    const reached = victim.reached();
    victim.set(`${point}=delay:${holdMs}@${nth}`);
    isReached = await comeBy(scene, point, reached);
  }
  // All sessions end with the one that is killed; this one tells when.
  const lost = scene.stage.read(sql`select pg_sleep(60)`).then(
    () => {
      throw new Error('the database did not notice');
    },
    () => {},
  );
  const pid = what === 'backend' ? await chooseBackend(scene) : await findPostmaster(scene);
  const killedMs = performance.now();
  process.kill(pid, 'SIGKILL');
  await lost;
  await scene.load.answers();
  return asKill(next, { isReached, killedMs });
}

/** One in the middle of a transaction if there is one. */
async function chooseBackend({ stage }: Scene): Promise<number> {
  const [row] = await stage.read(sql<{ pid: number }>`
    select pid from pg_stat_activity
    where application_name = 'panelwright' and pid <> pg_backend_pid()
      and query not like '%pg_sleep%'
    order by state like 'idle in transaction%' desc, state = 'active' desc, random() limit 1`);
  if (row === undefined) throw new Error('the database has no session of ours');
  return row.pid;
}

/** The database's first process; where it is being put up again, the one that comes. */
async function findPostmaster({ stage }: Scene): Promise<number> {
  const file = join(stage.dataDir, 'postgres', 'postmaster.pid');
  const deadlineMs = performance.now() + reachMaxMs;
  while (!existsSync(file) && performance.now() < deadlineMs) await delay(10);
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

/** Waits until a process comes by a point, and has callers do what brings it there. */
async function comeBy(scene: Scene, point: FailpointName, reached: Promise<void>) {
  const signal = new AbortController();
  const announcing = point.startsWith('post.') ? announce(scene, signal.signal) : undefined;
  const isReached =
    (await within(
      reachMaxMs,
      reached.then(() => true),
    )) ?? false;
  signal.abort();
  await announcing;
  return isReached;
}

async function announce({ stage }: Scene, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    posts += 1;
    const link = `https://crash.example/post/${posts}`;
    // The database may be away; the next post comes soon.
    await announcePost(stage.app, staff, { orderId: stage.subscription, link }).catch(() => {});
    await delay(announceEveryMs);
  }
}

function wishFor(point: FailpointName | undefined): Wish {
  const [area] = point?.split('.') ?? [];
  if (area === 'refill' || area === 'cancel') return area;
  return area === 'runs' ? 'drip' : 'order';
}

function asKill(
  { kind, point }: Strike,
  { isReached, killedMs }: { isReached: boolean; killedMs: number },
): Kill {
  const recoveryMs = Math.round(performance.now() - killedMs);
  const at = isReached && point !== undefined ? point : 'random';
  return { kind, at, recoveryMs, ...(isReached ? {} : { missed: point }) };
}

/** What a promise resolves to, or undefined when that takes too long. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timeout = new AbortController();
  const late = delay(ms, undefined, { signal: timeout.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timeout.abort();
  }
}
