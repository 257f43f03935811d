import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time. The database's own clock is never asked, so tests can move it. */
export type Clock = {
  now: () => Date;
  /** Lets so much of its time pass; a clock that runs by itself has no need of it. */
  pass?: (ms: number) => Promise<void>;
};

export const systemClock: Clock = { now: () => new Date() };

/** A clock for tests that stands still until it is moved. */
export function fakeClock(start: Date): Clock & { advance: (ms: number) => void } {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** Waits so long by a clock. The signal ends the wait early. */
export async function waitBy(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (clock.pass !== undefined) await clock.pass(ms);
  else await delay(ms, undefined, { signal }).catch(() => {});
}

/**
 * Between half of a time and all of it, at random: for how long something is kept. What many asked
 * for in one moment, as after a start, else grows old in one, and is read again in one.
 */
export function scatterMs(maxMs: number): number {
  return maxMs * (1 - Math.random() / 2);
}

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A last day as the protocol writes it, `d/m/Y`; it is kept as the moment that day ends (UTC). */
export function formatLastDay(end: Date): string {
  const day = new Date(end.getTime() - 1);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()}`;
}
