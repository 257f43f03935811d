/**
 * Reads CSV by RFC 4180.
 * @throws Error for a text that is none
 */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const [, value = '', end = ''] = cell.exec(text) ?? [];
    if (cell.lastIndex <= at) throw new Error(`no CSV from ${at} on: ${text.slice(at, at + 80)}`);
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
