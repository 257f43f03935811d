import { type EpochResult, runEpoch } from './epoch.ts';
import { epochOf, explain, type Which } from './replay.ts';

/** What a lane is asked to do, and what it answers. */
export type LaneRequest = { kind: 'run' | 'explain'; which: Which };
export type LaneAnswer = { request: LaneRequest; result: EpochResult } | { error: string };

// One process beside others: epochs need nothing of each other, but failpoints are a process's own.
process.on('message', (request: LaneRequest) => {
  void work(request).then(
    (result) => process.send?.({ request, result } satisfies LaneAnswer),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ error: text } satisfies LaneAnswer);
    },
  );
});

async function work({ kind, which }: LaneRequest): Promise<EpochResult> {
  const epoch = epochOf(which);
  const result = await runEpoch(epoch);
  return kind === 'run' || result.failure === null ? result : explain(epoch, result);
}
