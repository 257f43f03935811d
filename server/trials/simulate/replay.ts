import { type Epoch, type EpochResult, runEpoch } from './epoch.ts';
import { generate } from './operations.ts';
import { shrink } from './shrink.ts';

/** A short life each, so that databases stay small and a replay is quick. */
export const operationsPerEpoch = 1_000;

/** The seed of one epoch of a run, which needs none of those before it. */
function seedOf(seed: number, epoch: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(epoch, 0xc2b2ae35)) >>> 0;
}

export type Which = { seed: number; epoch: number; count: number };

/** An epoch of a run. */
export function epochOf({ seed, epoch, count }: Which): Epoch {
  const own = seedOf(seed, epoch);
  return { seed: own, operations: generate(own, count) };
}

const triesMax = 150;

/** The least history that was found to break the same, in so many tries. */
export async function explain(
  epoch: Epoch,
  failed: EpochResult,
  tries = triesMax,
): Promise<EpochResult> {
  const { failure } = failed;
  let least = failed;
  await shrink(epoch.operations.slice(0, failure?.taken ?? 0), {
    triesMax: tries,
    fails: async (operations) => {
      const result = await runEpoch({ ...epoch, operations });
      const isSame = result.failure?.invariant === failure?.invariant;
      if (isSame) least = result;
      return isSame;
    },
  });
  return least;
}
