import type { Target } from './target.ts';

/**
 * A target that is checked, closed and opened anew after so many inputs: what staff may do makes a
 * panel grow, and with it what each of their pages takes.
 */
export async function renewed(open: () => Promise<Target>, inputsMax: number): Promise<Target> {
  let target = await open();
  let inputs = 0;
  let renewals = 0;
  return {
    run: async (seed) => {
      if (inputs >= inputsMax) {
        await target.finish();
        await target.close();
        target = await open();
        inputs = 0;
        renewals += 1;
      }
      const done = await target.run(seed);
      inputs += done;
      return done;
    },
    finish: async () => ({ renewals, last: await target.finish() }),
    close: () => target.close(),
  };
}
