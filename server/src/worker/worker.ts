import { type ConditionSource, sendAlarmCalls, watchAlarms } from '../alarms/index.ts';
import { type BackupPlan, backUpIfDue } from '../backup/index.ts';
import { hourMs, minuteMs } from '../base/index.ts';
import { closeCancels } from '../cancels/index.ts';
import { syncDueProviders } from '../catalog/index.ts';
import { isDispatchHalted } from '../db/index.ts';
import { rollUpDue } from '../figures/index.ts';
import { dropOldMails, type MailCtx, mailNotices, sendDueMails } from '../mail/index.ts';
import {
  createDuePosts,
  createDueRuns,
  expireSubscriptions,
  type OrdersCtx,
} from '../orders/index.ts';
import { expirePayments } from '../payments/index.ts';
import { type ProvidersCtx, watchBalances } from '../providers/index.ts';
import { applyRetention, type RetentionPlan } from '../retention/index.ts';
import { dropExpired } from '../sign-in/index.ts';
import { readVerifyAhead, verifyUntilCurrent } from '../system/index.ts';
import { startDelivery } from './delivery.ts';
import { createRedStateWatch } from './red-state.ts';
import { createTaskLog, type TaskLog } from './task-log.ts';

export type WorkerCtx = OrdersCtx & ProvidersCtx & MailCtx;
export type Worker = { stop: () => Promise<void> };

/** What is for one process alone: where its files go, what it can see that others can't. */
type Own = {
  backups?: BackupPlan;
  retention?: RetentionPlan;
  sources?: readonly ConditionSource[];
};

const tickMs = 1_000;
const closeCancelsMs = 15_000;
const healthMs = 10_000;
const pruneMs = hourMs;
const monthsMs = hourMs;
/** Often enough that a provider out of funds, asked every minute, is seen in time. */
const balancesMs = 5_000;
const redStateMs = 5_000;
const syncMs = 60_000;
const expirePaymentsMs = 60_000;
const figuresMs = 5_000;
const noticesMs = 10_000;
const backupsMs = 15_000;
const alarmsMs = 10_000;
const taskLogMs = 15_000;
/** Whether a minute has passed since the last run, of any process, is for it to know. */
const verifyMs = 10_000;
/** Whether it is time for another round, too. */
const verifyAheadMs = 10 * minuteMs;

/**
 * Does what falls due: delivery to providers and what comes back, their catalogs and balances,
 * drip-feed runs, posts of subscriptions, subscriptions that expire. Any number of workers share
 * one database; what is due is claimed by row locks. A failed task is logged and tried again at
 * the next tick, or after a rest where it had worked for long. On a restored database nothing of
 * this calls a provider until staff confirm.
 */
export function startWorker(ctx: WorkerCtx, own: Own = {}): Worker {
  let isStopped = false;
  const leaving = new AbortController();
  const tasks = createTaskLog(ctx);
  const delivery = startDelivery({ ...ctx, leaving: leaving.signal });
  const loops = [
    every(tickMs, 'delivery', () => unlessHalted(() => delivery.refresh())),
    every(healthMs, 'provider_health', () => ctx.upstreams.flush()),
    every(balancesMs, 'balances', () => unlessHalted(() => watchBalances(ctx, leaving.signal))),
    every(redStateMs, 'red_state', createRedStateWatch(ctx)),
    every(syncMs, 'catalogs', () => unlessHalted(() => syncDueProviders(ctx, leaving.signal))),
    every(tickMs, 'drip_feeds', () => untilNone(() => createDueRuns(ctx))),
    every(tickMs, 'posts', () => untilNone(() => createDuePosts(ctx))),
    every(tickMs, 'subscriptions', () => untilNone(() => expireSubscriptions(ctx))),
    every(closeCancelsMs, 'cancels', () => untilNone(() => closeCancels(ctx))),
    every(expirePaymentsMs, 'payments', () => untilNone(() => expirePayments(ctx))),
    every(noticesMs, 'notices', () => untilNone(() => mailNotices(ctx))),
    every(tickMs, 'mails', () => untilNone(() => sendDueMails(ctx))),
    every(pruneMs, 'old_mails', () => dropOldMails(ctx)),
    every(pruneMs, 'expired_sessions', () => dropExpired(ctx)),
    every(figuresMs, 'figures', () => untilNone(() => rollUpDue(ctx))),
    ...tasksOf(ctx, own, leaving.signal).map(({ ms, name, task }) => every(ms, name, task)),
    every(verifyMs, 'verify', () => verifyUntilCurrent(ctx, leaving.signal)),
    startLoop(tasks, verifyAhead(ctx, leaving.signal)),
    every(alarmsMs, 'alarms', async () => void (await watchAlarms(ctx, own.sources))),
    every(tickMs, 'alarm_calls', () => untilNone(() => sendAlarmCalls(ctx))),
    every(taskLogMs, 'task_log', () => tasks.flush()),
  ];

  function every(ms: number, name: string, task: () => Promise<void>): () => Promise<void> {
    return startLoop(tasks, { ms, name, task });
  }

  async function unlessHalted(task: () => Promise<unknown>): Promise<void> {
    if (!(await isDispatchHalted(ctx.db))) await task();
  }

  async function untilNone(task: () => Promise<number>): Promise<void> {
    while (!isStopped && (await task()) > 0);
  }

  return {
    stop: async () => {
      isStopped = true;
      leaving.abort();
      await Promise.all([delivery.stop(), ...loops.map((stop) => stop())]);
      await tasks.run('task_log', () => tasks.flush());
    },
  };
}

type Task = { ms: number; name: string; task: () => Promise<void>; isLater?: boolean };

/**
 * Does a task at once or, if it is for later, when so long has passed, and again when so long has
 * passed since it was done.
 * @returns what ends that, after the run under way
 */
function startLoop(log: TaskLog, { ms, name, task, isLater }: Task): () => Promise<void> {
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    running = log.run(name, task).then(({ restMs }) => {
      if (!isStopped) timer = setTimeout(tick, Math.max(ms, restMs));
    });
  };
  if (isLater) timer = setTimeout(tick, ms);
  else tick();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

/** A process that has just started has other things to do. */
function verifyAhead(ctx: WorkerCtx, leaving: AbortSignal): Task {
  const task = async () => void (await readVerifyAhead(ctx, leaving));
  return { ms: verifyAheadMs, name: 'verify_ahead', task, isLater: true };
}

/** What a process does that has a place for its files. */
function tasksOf(ctx: WorkerCtx, { backups, retention }: Own, leaving: AbortSignal): Task[] {
  const tasks: Task[] = [];
  if (backups !== undefined) {
    const task = async () => {
      // A copy that somebody tries out would push the panel's own files out of their folder.
      if (await isDispatchHalted(ctx.db)) return;
      if (await backUpIfDue(ctx, backups, leaving)) ctx.log.info({}, 'the panel is backed up');
    };
    tasks.push({ ms: backupsMs, name: 'backups', task });
  }
  if (retention !== undefined) {
    const task = async () => {
      await applyRetention(ctx, { kind: 'system', name: 'retention' }, { ...retention, leaving });
    };
    tasks.push({ ms: monthsMs, name: 'months', task });
  }
  return tasks;
}
