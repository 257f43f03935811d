import { readFileSync, statSync } from 'node:fs';
import type { JournalEntry } from '../../src/sandbox/index.ts';

/** As the panel names its requests: after the order. */
const requestIdForm = /^pw-([0-9]+)-/;

/**
 * Follows an upstream's journal on disk. `read` takes in what is new and throws for an order of
 * ours that was made there twice; `sent` has the upstream's number by ours.
 */
export function followUpstream(file: string): { read: () => void; sent: Map<string, string> } {
  const sent = new Map<string, string>();
  const fresh = followJournal(file);
  return {
    sent,
    read: () => {
      for (const entry of fresh()) {
        if (entry.kind !== 'add') continue;
        const [, order = ''] = requestIdForm.exec(entry.params.request_id ?? '') ?? [];
        if (order === '') throw new Error(`sent without an id: ${JSON.stringify(entry)}`);
        if (sent.has(order)) throw new Error(`sent twice: order ${order}, ${entry.params.link}`);
        sent.set(order, String(entry.order));
      }
    },
  };
}

/** Reads what was added to a journal since the last time; half a last line is left for the next. */
function followJournal(file: string): () => JournalEntry[] {
  let at = 0;
  return () => {
    if (statSync(file).size === at) return [];
    const added = readFileSync(file).subarray(at);
    const whole = added.lastIndexOf('\n') + 1;
    at += whole;
    const lines = added.toString('utf8', 0, whole).split('\n');
    // Only the upstream writes the file.
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
  };
}
