import type { AuditRow } from './queries.ts';

/** A field of what was changed; undefined where it was not noted. */
export type Change = { field: string; before: unknown; after: unknown; isChanged: boolean };

/** The fields before and after beside each other, in their own order. */
export function changesOf({ before, after }: Pick<AuditRow, 'before' | 'after'>): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields.map((field) => {
    const [old, now] = [before?.[field], after?.[field]];
    const isBoth = before !== null && after !== null;
    // After a change only what was touched is noted; what was beside it is the same.
    const isKept = isBoth && (now === undefined || JSON.stringify(old) === JSON.stringify(now));
    return { field, before: old, after: now, isChanged: !isKept };
  });
}

/** A field's name as words: `discountBasisPoints` as "Discount basis points". */
export function wordsOf(field: string): string {
  const words = field
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
