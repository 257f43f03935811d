import { setTimeout as delay } from 'node:timers/promises';
import { type FailpointName, setFailpoint } from '../../src/base/index.ts';

/**
 * Which process comes by a point: one that serves, one that delivers, a command of staff. All come
 * by the points of single statements, where connections break and nobody is killed.
 */
export type Passer = 'api' | 'worker' | 'command' | 'all';

/** Every point there is, so that a new one is struck too or does not compile. */
export const passers: Readonly<Record<FailpointName, Passer>> = {
  'db.before_statement': 'all',
  'db.after_statement': 'all',
  'place.before_lock': 'api',
  'place.after_lock': 'api',
  'place.after_orders': 'api',
  'place.after_debit': 'api',
  'place.after_commit': 'api',
  'refill.before_commit': 'api',
  'refill.after_commit': 'api',
  'cancel.before_commit': 'api',
  'cancel.after_commit': 'api',
  'settle.after_lock': 'worker',
  'settle.before_commit': 'worker',
  'runs.after_claim': 'worker',
  'runs.after_orders': 'worker',
  'runs.before_commit': 'worker',
  'post.after_debit': 'worker',
  'post.before_commit': 'worker',
  'forward.before_commit': 'worker',
  'forward.after_intent': 'worker',
  'forward.after_send': 'worker',
  'record.before_commit': 'worker',
  'record.after_commit': 'worker',
  'lease.before_commit': 'worker',
  'poll.after_reply': 'worker',
  'poll.after_commit': 'worker',
  'refill.after_intent': 'worker',
  'refill.after_send': 'worker',
  'cancel.after_intent': 'worker',
  'cancel.after_send': 'worker',
  'deposit.before_commit': 'command',
  'deposit.after_commit': 'command',
  'adjust.before_commit': 'command',
  'decide.before_commit': 'command',
  'payment.before_commit': 'command',
  'payment.after_session': 'command',
  'retention.after_export': 'command',
  'retention.before_commit': 'command',
};

/** All points that a kind of process comes by. */
export function pointsOf(passer: Passer): FailpointName[] {
  // The keys of a record of all names are those names.
  const names = Object.keys(passers) as FailpointName[];
  return names.filter((name) => passers[name] === passer);
}

/** Says on a line of its own that a process is held at a point. */
export const reachedMark = 'reached ';

const settingForm = /^([a-z_.]+)=(kill|throw|delay)(?::([0-9]{1,5}))?@([0-9]{1,4})$/;

/**
 * Sets a failpoint from a text like `place.after_debit=kill@3`: the third time this process gets
 * there it kills itself with SIGKILL. `throw@1` fails there; `delay:200@1` says on stdout that it
 * is there and waits for 200 ms.
 * @throws Error for a text of no such form or an unknown point
 */
export function setFailpointFrom(text: string): void {
  const [, name = '', action = '', milliseconds = '0', nth = ''] = settingForm.exec(text) ?? [];
  if (!isFailpoint(name)) throw new Error(`no failpoint setting: ${text}`);
  let left = Number(nth);
  setFailpoint(name, async () => {
    left -= 1;
    if (left > 0) return;
    setFailpoint(name);
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    if (action === 'throw') throw new Error(`failed at ${name}`);
    process.stdout.write(`${reachedMark}${name}\n`);
    await delay(Number(milliseconds));
  });
}

function isFailpoint(name: string): name is FailpointName {
  return Object.hasOwn(passers, name);
}
