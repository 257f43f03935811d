import { type Clock, type Log, minuteMs } from '../base/index.ts';
import { sqlState } from './transaction.ts';

/** Whether the database can still write: it says so itself when its disk is full. */
export type StorageWatch = {
  /** Told of every statement that failed. */
  note: (error: unknown) => void;
  /** Whether the disk was full within the last minute. */
  isFull: () => boolean;
};

const diskFull = '53100';

/** Opens the watch; it logs what to do once a minute while the disk is full. */
export function createStorageWatch({ clock, log }: { clock: Clock; log: Log }): StorageWatch {
  let lastMs = Number.NEGATIVE_INFINITY;
  let loggedMs = Number.NEGATIVE_INFINITY;
  return {
    note: (error) => {
      if (sqlState(error) !== diskFull) return;
      lastMs = clock.now().getTime();
      if (Math.abs(lastMs - loggedMs) < minuteMs) return;
      loggedMs = lastMs;
      log.error({}, "the database's disk is full: make room; until then nothing new is taken");
    },
    isFull: () => Math.abs(clock.now().getTime() - lastMs) < minuteMs,
  };
}
