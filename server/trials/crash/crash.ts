import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Trial } from '../command.ts';
import { figuresOf, type Kill } from './figures.ts';
import { type Load, startLoad } from './load.ts';
import type { Strike } from './plan.ts';
import { passers } from './points.ts';
import { startVictim, type Victim } from './processes.ts';
import { openStage, type Stage } from './stage.ts';
import { strike } from './strike.ts';
import { createWitness } from './witness.ts';

/** What everything here works on: the panel, who calls it, and the processes that are killed. */
export type Scene = Record<Victim['role'], Victim> & {
  stage: Stage;
  load: Load;
  /** Starts the successor of a process that has died, for what comes next. */
  replace: (role: Victim['role']) => void;
};

export type CrashOptions = Pick<Trial, 'random' | 'signal' | 'progress'> & {
  strikes: readonly Strike[];
  /** Waits at the end until nothing is on its way; a lost lease takes half a minute. */
  settles: boolean;
};

const lookAtAllEvery = 25;
const refillsPerStrike = 12;
const refillsMin = 20;
const settleMaxMs = 120_000;
const settleEveryMs = 200;

/**
 * Kills what a panel runs on, again and again, under a load of callers who repeat what was not
 * answered. After each kill the witness looks.
 * @returns kills and times of recovery by kind, and what was looked at
 * @throws Error for the first thing that is lost, half done or done twice
 */
export async function runCrashes(options: CrashOptions): Promise<object> {
  const { strikes } = options;
  const refills = strikes.filter(({ point }) => point?.startsWith('refill.')).length;
  const stage = await openStage({ refillable: refillsMin + refills * refillsPerStrike });
  const kills: Kill[] = [];
  const scene = openScene(stage, { ...options, done: () => kills.length });
  const witness = createWitness(stage, scene.load);
  try {
    await scene.load.answers();
    await stage.letGo();
    for (const next of strikes) {
      if (options.signal.aborted) break;
      kills.push(await strike(scene, next));
      await (kills.length % lookAtAllEvery === 0 ? witness.lookAtAll() : witness.look());
      options.progress(kills.length, `last: ${next.kind} ${next.point ?? 'at random'}`);
    }
    await scene.load.stop();
    await witness.lookAtEnd();
    if (options.settles) await untilSettled(stage);
    await witness.lookAtAll();
    await stage.leave();
    const exits = await Promise.all([scene.api.stop(), scene.worker.stop()]);
    if (exits.some((code) => code !== 0)) throw new Error(`SIGTERM ended them with ${exits}`);
    const repeats = scene.load.repeats();
    return { kills: kills.length, repeats, ...witness.counts(), ...figuresOf(kills) };
  } finally {
    scene.load.abandon();
    for (const victim of [scene.api, scene.worker]) {
      victim.kill();
      await victim.ended;
    }
    await stage.leave();
    await stage.close();
  }
}

function openScene(
  stage: Stage,
  options: Pick<Trial, 'random'> & { strikes: readonly Strike[]; done: () => number },
): Scene {
  const start = (role: Victim['role'], from: number) =>
    startVictim(stage, role, programFor(role, options.strikes.slice(from)));
  const scene: Scene = {
    stage,
    load: startLoad(stage, options.random),
    api: start('api', 0),
    worker: start('worker', 0),
    replace: (role) => {
      // The kill that is under way is not counted yet.
      scene[role] = start(role, options.done() + 1);
    },
  };
  return scene;
}

/** The real program, unless a failpoint is to be set in this process before it is killed. */
function programFor(role: Victim['role'], coming: readonly Strike[]): 'trial' | 'real' {
  for (const { kind, point } of coming) {
    if (point !== undefined && kind !== 'command' && passers[point] === role) return 'trial';
    if (kind === role) return 'real';
  }
  return 'real';
}

/** Nothing is due or on its way any more: each order is followed, done, unknown or with staff. */
async function untilSettled({ read }: Stage): Promise<void> {
  const deadlineMs = performance.now() + settleMaxMs;
  for (;;) {
    const [row] = await read(sql<{ open: number }>`
      select count(*)::int as open from deliveries where state in ('due', 'sending')`);
    if (row?.open === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`${row?.open} orders stand still`);
    await delay(settleEveryMs);
  }
}
