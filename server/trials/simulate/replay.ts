import { type Epoch, type EpochResult, runEpoch } from './epoch.ts';
import { generate } from './operations.ts';
import { shrink } from './shrink.ts';
import type { Plant } from './world.ts';

/** A short life each, so that databases stay small and a replay is quick. */
export const operationsPerEpoch = 1_000;

/** The seed of one epoch of a run, which needs none of those before it. */
function seedOf(seed: number, epoch: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(epoch, 0xc2b2ae35)) >>> 0;
}

export type Which = { seed: number; epoch: number; count: number; plant?: Plant | undefined };

/** Runs an epoch of a run. */
export function replay({ seed, epoch, count, plant }: Which): Promise<EpochResult> {
  const own = seedOf(seed, epoch);
  return runEpoch({ seed: own, operations: generate(own, count), plant });
}

const triesMax = 150;

/** The least history that was found to break the same, in so many tries. */
export async function explain(
  which: Which,
  failed: EpochResult,
  tries = triesMax,
): Promise<EpochResult> {
  const { failure } = failed;
  const own = seedOf(which.seed, which.epoch);
  const operations = generate(own, which.count).slice(0, failure?.taken ?? 0);
  const run = (some: Epoch['operations']) =>
    runEpoch({ seed: own, operations: some, plant: which.plant });
  let least = failed;
  await shrink(operations, {
    triesMax: tries,
    fails: async (some) => {
      const result = await run(some);
      const isSame = result.failure?.invariant === failure?.invariant;
      if (isSame) least = result;
      return isSame;
    },
  });
  return least;
}
