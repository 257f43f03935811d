import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Log, minuteMs } from '../../base/index.ts';
import { chooseAccount, giveCluster } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type ConnectionTarget, type Keeper, openKeeper, readTarget } from './client.ts';
import { createCluster } from './cluster.ts';
import { type Launch, launch } from './launch.ts';
import { clusterExists, type Layout } from './layout.ts';
import { inspect, type Postmaster, setAsideStaleLocks } from './postmaster.ts';

export type EmbeddedOptions = {
  /** The panel's data directory; the cluster is its folder `postgres`. */
  dataDir: string;
  log: Log;
  /** Where `initdb` and `postgres` are. Default: the npm package of this platform. */
  binDir?: string;
  /** As root: who runs a new cluster. An existing one is run by its owner. Default `nobody`. */
  runAs?: string;
  /** Further PostgreSQL settings. A server that is adopted keeps those it was started with. */
  settings?: Readonly<Record<string, string>>;
};

/** A server that takes connections, and our connection that says we use it. */
export type Up = { keeper: Keeper; target: ConnectionTarget; postmaster: Postmaster };

export type BringUp = {
  options: EmbeddedOptions;
  layout: Layout;
  /** Aborted when the caller leaves; bringing up then rejects. */
  signal: AbortSignal;
  onLost: () => void;
};

/** Recovery replays at most about 1 GB of log (`max_wal_size`), slowest on a spinning disk. */
const readyTimeoutMs = 5 * minuteMs;
/** Another start that has just replaced the pid file looks unseen for a moment. */
const unseenTimeoutMs = 10_000;
const pollMs = 20;

/**
 * Looks, acts, looks again, until the data directory's server is up and we are connected to it.
 * Every round judges afresh who holds the directory, so it does not matter who else is starting,
 * stopping or dying meanwhile.
 * @throws AppError as `startEmbedded` does
 */
export async function bringUp(input: BringUp): Promise<Up> {
  const { options, layout, signal } = input;
  const startedMs = performance.now();
  let ours: Launch | undefined;
  let seenMs = startedMs;
  while (performance.now() - startedMs < readyTimeoutMs) {
    signal.throwIfAborted();
    const found = await inspect(layout);
    if (found.state !== 'unseen') seenMs = performance.now();
    else if (performance.now() - seenMs > unseenTimeoutMs) throw unseen(layout, found.socket);
    if (found.state === 'none') ours = await startUnlessStarting(input, ours);
    const up = found.state === 'running' ? await tryConnect(input, found.postmaster) : undefined;
    if (up !== undefined) {
      const { pid } = up.postmaster;
      const how = ours?.pid === pid ? 'started' : 'adopted';
      const ms = Math.round(performance.now() - startedMs);
      options.log.info({ pid, how, ms }, 'the embedded database is ready');
      return up;
    }
    await delay(pollMs, undefined, { signal });
  }
  throw new AppError(
    'conflict',
    `the embedded database in ${layout.clusterDir} was not ready within ` +
      `${readyTimeoutMs / 1000} s (a recovery goes on by itself: start again later). ` +
      (ours?.logTail() ?? ''),
  );
}

function unseen(layout: Layout, socket: string): AppError {
  return new AppError(
    'conflict',
    `a PostgreSQL answers on ${socket}, as ${layout.pidFile} says, but is no process of this ` +
      'directory here: another container uses it, or it was copied from a running panel. Stop ' +
      'that one first; on a copy, remove the file',
  );
}

async function tryConnect(input: BringUp, postmaster: Postmaster): Promise<Up | undefined> {
  if (postmaster.status !== 'ready') return undefined;
  const target = readTarget(input.layout, postmaster.socketDir);
  const keeper = await openKeeper(target, input.onLost);
  return keeper === undefined ? undefined : { keeper, target, postmaster };
}

async function startUnlessStarting(input: BringUp, ours: Launch | undefined): Promise<Launch> {
  const { options, layout } = input;
  if (ours !== undefined) {
    if (!ours.ended()) return ours;
    refuseUnlessRace(ours);
  }
  const binDir = findBinaries(options.binDir);
  const account = chooseAccount(layout, binDir, options.runAs ?? 'nobody');
  if (account.prefix.length > 0) {
    const fields = { as: account.prefix.join(' ') };
    options.log.info(fields, 'PostgreSQL needs a capability to reach its files');
  }
  if (!clusterExists(layout)) await createCluster({ layout, account, binDir, log: options.log });
  giveCluster(account, layout);
  setAsideStaleLocks(layout);
  return launch({ layout, account, binDir, settings: options.settings ?? {} });
}

/**
 * Two failures pass by themselves: another start was first, or the last children of a killed
 * postmaster have not noticed yet that it is gone.
 */
function refuseUnlessRace(failed: Launch): void {
  const tail = failed.logTail();
  if (/lock file ".*" (already exists|is empty)/.test(tail)) return;
  if (/pre-existing shared memory block .* is still in use/.test(tail)) return;
  throw new AppError('conflict', `the embedded database did not start: ${tail}`);
}
