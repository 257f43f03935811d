import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Log, minuteMs } from '../../base/index.ts';
import { type Keeper, keeperName, leaverName } from './client.ts';
import type { Layout } from './layout.ts';
import { inspect, isRunning, type Postmaster } from './postmaster.ts';
import type { Up } from './start.ts';

/** Backends of a pool just closed vanish within milliseconds; on a busy machine, within seconds. */
const leaveGraceMs = 5_000;
/** A fast shutdown writes one checkpoint. */
const stopTimeoutMs = 2 * minuteMs;
const pollMs = 20;

/**
 * The last one out turns off the lights: ends the server unless another client is connected. The
 * rule is the same whether this process started the server or adopted it.
 * @throws AppError `conflict` when the shutdown takes longer than its limit; it goes on by itself
 */
export async function leave(up: Up, layout: Layout, log: Log): Promise<void> {
  const { keeper, postmaster } = up;
  const fields = { pid: postmaster.pid };
  try {
    const company = await lookAround(keeper);
    if (company === 'others') {
      log.info(fields, 'the embedded database stays up: another client uses it');
      return;
    }
    const found = await inspect(layout);
    // Its files were deleted under it: there is nothing to write a checkpoint to.
    if (found.state === 'none' && isRunning(postmaster, layout)) {
      process.kill(postmaster.pid, 'SIGQUIT');
      return;
    }
    // Another one who left may have ended it, and a third may have started a new one since.
    if (found.state !== 'running' || found.postmaster.pid !== postmaster.pid) return;
    // Without an answer it is not ours to end, unless it is ending already.
    if (company === 'unknown' && found.postmaster.status !== 'stopping') return;
    process.kill(postmaster.pid, 'SIGINT');
    await keeper.end({ timeout: 0 });
    await waitUntilGone(postmaster, layout);
    log.info(fields, 'the embedded database has stopped');
  } finally {
    await keeper.end({ timeout: 0 });
  }
}

/**
 * Two that leave at the same moment do not hold the server up for each other, because both say
 * first that they leave. When both then end it, the second finds nothing left to do.
 */
async function lookAround(keeper: Keeper): Promise<'nobody' | 'others' | 'unknown'> {
  try {
    await keeper`select set_config('application_name', ${leaverName}, false)`;
    const deadlineMs = performance.now() + leaveGraceMs;
    for (;;) {
      const others = await countOthers(keeper);
      if (others.keepers > 0) return 'others';
      if (others.clients === 0) return 'nobody';
      if (performance.now() > deadlineMs) return 'others';
      await delay(pollMs);
    }
  } catch {
    // The connection broke: the server goes down by another hand, or recovers from a crash.
    return 'unknown';
  }
}

async function countOthers(keeper: Keeper): Promise<{ keepers: number; clients: number }> {
  const [row] = await keeper<{ keepers: number; clients: number }[]>`
    select count(*)::int as clients,
      (count(*) filter (where application_name = ${keeperName}))::int as keepers
    from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()
      and application_name <> ${leaverName}`;
  return row ?? { keepers: 0, clients: 0 };
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
