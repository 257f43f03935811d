import { type FailpointName, setFailpoint } from '../../src/base/index.ts';
import type { Gate } from './network.ts';

/** How a worker's pass was left: it waits for an answer, or its process is no more. */
export type Stop = { kind: 'held'; gate: Gate } | { kind: 'killed' };

/** What breaks in the panel's process: kills at failpoints, connections between two statements. */
export type Faults = {
  /** Kills the next work that comes to this point. */
  killAt: (name: KillPoint) => void;
  isKilling: () => boolean;
  /** Breaks the connection before or after the n-th statement of what comes next. */
  cutAt: (cut: Cut) => void;
  /** From here on statements are counted, if one is to break. */
  startCut: () => void;
  /** Whether a connection is still to break. */
  isCutting: () => boolean;
  /** Whether one broke in what is under way, so that its answer may be lost. */
  isCut: () => boolean;
  /** Stops to count for now. */
  pauseCut: () => void;
  /** Stops to count, and answers whether a connection broke since it was started. */
  endCut: () => boolean;
  /** Resolves when the work that is under way is stopped. */
  nextStop: () => Promise<Stop>;
  /** Whether somebody waits for that; nothing else can be stopped. */
  isWatched: () => boolean;
  endWatch: () => void;
  onHeld: (gate: Gate) => void;
  clear: () => void;
};

type Cut = { statement: number; when: 'before' | 'after' };

export const killPoints = [
  'forward.after_intent',
  'forward.after_send',
  'poll.after_reply',
  'refill.after_send',
  'cancel.after_send',
] as const satisfies FailpointName[];

export type KillPoint = (typeof killPoints)[number];

function pauseCut(): void {
  setFailpoint('db.before_statement');
  setFailpoint('db.after_statement');
}

/** Opens the faults of a world; failpoints are the process's, so there is one world at a time. */
export function openFaults(): Faults {
  let onStop: ((stop: Stop) => void) | undefined;
  let killing: KillPoint | undefined;
  let cut: Cut | undefined;
  let isCut = false;

  function endKill(): void {
    if (killing !== undefined) setFailpoint(killing);
    killing = undefined;
  }

  function endCut(): boolean {
    pauseCut();
    const was = isCut;
    isCut = false;
    return was;
  }

  /** Counts a statement; an error of this kind is what a broken socket looks like. */
  function count(): void {
    if (cut === undefined) return;
    cut.statement -= 1;
    if (cut.statement > 0) return;
    cut = undefined;
    isCut = true;
    throw Object.assign(new Error('cut'), { code: 'CONNECTION_CLOSED' });
  }

  return {
    killAt: (name) => {
      endKill();
      killing = name;
      setFailpoint(name, () => {
        // What nobody waits for may come by late, on a slow machine; nobody would see it die.
        if (onStop === undefined) return;
        endKill();
        onStop({ kind: 'killed' });
        return new Promise(() => {});
      });
    },
    isKilling: () => killing !== undefined,
    cutAt: (next) => {
      cut = { ...next };
    },
    startCut: () => {
      if (cut === undefined) return;
      setFailpoint(cut.when === 'before' ? 'db.before_statement' : 'db.after_statement', count);
    },
    isCutting: () => cut !== undefined,
    isCut: () => isCut,
    pauseCut,
    endCut,
    nextStop: () =>
      new Promise((resolve) => {
        onStop = resolve;
      }),
    isWatched: () => onStop !== undefined,
    endWatch: () => {
      onStop = undefined;
    },
    onHeld: (gate) => onStop?.({ kind: 'held', gate }),
    clear: () => {
      cut = undefined;
      endKill();
      endCut();
    },
  };
}
