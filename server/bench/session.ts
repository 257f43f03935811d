import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one scenario runs in: a folder of its own, a time limit, and how long it measures. */
export type Session = {
  folder: string;
  /** A folder that `bench:fill` has filled, to measure on; scenarios may write to it. */
  filled?: string;
  /** Aborts on Ctrl-C and when the scenario takes too long; every process of it ends then. */
  signal: AbortSignal;
  secondsPerRun: number;
  /** Reference and value take turns this often; of each the median counts. */
  rounds: number;
};

export type Measurement = {
  value: number;
  reference: number;
  /** Null where nobody waits for an answer. */
  p50Ms: number | null;
  p99Ms: number | null;
  rssMiB: number;
};

export type Scenario = {
  name: string;
  unit: string;
  /** The least ratio of value to reference. */
  target: number;
  /** A value that is enough whatever the ratio. */
  enough?: number;
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

/** The middle one by `read`; of an even number the lower of the two. */
export function median<T>(values: readonly T[], read: (value: T) => number): T {
  const sorted = [...values].sort((a, b) => read(a) - read(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('the median of nothing');
  return middle;
}
