import type { FailpointName } from '../../src/base/index.ts';
import type { KillKind } from './plan.ts';

/** What became of one kill. */
export type Kill = {
  kind: KillKind;
  /** Where it was; `random` for a moment nobody chose. */
  at: FailpointName | 'random';
  /** From the kill until it works again: answers, sends, or is there. */
  recoveryMs: number;
  /** The point that it should have been at, and nobody came by. */
  missed?: FailpointName | undefined;
};

/** Kills by kind and place, and how long it took until all was well again, in milliseconds. */
export function figuresOf(kills: readonly Kill[]): object {
  const missed = kills.flatMap((kill) => kill.missed ?? []);
  const kinds = Map.groupBy(kills, (kill) => kill.kind);
  const by = [...kinds].map(([kind, some]) => {
    const times = some.map((kill) => kill.recoveryMs).sort((a, b) => a - b);
    const [medianMs, p99Ms] = [50, 99].map((percent) => percentile(times, percent));
    const at = count(some.map((kill) => kill.at));
    return [kind, { kills: some.length, medianMs, p99Ms, maxMs: times.at(-1), at }];
  });
  return { by: Object.fromEntries(by), missed: count(missed) };
}

function count(names: readonly string[]): Record<string, number> {
  const counts = [...Map.groupBy(names, (name) => name)];
  return Object.fromEntries(counts.map(([name, all]) => [name, all.length]).sort());
}

function percentile(sorted: readonly number[], percent: number): number {
  const at = Math.ceil((sorted.length * percent) / 100) - 1;
  return sorted[Math.max(0, at)] ?? 0;
}
