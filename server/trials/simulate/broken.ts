import { type FailpointName, setFailpoint } from '../../src/base/index.ts';
import type { Gate } from './network.ts';

/** How a worker's pass was left: it waits for an answer, or its process is no more. */
export type Stop = { kind: 'held'; gate: Gate } | { kind: 'killed' };

/** What breaks in the panel's process: kills at failpoints, connections between two statements. */
export type Faults = {
  /** Kills the next work that comes to this point. */
  killAt: (name: KillPoint) => void;
  isKilling: () => boolean;
  /** Breaks the connection before or after the n-th statement of what is begun next. */
  cutAt: (cut: Cut) => void;
  /** From here on statements are counted, if one is to break. */
  startCut: () => void;
  isCutting: () => boolean;
  /** Whether the connection broke; it will not any more, if it has not. */
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

/** Opens the faults of a world; failpoints are the process's, so there is one world at a time. */
export function openFaults(): Faults {
  let onStop: ((stop: Stop) => void) | undefined;
  let killing: KillPoint | undefined;
  let next: Cut | undefined;
  let cutting = false;
  let wasCut = false;

  function endKill(): void {
    if (killing !== undefined) setFailpoint(killing);
    killing = undefined;
  }

  function endCut(): boolean {
    setFailpoint('db.before_statement');
    setFailpoint('db.after_statement');
    const was = wasCut;
    cutting = false;
    wasCut = false;
    return was;
  }

  return {
    killAt: (name) => {
      endKill();
      killing = name;
      setFailpoint(name, () => {
        endKill();
        onStop?.({ kind: 'killed' });
        return new Promise(() => {});
      });
    },
    isKilling: () => killing !== undefined,
    cutAt: (cut) => {
      next = cut;
    },
    startCut: () => {
      if (next === undefined) return;
      const { statement, when } = next;
      let left = statement;
      next = undefined;
      cutting = true;
      setFailpoint(when === 'before' ? 'db.before_statement' : 'db.after_statement', () => {
        left -= 1;
        if (left !== 0) return;
        wasCut = true;
        throw Object.assign(new Error('cut'), { code: 'CONNECTION_CLOSED' });
      });
    },
    isCutting: () => cutting,
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
      next = undefined;
      endKill();
      endCut();
    },
  };
}
