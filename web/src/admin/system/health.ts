import type { System } from './queries.ts';

/** One thing that is as it should be, or not; its words are in `system.state.checks`. */
export type Health = {
  name:
    | 'database'
    | 'serving'
    | 'restore'
    | 'books'
    | 'dispatch'
    | 'providers'
    | 'unknown'
    | 'backup'
    | 'worker'
    | 'tasks'
    | 'mail'
    | 'connections';
  /** Which of its words. */
  word: 'ok' | 'none' | 'bad' | 'never' | 'keep';
  values: { count?: number; names?: string; since?: string | null; used?: number; max?: number };
};

const hourMs = 3_600_000;
/** A worker does something every few seconds, and notes it every few more. */
const workerLostMs = 120_000;
const connectionsShare = 0.9;

/** What of the panel needs somebody, and what does not. Pure. */
export function judge(system: System, now: Date): Health[] {
  const { state, tasks, mails, connectionsUsed: used, connectionsMax: max } = system;
  const isOk = (name: string) => state.checks.find((check) => check.name === name)?.ok !== false;
  const age = (iso: string) => now.getTime() - new Date(iso).getTime();
  const failed = tasks.filter(({ failedAt }) => failedAt !== null && age(failedAt) < hourMs);
  const last = state.lastTaskAt;
  const isLost = last !== null && age(last) > workerLostMs;
  const isHeld = mails.mode === 'keep' && mails.waiting > 0;
  return [
    { name: 'database', word: wordOf(isOk('database')), values: {} },
    { name: 'serving', word: wordOf(isOk('serving')), values: {} },
    {
      name: 'worker',
      word: last === null ? 'never' : wordOf(!isLost),
      values: { since: last },
    },
    {
      name: 'restore',
      word: wordOf(isOk('restore')),
      values: { since: state.restoredFrom },
    },
    {
      name: 'books',
      word: wordOf(isOk('books')),
      values: { names: state.moneyStops.map((id) => `#${id}`).join(', ') },
    },
    {
      name: 'dispatch',
      word: wordOf(isOk('dispatch')),
      values: { count: state.overdue, since: state.oldestDueAt },
    },
    {
      name: 'providers',
      word: wordOf(isOk('providers')),
      values: { names: state.stopped.join(', ') },
    },
    {
      name: 'unknown',
      word: wordOf(isOk('unknown')),
      values: { count: state.unknown, since: state.oldestUnknownAt },
    },
    {
      name: 'backup',
      word: state.backupAt === null ? 'none' : wordOf(isOk('backup')),
      values: { since: state.backupAt },
    },
    {
      name: 'tasks',
      word: wordOf(failed.length === 0),
      values: { names: failed.map(({ name }) => name).join(', ') },
    },
    {
      name: 'mail',
      word: isHeld ? 'keep' : wordOf(mails.retrying === 0),
      values: { count: isHeld ? mails.waiting : mails.retrying },
    },
    {
      name: 'connections',
      word: wordOf(used < max * connectionsShare),
      values: { used, max },
    },
  ];
}

/** Whether nobody has to do anything about it. Pure. */
export function isFine({ word }: Health): boolean {
  return word === 'ok' || word === 'none';
}

function wordOf(isOk: boolean): 'ok' | 'bad' {
  return isOk ? 'ok' : 'bad';
}
