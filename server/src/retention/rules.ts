import { assertNever } from '../base/index.ts';

/** What is kept by months: the name of its table. */
export type History = 'order_events' | 'delivery_events' | 'provider_calls';

export const histories: readonly History[] = ['order_events', 'delivery_events', 'provider_calls'];

/** How many whole months are kept after the month itself; null: for ever. */
export type MonthsKept = { eventsMonths: number | null; callsMonths: number | null };

/** A part of a history: a month, all that was before the first one, or what has no month. */
export type Part = {
  history: History;
  /** Its table. */
  name: string;
  /** Null: from the beginning on. */
  from: Date | null;
  until: Date;
  bytes: bigint;
  /** As the planner estimates it. */
  rows: bigint;
};

/** A part that is gone. */
export type GonePart = Pick<Part, 'history' | 'from' | 'until'> & {
  /** What it had. */
  rows: bigint;
  /** Of those, what stayed because its orders still ran. */
  kept: bigint;
  /** A name in the archive; empty where none was written. */
  file: string;
};

/** `ahead`: nothing is in it yet; `current`: this month is in it; `kept`; `due`: it goes next. */
export type MonthState = 'ahead' | 'current' | 'kept' | 'due';

/** How many months have a table before they begin. */
const monthsAhead = 3;

/** The first moment of the month (UTC) that is so many months after that of a moment. Pure. */
export function startOfMonth(at: Date, monthsAfter = 0): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + monthsAfter, 1));
}

/** The table of the month that begins then. Pure. */
export function nameOfMonth(history: History, from: Date): string {
  return `${history}_${from.toISOString().slice(0, 7).replace('-', '_')}`;
}

/** The column that says which month a row belongs to. */
export function timeOf(history: History): 'created_at' | 'hour' {
  return history === 'provider_calls' ? 'hour' : 'created_at';
}

/** The columns of the key of each month. */
export function keyOf(history: History): readonly string[] {
  switch (history) {
    case 'order_events':
    case 'delivery_events':
      return ['customer_id', 'order_id', 'id'];
    case 'provider_calls':
      return ['provider_id', 'hour', 'action'];
    default:
      return assertNever(history);
  }
}

/** When a part may go: so many months after its end; null: never. Pure. */
export function dropsAt(part: Omit<Part, 'name'>, kept: MonthsKept): Date | null {
  const months = part.history === 'provider_calls' ? kept.callsMonths : kept.eventsMonths;
  return months === null ? null : startOfMonth(part.until, months);
}

/** How a part stands. Pure. */
export function stateOf(part: Omit<Part, 'name'>, kept: MonthsKept, now: Date): MonthState {
  if (part.from !== null && part.from > now) return 'ahead';
  if (part.until > now) return 'current';
  const drops = dropsAt(part, kept);
  return drops !== null && drops <= now ? 'due' : 'kept';
}

/** The months from this one on, as many as are to be there, whose first moment no part has. */
export function missingMonths(parts: readonly Part[], now: Date): Date[] {
  const wanted = Array.from({ length: monthsAhead + 1 }, (_, after) => startOfMonth(now, after));
  return wanted.filter((month) => !parts.some((part) => covers(part, month)));
}

/** Whether a moment belongs to a part. Pure. */
export function covers({ from, until }: Part, at: Date): boolean {
  return (from === null || from <= at) && at < until;
}

/**
 * The times of a partition as PostgreSQL prints them in UTC; undefined for the one that takes what
 * has no month. Pure.
 */
export function parseBounds(text: string): Pick<Part, 'from' | 'until'> | undefined {
  const found = /^FOR VALUES FROM \((MINVALUE|'[^']+')\) TO \('([^']+)'\)$/.exec(text);
  const [, from = '', until = ''] = found ?? [];
  if (found === null) return undefined;
  return {
    from: from === 'MINVALUE' ? null : new Date(from.slice(1, -1)),
    until: new Date(until),
  };
}
