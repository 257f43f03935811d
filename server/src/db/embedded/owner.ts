import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../base/index.ts';
import type { ConnectionTarget } from './client.ts';
import { type Layout, layOut } from './layout.ts';
import { bringUp, type EmbeddedOptions, type Up } from './start.ts';
import { leave } from './stop.ts';

export type EmbeddedServer = {
  target: ConnectionTarget;
  /** Ends the server unless another client still uses it. Close your own pool first. */
  stop: () => Promise<void>;
};

/** An hour of trying: long enough to free a full disk. */
const restoreAttemptsMax = 720;
const restorePauseMs = 5000;

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
    throw explainPermission(error, options.dataDir);
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
        return await bringUp(up);
      } catch (error) {
        if (leaving.signal.aborted) return undefined;
        options.log.error({ err: error, attempt }, 'the embedded database does not come up');
      }
      await delay(restorePauseMs, undefined, { signal: leaving.signal }).catch(() => {});
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

function explainPermission(error: unknown, dataDir: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (!(error instanceof Error) || (code !== 'EACCES' && code !== 'EPERM')) return error;
  return new AppError(
    'not_allowed',
    `no permission for the data directory ${dataDir} (${error.message}). Was the panel started ` +
      'as another user before, for example as root? Run it as that user, or change the owner',
    { cause: error },
  );
}
