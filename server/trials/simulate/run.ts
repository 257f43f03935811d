import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Trial, trial } from '../command.ts';
import type { EpochResult } from './epoch.ts';
import type { LaneAnswer, LaneRequest } from './lane.ts';
import { operationsPerEpoch, type Which } from './replay.ts';

/** A lane waits for its database three quarters of the time. */
const lanesMax = 2 * availableParallelism();

const died: LaneAnswer = { error: 'a lane of the simulation ended' };

/**
 * The whole panel at random: customers, staff, workers, upstreams and what breaks, on a clock of
 * its own. `npm run simulate -- --seed S --operations N`, or one epoch of a seed: `-- --seed S 17`.
 */
const plan = {
  name: 'simulate',
  unit: 'operations',
  count: 100_000,
  about: 'The whole panel at random on a clock of its own; after each batch every invariant.',
  names: '[EPOCH]',
};

await trial(plan, async (given) => {
  const [only] = given.names;
  const epochs = only === undefined ? epochsOf(given.count) : [Number(only)];
  const lanes = Array.from({ length: Math.min(lanesMax, epochs.length) }, startLane);
  const total = { operations: 0, epochs: 0 };
  const queue = [...epochs];
  try {
    await Promise.all(
      lanes.map(async (lane) => {
        for (let epoch = queue.shift(); epoch !== undefined; epoch = queue.shift()) {
          if (given.signal.aborted) return;
          const left = only === undefined ? given.count - epoch * operationsPerEpoch : Infinity;
          const count = Math.min(operationsPerEpoch, left);
          const which = { seed: given.seed, epoch, count };
          const result = await ask(lane, { kind: 'run', which });
          if (result.failure !== null) await tell(given, { lane, which, result });
          total.operations += result.taken;
          total.epochs += 1;
          given.progress(total.operations);
        }
      }),
    );
  } finally {
    for (const lane of lanes) lane.kill();
  }
  return total;
});

function epochsOf(count: number): number[] {
  return Array.from({ length: Math.ceil(count / operationsPerEpoch) }, (_, epoch) => epoch);
}

function startLane(): ChildProcess {
  return fork(fileURLToPath(new URL('lane.ts', import.meta.url)));
}

async function ask(lane: ChildProcess, request: LaneRequest): Promise<EpochResult> {
  const over = new AbortController();
  const answer = once(lane, 'message', over);
  const end = once(lane, 'exit', over).then(() => [died]);
  end.catch(() => {});
  lane.send(request);
  const [message] = await Promise.race([answer, end]);
  over.abort();
  const got = message as LaneAnswer; // the lane sends nothing else
  if ('error' in got) throw new Error(got.error);
  return got.result;
}

type Failed = { lane: ChildProcess; which: Which; result: EpochResult };

/** Says what broke, how to see it again, and the shortest history that breaks the same. */
async function tell(given: Trial, { lane, which, result }: Failed): Promise<never> {
  const { seed, epoch } = which;
  given.say(
    `epoch ${epoch}, after ${result.failure?.taken} operations: ${result.failure?.message}`,
  );
  given.say('looking for a shorter history that breaks the same …');
  const least = await ask(lane, { kind: 'explain', which });
  given.say(least.history.join('\n'));
  throw new Error(
    `${result.failure?.message}\nthis epoch alone: npm run simulate -- --seed ${seed} ${epoch}`,
  );
}
