import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one scenario runs in: a folder of its own, a time limit, and how long it measures. */
export type Session = {
  folder: string;
  /** A folder that `bench:fill` has filled, to measure on; scenarios may write to it. */
  filled?: string;
  /** Where the servers under test leave a profile of where their time went. */
  profile?: string;
  /** Aborts on Ctrl-C and when the scenario takes too long; every process of it ends then. */
  signal: AbortSignal;
  secondsPerRun: number;
  /** Reference and value take turns this often; of each the median counts. */
  rounds: number;
  /** How much is measured on, in what the scenario counts; 0 where it has no size. */
  size: number;
};

export type Measurement = {
  value: number;
  /** Null where the aim is a figure by itself. */
  reference: number | null;
  /** Null where nobody waits for an answer. */
  p50Ms: number | null;
  p99Ms: number | null;
  rssMiB: number;
  /** On how much, for how long, and what else was seen. */
  note?: string;
  /** What else was not reached, in words. */
  misses?: readonly string[];
};

export type Scenario = {
  name: string;
  /** What is measured, and against what: a line of `--help`. */
  measures: string;
  unit: string;
  /** What `judgedBy` has to reach. */
  target: number;
  /** The ratio of value to reference, unless it is said; or the value, at least or at most. */
  judgedBy?: 'ratio' | 'least' | 'most';
  /** A value that is enough whatever the ratio. */
  enough?: number;
  /** Where `--size` counts: what it is by itself. */
  size?: number;
  /** Whether it can, or only can, measure on a folder that `bench:fill` has filled. */
  filled?: 'can' | 'must';
  /** How long a run measures by itself, where the usual is not enough. */
  seconds?: number;
  /** What the process may use; 250 MiB unless it is said. */
  rssMiBMax?: number;
  /** The most that the 99th percentile may be. */
  p99MsMax?: number;
  /** Where it may take longer than others, as with a panel of full size. */
  timeoutMs?: number;
  run: (session: Session) => Promise<Measurement>;
};

/** Runs `work` in a temporary folder, which is removed however it ends. */
export async function inSession<T>(
  options: Omit<Session, 'folder'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'panelwright-bench-'));
  try {
    return await work({ ...options, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Reference and value take turns, so that what else the machine does meets both.
 * @returns the median of each, the value's by `read`
 */
export async function takeTurns<T>(
  rounds: number,
  turns: { refer: () => Promise<number>; run: () => Promise<T>; read: (value: T) => number },
): Promise<{ value: T; reference: number }> {
  const values: T[] = [];
  const references: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    references.push(await turns.refer());
    values.push(await turns.run());
  }
  return { value: median(values, turns.read), reference: median(references, (one) => one) };
}

/** The middle one by `read`; of an even number the lower of the two. */
export function median<T>(values: readonly T[], read: (value: T) => number): T {
  const sorted = [...values].sort((a, b) => read(a) - read(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('the median of nothing');
  return middle;
}
