import { AppError, createLog } from '../base/index.ts';
import type { Config } from '../config.ts';
import { openTarget, readConnectionsMax } from '../db/index.ts';
import { type Role, startProcesses } from '../runtime/index.ts';
import type { Reply } from './session.ts';

type Share = { count: number; role: Role };

/** Besides its pool: what listens for changes, and what holds on to the embedded database. */
const ownConnections = 2;
/** For commands, workers of their own and whoever looks into the database. */
const sparedConnections = 10;
/** As `DATABASE_CONNECTIONS`. */
const connectionsMin = 4;

/**
 * Serves in several processes until told to stop. This one holds no HTTP: it starts and stops the
 * embedded database, which the others use as any second process does, and watches over them.
 * @returns whether all started and ended in order; who did not has said why
 */
export async function runProcesses(
  config: Config,
  { count, role }: Share,
  { stop, show }: { stop: Promise<void>; show: (reply: Reply) => void },
): Promise<boolean> {
  const log = createLog(config.logLevel);
  const { target, stop: leaveDatabase } = await openTarget({ ...config, log });
  try {
    const allowed = await readConnectionsMax(target);
    requireConnections({ count, perProcess: config.connectionsMax, allowed });
    const processes = startProcesses<Reply>({
      count,
      log,
      // Of what falls due one process takes care, however many answer.
      args: (number) => {
        const own = role === 'all' && number > 1 ? 'api' : role;
        return ['serve', '--role', own, '--processes', String(count)];
      },
    });
    const reply = await Promise.race([processes.ready, stop]);
    if (reply !== undefined) {
      show(reply);
      await stop;
    }
    return await processes.stop();
  } finally {
    await leaveDatabase();
  }
}

/** @throws AppError `not_allowed` when the database has fewer connections than would be opened */
function requireConnections(input: { count: number; perProcess: number; allowed: number }): void {
  const { count, perProcess, allowed } = input;
  const needed = count * (perProcess + ownConnections) + sparedConnections;
  if (needed <= allowed) return;
  const fitting = Math.floor((allowed - sparedConnections) / count) - ownConnections;
  const fewer =
    fitting < connectionsMin ? 'use fewer processes' : `set DATABASE_CONNECTIONS to ${fitting}`;
  throw new AppError(
    'not_allowed',
    `${count} processes with ${perProcess} connections each need ${needed} in all, and the ` +
      `database allows ${allowed}: ${fewer}, or raise its max_connections`,
  );
}
