import { createHash } from 'node:crypto';
import { checkDeeply, checkSecrets, checkVisible, checkWorld, startWatch } from './check.ts';
import { checkDrained, checkTruth, drain } from './drain.ts';
import { Broken } from './model.ts';
import type { Operation } from './operations.ts';
import { take } from './take.ts';
import { openWorld, type Plant } from './world.ts';

/** A short life of one world: its operations, and what its world is made by. */
export type Epoch = { seed: number; operations: readonly Operation[]; plant?: Plant | undefined };

export type Failure = {
  /** What is broken, by name: a shrunk history breaks the same. */
  invariant: string;
  message: string;
  /** How many operations had happened. */
  taken: number;
};

export type EpochResult = {
  taken: number;
  /** Of all outcomes in their order: the same for the same epoch. */
  digest: string;
  failure: Failure | null;
  /** Each operation with its outcome. */
  history: string[];
};

/** A look after so many operations, and a deep one after so many looks. */
const operationsPerLook = 25;
const looksPerDeepLook = 8;

/** Lets an epoch happen, and looks at it every few operations. */
export async function runEpoch({ seed, operations, plant }: Epoch): Promise<EpochResult> {
  const world = await openWorld(seed, plant);
  const watch = startWatch();
  const history: string[] = [];
  const digest = createHash('sha1');
  let failure: Failure | null = null;
  let taken = 0;
  try {
    for (const operation of operations) {
      const outcome = await take(world, operation);
      taken += 1;
      const line = `${operation.at} ${operation.kind}: ${outcome}`;
      history.push(line);
      digest.update(line);
      if (taken % operationsPerLook === 0) await checkWorld(world, watch);
      if (taken % (operationsPerLook * looksPerDeepLook) === 0) await checkDeeply(world, watch);
    }
    await checkWorld(world, watch);
    await drain(world);
    await checkDrained(world);
    await checkTruth(world);
    await checkWorld(world, watch);
    await checkDeeply(world, watch);
    await checkSecrets(world);
    await checkVisible(world);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    failure = { invariant: error.invariant, message: error.message, taken };
    history.push(error.message);
  } finally {
    await world.close();
  }
  return { taken, digest: digest.digest('hex'), failure, history };
}
