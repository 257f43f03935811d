import fc from 'fast-check';

/** One surface that is fuzzed, on a panel of its own. */
export type Target = {
  /** Sends some batches, the same for the same seed; answers how many inputs that were. */
  run: (seed: number) => Promise<number>;
  /** What can only be said at the end; figures for the report. */
  finish: () => Promise<object>;
  close: () => Promise<void>;
};

/** A surface by what goes in, and the check of what comes out. */
export type Surface<Input> = {
  inputs: fc.Arbitrary<Input>;
  /** At most so many at once: what is in flight together shares transactions. */
  batch: number;
  /** Sends inputs, all at once where the surface can, and throws for what must not be. */
  check: (inputs: readonly Input[]) => Promise<void>;
  finish?: () => Promise<object>;
  close?: () => Promise<void>;
};

/** Batches that one seed stands for; few, so that a failure is soon found again. */
const batchesPerSeed = 4;
/** Looking for the smallest input that fails ends then; the smallest so far is told. */
const shrinkMsMax = 60_000;

/** Makes a target of a surface. */
export function createTarget<Input>(surface: Surface<Input>): Target {
  const batches = fc.array(surface.inputs, { minLength: 1, maxLength: surface.batch, size: 'max' });
  return {
    run: async (seed) => {
      let inputs = 0;
      const property = fc.asyncProperty(batches, async (batch) => {
        inputs += batch.length;
        await surface.check(batch);
      });
      await fc.assert(property, {
        seed,
        numRuns: batchesPerSeed,
        interruptAfterTimeLimit: shrinkMsMax,
        markInterruptAsFailure: true,
      });
      return inputs;
    },
    finish: surface.finish ?? (async () => ({})),
    close: surface.close ?? (async () => {}),
  };
}
