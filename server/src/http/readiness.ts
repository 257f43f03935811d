import { sql } from 'kysely';
import { judgeBackup, readLastBackup } from '../backup/index.ts';
import type { Clock, Log } from '../base/index.ts';
import type { Db, StorageWatch } from '../db/index.ts';
import { judgeDispatch, readDispatchState } from '../fulfilment/index.ts';

export type ReadinessContext = {
  db: Db;
  clock: Clock;
  log: Log;
  storage: StorageWatch;
  isStopping: () => boolean;
};

/** One thing that is as it should be, or not. Anybody may read it: it names no provider. */
export type ReadinessCheck = { name: string; ok: boolean; detail: string };

/**
 * `ready`: this process can serve. `red`: something stands still that an operator has to see to;
 * the process serves all the same, so red alone takes no traffic from it.
 */
export type Readiness = { ready: boolean; state: 'green' | 'red'; checks: ReadinessCheck[] };

export type ReadinessReader = {
  isStopping: () => boolean;
  isReady: () => Promise<boolean>;
  read: () => Promise<Readiness>;
};

/** Anybody may ask, so all who ask within this time get one answer. */
const keptMs = 1_000;

/** Opens what tells whether this process is ready, and how delivery does. */
export function createReadiness(ctx: ReadinessContext): ReadinessReader {
  let kept: { atMs: number; answer: Promise<Readiness> } | undefined;
  return {
    isStopping: ctx.isStopping,
    isReady: async () => !ctx.isStopping() && (await isDatabaseUp(ctx.db)),
    read: () => {
      const nowMs = ctx.clock.now().getTime();
      const isOld = kept === undefined || Math.abs(nowMs - kept.atMs) >= keptMs;
      if (kept === undefined || isOld || ctx.isStopping()) {
        kept = { atMs: nowMs, answer: readReadiness(ctx) };
      }
      return kept.answer;
    },
  };
}

async function readReadiness(ctx: ReadinessContext): Promise<Readiness> {
  const isUp = await isDatabaseUp(ctx.db);
  const isStopping = ctx.isStopping();
  const checks: ReadinessCheck[] = [
    judgeDatabase(isUp, ctx.storage.isFull()),
    { name: 'serving', ok: !isStopping, detail: isStopping ? 'it is stopping' : 'it serves' },
    ...(isUp ? await readDispatchChecks(ctx) : []),
  ];
  const isGreen = checks.every(({ ok }) => ok);
  return { ready: isUp && !isStopping, state: isGreen ? 'green' : 'red', checks };
}

function judgeDatabase(isUp: boolean, isFull: boolean): ReadinessCheck {
  const detail = isUp ? (isFull ? 'its disk is full' : 'it answers') : 'it does not answer';
  return { name: 'database', ok: isUp && !isFull, detail };
}

async function readDispatchChecks(ctx: ReadinessContext): Promise<ReadinessCheck[]> {
  const now = ctx.clock.now();
  try {
    const [state, backup] = await Promise.all([
      readDispatchState(ctx.db, now),
      readLastBackup(ctx.db),
    ]);
    return [...judgeDispatch(state, now), judgeBackup(backup, now)];
  } catch (error) {
    ctx.log.error({ error }, 'the state of dispatch could not be read');
    return [{ name: 'dispatch', ok: false, detail: 'its state could not be read' }];
  }
}

async function isDatabaseUp(db: Db): Promise<boolean> {
  try {
    await sql`select 1`.execute(db);
    return true;
  } catch {
    return false;
  }
}
