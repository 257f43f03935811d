import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Log, minuteMs } from '../../base/index.ts';
import { type Account, chooseAccount, giveCluster } from './account.ts';
import { findBinaries } from './binaries.ts';
import { type ConnectionTarget, type Keeper, openKeeper, readTarget } from './client.ts';
import { createCluster } from './cluster.ts';
import { type Launch, launch } from './launch.ts';
import { clusterExists, type Layout, layOut } from './layout.ts';
import { inspect, type Postmaster, setAsideStaleLocks } from './postmaster.ts';
import { leave } from './stop.ts';

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

export type EmbeddedServer = {
  target: ConnectionTarget;
  /** Ends the server unless another client still uses it. Close your own pool first. */
  stop: () => Promise<void>;
};

/** Recovery replays at most about 1 GB of log (`max_wal_size`), slowest on a spinning disk. */
const readyTimeoutMs = 5 * minuteMs;
const pollMs = 20;

/**
 * Gives the data directory's running server: adopts a living one, starts one, or creates the
 * cluster first. Any number of processes may call it at once; all get the same server.
 * @throws AppError `not_found` (no binaries), `not_allowed` (root, and nobody can reach the
 * files), `conflict` (PostgreSQL refused; the message ends with its log)
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const layout = layOut(options.dataDir);
  const { keeper, target } = await bringUp(options, layout);
  let left: Promise<void> | undefined;
  return {
    target,
    stop: () => {
      left ??= leave(keeper, layout, options.log);
      return left;
    },
  };
}

type Up = { keeper: Keeper; target: ConnectionTarget };

async function bringUp(options: EmbeddedOptions, layout: Layout): Promise<Up> {
  const deadlineMs = performance.now() + readyTimeoutMs;
  let ours: Launch | undefined;
  while (performance.now() < deadlineMs) {
    const found = await inspect(layout);
    if (found.state === 'running') {
      const up = await tryConnect(layout, found.postmaster);
      if (up !== undefined) {
        const how = ours === undefined ? 'adopted' : 'started';
        options.log.info({ pid: found.postmaster.pid, how }, 'the embedded database is ready');
        return up;
      }
    } else if (found.state === 'none' && (ours === undefined || ours.ended())) {
      if (ours !== undefined) refuseUnlessRace(ours);
      ours = await startOnce(options, layout);
    }
    await delay(pollMs);
  }
  throw new AppError(
    'conflict',
    `the embedded database in ${layout.clusterDir} was not ready within ${readyTimeoutMs / 1000} s ` +
      `(a long recovery goes on by itself; start again later): ${ours?.logTail() ?? ''}`,
  );
}

async function tryConnect(layout: Layout, postmaster: Postmaster): Promise<Up | undefined> {
  if (!postmaster.ready) return undefined;
  const target = readTarget(layout, postmaster.socketDir);
  const keeper = await openKeeper(target);
  return keeper === undefined ? undefined : { keeper, target };
}

async function startOnce(options: EmbeddedOptions, layout: Layout): Promise<Launch> {
  const binDir = findBinaries(options.binDir);
  const account: Account = chooseAccount(layout, binDir, options.runAs ?? 'nobody');
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
