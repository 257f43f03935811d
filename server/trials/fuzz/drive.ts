import { createMemoryWatch } from './memory.ts';
import type { Target } from './target.ts';

/** How a run is bounded and told of; a `Trial` is one. */
export type Drive = {
  seed: number;
  count: number;
  signal: AbortSignal;
  progress: (done: number, note?: string) => void;
};

/** What became of a target. */
type Tally = { inputs: number; seconds: number; perSecond: number } & object;

export type DriveResult = {
  inputs: number;
  perSecond: number;
  /** The heap after a collection, in MiB: once warm, and at the end. */
  heapMiB: { base: number; end: number };
  targets: Record<string, Tally>;
};

/** Targets take turns of this length, so that each has its share of the time. */
const turnMs = 250;

type Running = { name: string; target: Target; seed: number; inputs: number; ms: number };

/**
 * Fuzzes targets in turns until there were `count` inputs or the signal ends it; the n-th seed of
 * each is the run's own plus n, so a failure is found again by the one it names.
 * @throws Error for the first input that fails, made small, and for memory that is not given back
 */
export async function drive(
  targets: ReadonlyMap<string, Target>,
  { seed, count, signal, progress }: Drive,
): Promise<DriveResult> {
  const running = [...targets].map(
    ([name, target]): Running => ({ name, target, seed, inputs: 0, ms: 0 }),
  );
  const memory = createMemoryWatch();
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  process.on('unhandledRejection', onFault);
  process.on('uncaughtException', onFault);
  const total = () => running.reduce((sum, { inputs }) => sum + inputs, 0);
  try {
    while (total() < count && !signal.aborted) {
      for (const one of running) {
        await takeTurn(one, () => total() >= count || signal.aborted, faults);
        progress(total(), one.name);
      }
      memory.look();
    }
    const results: Record<string, Tally> = {};
    for (const { name, target, inputs, ms } of running) {
      results[name] = { ...figures(inputs, ms), ...(await target.finish()) };
    }
    const allMs = running.reduce((sum, { ms }) => sum + ms, 0);
    const { inputs, perSecond } = figures(total(), allMs);
    return { inputs, perSecond, heapMiB: memory.end(), targets: results };
  } finally {
    process.off('unhandledRejection', onFault);
    process.off('uncaughtException', onFault);
  }
}

async function takeTurn(one: Running, isOver: () => boolean, faults: unknown[]): Promise<void> {
  const startMs = performance.now();
  const until = startMs + turnMs;
  while (performance.now() < until && !isOver()) {
    try {
      one.inputs += await one.target.run(one.seed);
      // What nobody waited for is told a turn of the event loop later.
      await new Promise((resolve) => setImmediate(resolve));
      if (faults.length > 0) throw new Error('nobody caught an error', { cause: faults[0] });
    } catch (cause) {
      const again = `npm run fuzz -- ${one.name} --seed ${one.seed} --count 1`;
      throw new Error(`${one.name} failed; this alone again: ${again}\n${describe(cause)}`, {
        cause,
      });
    }
    one.seed += 1;
  }
  one.ms += performance.now() - startMs;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const because = error.cause === undefined ? '' : `\nbecause of ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${because}`;
}

function figures(inputs: number, ms: number) {
  const seconds = Math.round(ms / 100) / 10;
  return { inputs, seconds, perSecond: Math.round((inputs * 1_000) / Math.max(ms, 1)) };
}
