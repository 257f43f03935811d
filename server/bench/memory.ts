import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process had in RAM while it was watched. */
export type MemorySeen = {
  maxMiB: number;
  /** The means of the first and the last third of the time. */
  firstMiB: number;
  lastMiB: number;
};

const sampleMs = 200;
/** Collected late or early, a heap differs by so much; what leaks goes on growing. */
const growthMax = 0.1;

/** Looks at a process's memory until it is stopped. */
export function watchMemory(pid: number): { stop: () => MemorySeen } {
  const samples = [readRssNowMiB(pid)];
  const timer = setInterval(() => samples.push(readRssNowMiB(pid)), sampleMs);
  return {
    stop: () => {
      clearInterval(timer);
      const third = Math.max(1, Math.floor(samples.length / 3));
      return {
        maxMiB: Math.max(...samples),
        firstMiB: mean(samples.slice(0, third)),
        lastMiB: mean(samples.slice(-third)),
      };
    },
  };
}

/** What was seen of a process's memory, in words, and whether it was flat. */
export function describeMemory(
  name: string,
  { firstMiB, lastMiB }: MemorySeen,
): { note: string; misses: string[] } {
  const [first, last] = [firstMiB, lastMiB].map((mib) => Math.round(mib));
  const isFlat = lastMiB <= firstMiB * (1 + growthMax);
  const note = `${name} ${first} MiB in the first third, ${last} in the last`;
  return { note, misses: isFlat ? [] : [`the memory of the ${name} grew`] };
}

/** What a process has in RAM now; 0 when it is gone. */
function readRssNowMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+([0-9]+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    const told = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(told.stdout ?? 0) / 1024;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
