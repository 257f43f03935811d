import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { Plan } from './plans.ts';
import type { SandboxService } from './service-types.ts';

/** What happened, in the order it happened. Times are ISO 8601; amounts decimal strings. */
export type JournalEntry =
  | {
      kind: 'add';
      at: string;
      order: number;
      /** The terms it was bought at, so that a later catalog changes nothing. */
      service: SandboxService;
      /** Of one run. 0 for a subscription. */
      quantity: number;
      /** For all runs. */
      charge: string;
      /** Every parameter as it was sent, but the key. */
      params: Readonly<Record<string, string>>;
    }
  /** A run of a drip-feed or a post of a subscription, which made an order of its own. */
  | {
      kind: 'child';
      at: string;
      order: number;
      parent: number;
      link: string;
      quantity: number;
      charge: string;
    }
  | { kind: 'announce'; at: string; order: number; link: string }
  | { kind: 'cancel'; at: string; order: number }
  | { kind: 'refill'; at: string; order: number; refill: number }
  | { kind: 'deposit'; at: string; amount: string }
  | { kind: 'plan'; at: string; target: PlanTarget; plan: Plan };

/** What a plan is for: one order, all of a service, or whatever is ordered for a link. */
export type PlanTarget = { order: number } | { service: number } | { link: string };

export type AddEntry = Extract<JournalEntry, { kind: 'add' }>;

export type Journal = {
  entries: () => readonly JournalEntry[];
  /** Resolves nothing: the line is with the system when it returns, before any reply. */
  append: (entry: JournalEntry) => void;
  close: () => void;
};

/** Opens a journal file and reads what it has; without a file it is kept in memory alone. */
export function openJournal(file: string | undefined): Journal {
  if (file === undefined) {
    const entries: JournalEntry[] = [];
    return {
      entries: () => entries,
      append: (entry) => {
        entries.push(entry);
      },
      close: () => {},
    };
  }
  const entries = readJournal(file);
  const handle = openSync(file, 'a');
  return {
    entries: () => entries,
    append: (entry) => {
      writeSync(handle, `${JSON.stringify(entry)}\n`);
      entries.push(entry);
    },
    close: () => closeSync(handle),
  };
}

/**
 * Reads a journal file, also that of a process that was killed: half a last line is cut off, as
 * what it tells of was never answered. A missing file has no entries.
 */
export function readJournal(file: string): JournalEntry[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole < bytes.length) truncateSync(file, whole);
  const lines = bytes.toString('utf8', 0, whole).split('\n');
  // Only `append` writes the file.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

/** The orders that were bought, without the children the sandbox made of them. */
export function addsOf(entries: readonly JournalEntry[]): AddEntry[] {
  return entries.filter((entry) => entry.kind === 'add');
}

/**
 * How many orders were bought per value of a parameter, for instance `link` or the field of the
 * request id. Orders without the parameter are counted under the empty text.
 */
export function countAdds(entries: readonly JournalEntry[], param: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { params } of addsOf(entries)) {
    const value = params[param] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
