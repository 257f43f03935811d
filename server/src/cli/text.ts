import { AppError } from '../base/index.ts';

/** A time as people read it: to the second, UTC. */
export function formatTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** Rows under a heading in aligned columns; put what is long or varies in width last. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '(none)';
  const all = [heading.map((title) => title.toUpperCase()), ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values, one a line, the values aligned. */
export function formatFields(fields: readonly (readonly [string, string])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

const lineLettersMax = 300;

/** A text from outside on one line, without control characters, and not too long. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > lineLettersMax ? `${line.slice(0, lineLettersMax)}…` : line;
}

/** Refuses a change of nothing. @throws AppError `invalid_input` */
export function requireChanges(changes: object): void {
  if (Object.keys(changes).length > 0) return;
  throw new AppError('invalid_input', 'nothing to change: give an option (see --help)');
}
