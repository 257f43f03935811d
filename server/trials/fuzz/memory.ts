import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Watches that the heap comes back to its base. */
export type MemoryWatch = {
  /** Looks at the heap if some time has passed since the last time. */
  look: () => void;
  /** The base and the end in MiB. @throws Error when the heap has grown */
  end: () => { base: number; end: number };
};

const lookEveryMs = 3_000;
/** Caches with a bound fill up, slowly, to far less than this. */
const growthMiBMax = 48;
const mebibyte = 1024 * 1024;

/** Begins to watch. A fifth of the run counts as warming up: code is compiled, caches fill. */
export function createMemoryWatch(): MemoryWatch {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const read = () => {
    if (typeof collect === 'function') collect();
    return Math.round(process.memoryUsage().heapUsed / mebibyte);
  };
  const seen = [read()];
  let lookedMs = performance.now();
  return {
    look: () => {
      if (performance.now() - lookedMs < lookEveryMs) return;
      seen.push(read());
      lookedMs = performance.now();
    },
    end: () => {
      const end = read();
      const base = seen[Math.floor(seen.length / 5)] ?? end;
      if (end - base > growthMiBMax) {
        throw new Error(`the heap grew from ${base} to ${end} MiB: ${seen.join(', ')}`);
      }
      return { base, end };
    },
  };
}
