import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Log, minuteMs } from '../../base/index.ts';
import type { Keeper } from './client.ts';
import type { Layout } from './layout.ts';
import { inspect, isRunning, type Postmaster } from './postmaster.ts';

/** Backends of connections just closed vanish within milliseconds; a slow machine gets more. */
const leaveGraceMs = 1000;
const leaveLockTimeoutMs = 10_000;
/** A fast shutdown writes one checkpoint. */
const stopTimeoutMs = 2 * minuteMs;
const pollMs = 20;
/** Any constant: whoever leaves holds this advisory lock, so two that leave at once take turns. */
const leaveLockId = 7_269_001;

/**
 * The last one out turns off the lights: ends the server unless another client is connected. The
 * rule is the same whether this process started the server or adopted it.
 * @throws AppError `conflict` when the shutdown takes longer than its limit; it goes on by itself
 */
export async function leave(keeper: Keeper, layout: Layout, log: Log): Promise<void> {
  try {
    if (await othersStay(keeper)) {
      log.info({}, 'the embedded database stays up: another client uses it');
      return;
    }
    const found = await inspect(layout);
    if (found.state !== 'running') return;
    process.kill(found.postmaster.pid, 'SIGINT');
    await keeper.end({ timeout: 0 });
    await waitUntilGone(found.postmaster, layout);
    log.info({ pid: found.postmaster.pid }, 'the embedded database has stopped');
  } finally {
    await keeper.end({ timeout: 0 });
  }
}

async function othersStay(keeper: Keeper): Promise<boolean> {
  try {
    await keeper.unsafe(`set lock_timeout = ${leaveLockTimeoutMs}`);
    await keeper`select pg_advisory_lock(${leaveLockId})`;
    const deadlineMs = performance.now() + leaveGraceMs;
    while (await countOthers(keeper)) {
      if (performance.now() > deadlineMs) return true;
      await delay(pollMs);
    }
    return false;
  } catch {
    // The server is going down or gone, or another one that leaves takes very long: no vote of ours.
    return true;
  }
}

async function countOthers(keeper: Keeper): Promise<number> {
  const rows = await keeper`
    select count(*)::int as n from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  return rows[0]?.n ?? 0;
}

async function waitUntilGone(postmaster: Postmaster, layout: Layout): Promise<void> {
  const deadlineMs = performance.now() + stopTimeoutMs;
  while (isRunning(postmaster, layout)) {
    if (performance.now() > deadlineMs) {
      throw new AppError(
        'conflict',
        `the embedded database is still shutting down after ${stopTimeoutMs / 1000} s`,
      );
    }
    await delay(pollMs);
  }
}
