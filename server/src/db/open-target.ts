import { resolve } from 'node:path';
import type { Log } from '../base/index.ts';
import type { DatabaseTarget } from './connect.ts';
import { startEmbedded } from './embedded/index.ts';

/** A database that is there: nothing in it is migrated or cached yet. */
export type OpenedTarget = { target: DatabaseTarget; stop: () => Promise<void> };

export type TargetOptions = {
  databaseUrl: string | undefined;
  dataDir: string;
  databaseUser: string;
  log: Log;
  /** Ends all connections to it but the one that holds on to the embedded one until `stop`. */
  signal?: AbortSignal;
};

/**
 * Opens the database alone: an external one is taken as it is, the embedded one started or adopted.
 * @throws AppError when the embedded database can't be had
 */
export async function openTarget(options: TargetOptions): Promise<OpenedTarget> {
  const { signal } = options;
  if (options.databaseUrl !== undefined) {
    return { target: { url: options.databaseUrl, signal }, stop: async () => {} };
  }
  const { target, stop } = await startEmbedded({
    dataDir: resolve(options.dataDir),
    log: options.log,
    runAs: options.databaseUser,
  });
  return { target: { ...target, signal }, stop };
}
