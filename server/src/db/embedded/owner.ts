import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../base/index.ts';
import type { ConnectionTarget } from './client.ts';
import { clusterExists, type Layout, layOut } from './layout.ts';
import { bringUp, type EmbeddedOptions, type Up } from './start.ts';
import { leave } from './stop.ts';

export type EmbeddedServer = {
  target: ConnectionTarget;
  /** Ends the server unless another client still uses it. Close your own pool first. */
  stop: () => Promise<void>;
};

/** Soon at first, for what passes by itself; an hour in all, long enough to free a full disk. */
const restoreAttemptsMax = 730;
const restorePauseMinMs = 100;
const restorePauseMaxMs = 5_000;

/**
 * Gives the data directory's running server: adopts a living one, starts one, or creates the
 * cluster first. Any number of processes may call it at once; all get the same server. Until
 * `stop` is called, a server that goes away (killed, out of memory) is brought up again.
 * @throws AppError `not_found` (no binaries), `not_allowed` (no permission for the files),
 * `conflict` (PostgreSQL refused; the message ends with its log)
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  try {
    return await own(options, layOut(options.dataDir));
  } catch (error) {
    throw explainFiles(error, options.dataDir);
  }
}

async function own(options: EmbeddedOptions, layout: Layout): Promise<EmbeddedServer> {
  const leaving = new AbortController();
  let restored: Promise<Up | undefined> | undefined;
  const onLost = () => {
    if (leaving.signal.aborted) return;
    options.log.warn({}, 'lost the embedded database; bringing it up again');
    restored = restore();
  };
  const up = { options, layout, signal: leaving.signal, onLost };
  async function restore(): Promise<Up | undefined> {
    for (let attempt = 1; attempt <= restoreAttemptsMax; attempt += 1) {
      try {
        requireCluster(layout);
        return await bringUp(up);
      } catch (error) {
        if (leaving.signal.aborted) return undefined;
        const err = explainFiles(error, options.dataDir);
        options.log.error({ err, attempt }, 'the embedded database does not come up');
      }
      const pauseMs = Math.min(restorePauseMinMs * 2 ** (attempt - 1), restorePauseMaxMs);
      await delay(pauseMs, undefined, { signal: leaving.signal }).catch(() => {});
      if (leaving.signal.aborted) return undefined;
    }
    options.log.error({}, 'gave up on the embedded database');
    return undefined;
  }
  const first = await bringUp(up);
  const stop = async () => {
    leaving.abort();
    const current = restored === undefined ? first : await restored;
    if (current !== undefined) await leave(current, layout, options.log);
  };
  let stopped: Promise<void> | undefined;
  return {
    target: first.target,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * A cluster that was there and is not (a disk that is not mounted, a folder that was moved) must
 * not be replaced by an empty one under a running panel.
 */
function requireCluster(layout: Layout): void {
  if (clusterExists(layout)) return;
  throw new AppError(
    'not_found',
    `the database ${layout.clusterDir} is gone: put it back or mount its disk, and the panel ` +
      'goes on; or stop the panel and restore a backup',
  );
}

/** What to change, where the files can't be written. */
function explainFiles(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const what = explanations[code] ?? (code === 'ENOENT' ? explainMissing(dataDir) : undefined);
  if (what !== undefined) {
    const message = `${what.problem} ${dataDir} (${error.message}). ${what.advice}`;
    return new AppError(what.code, message, { cause: error });
  }
  if (!(error instanceof AppError) || !/No space left|Check free disk space/.test(error.message)) {
    return error;
  }
  const { problem, advice } = noSpace;
  return new AppError('conflict', `${problem} ${dataDir}. ${advice}. ${error.message}`, {
    cause: error,
  });
}

type Explanation = { code: 'not_allowed' | 'conflict'; problem: string; advice: string };

const noPermission: Explanation = {
  code: 'not_allowed',
  problem: 'no permission for the data directory',
  advice:
    'Was the panel started as another user before, for example as root? Run it as that user, or ' +
    'change the owner',
};
const readOnly: Explanation = {
  code: 'not_allowed',
  problem: 'the disk is mounted read-only that holds the data directory',
  advice: 'Mount it writable, or set PANELWRIGHT_DATA_DIR to another place',
};
const noSpace: Explanation = {
  code: 'conflict',
  problem: 'no room is left on the disk of the data directory',
  advice: 'Make room and start again; nothing that was stored is lost',
};
const explanations: Readonly<Record<string, Explanation>> = {
  EACCES: noPermission,
  EPERM: noPermission,
  EROFS: readOnly,
  ENOSPC: noSpace,
};

/** Node says that a folder is missing, too, when it can't be made in one that is there. */
function explainMissing(dataDir: string): Explanation | undefined {
  let parent = dirname(dataDir);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return explanations[code];
  }
}
