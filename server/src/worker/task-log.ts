import { sql } from 'kysely';
import { minuteMs } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';

/** Keeps when each task last ran and failed, for whoever looks after the panel. */
export type TaskLog = {
  /** Runs a task, and remembers how that went. It never throws; it says what rest is due then. */
  run: (name: string, task: () => Promise<void>) => Promise<{ restMs: number }>;
  /** Writes what was remembered since the last time. */
  flush: () => Promise<void>;
};

type Run = {
  name: string;
  startedAt: string;
  tookMs: number;
  failedAt: string | null;
  failure: string;
  /** In a row, in this process. */
  failures: number;
};

const failureLettersMax = 500;
/** A task that fails after long work has a quarter of a core at most, until it is a minute late. */
const restsPerFailure = 3;
const restMaxMs = minuteMs;
/** Of two workers one may fail, and one that fails may work once in a while: that mends nothing. */
const mendedMinutes = 10;

/**
 * Opens the log of a worker's tasks. They run every second, and their ends are written every few:
 * in memory there is one row for each. What could not be written is written the next time.
 */
export function createTaskLog(ctx: Ctx): TaskLog {
  const runs = new Map<string, Run>();
  const inARow = new Map<string, number>();
  return {
    run: async (name, task) => {
      const startedAt = ctx.clock.now().toISOString();
      const startedMs = performance.now();
      let { failedAt, failure } = runs.get(name) ?? { failedAt: null, failure: '' };
      try {
        await task();
        inARow.set(name, 0);
      } catch (error) {
        ctx.log.error({ error, task: name }, 'a task of the worker failed');
        failedAt = startedAt;
        inARow.set(name, (inARow.get(name) ?? 0) + 1);
        failure = String(error).slice(0, failureLettersMax);
      }
      const tookMs = Math.round(performance.now() - startedMs);
      const failures = inARow.get(name) ?? 0;
      runs.set(name, { name, startedAt, tookMs, failedAt, failure, failures });
      return { restMs: failures === 0 ? 0 : Math.min(restMaxMs, restsPerFailure * tookMs) };
    },
    flush: async () => {
      const rows = [...runs.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
      if (rows.length === 0) return;
      await sql`
        insert into worker_tasks as t (name, started_at, took_ms, failed_at, failure, failures)
        select name, "startedAt", "tookMs", "failedAt", failure, failures
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          as r (name text, "startedAt" timestamptz, "tookMs" int, "failedAt" timestamptz,
            failure text, failures int)
        order by name
        on conflict (name) do update set started_at = excluded.started_at,
          took_ms = excluded.took_ms, failures = case
            when t.failed_at > excluded.started_at - make_interval(mins => ${mendedMinutes}::int)
            then greatest(t.failures, excluded.failures) else excluded.failures end,
          failed_at = coalesce(excluded.failed_at, t.failed_at),
          failure = case when excluded.failed_at is null then t.failure
            else excluded.failure end`.execute(ctx.db);
      for (const row of rows) {
        if (runs.get(row.name) === row) runs.delete(row.name);
      }
    },
  };
}
