import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CsvCell, csvResponse } from '../../src/http/index.ts';
import { readCsv } from './csv-text.ts';
import { createTarget, type Target } from './target.ts';
import { oddText } from './texts.ts';

const batch = 300;
const columns = 4;
/** What a spreadsheet takes for the beginning of a formula. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const plainNumber = /^-?[0-9]+(\.[0-9]+)?$/;

const starts = fc.constantFrom('=', '+', '-', '@', '\t=', '\r', '＝', '"', ',', '\n', "'", '');
const cells: fc.Arbitrary<CsvCell> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(starts, oddText).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.bigInt(), fc.constant(null)) },
);
const rows = fc.array(cells, { minLength: columns, maxLength: columns });

/** Files for spreadsheets: every cell comes back as it was, and none of them is a formula. */
export async function openCsv(): Promise<Target> {
  return createTarget({
    inputs: rows,
    batch,
    check: async (batchOfRows) => {
      const head = ['a', 'b', 'c', 'd'];
      async function* batches() {
        yield batchOfRows;
      }
      const bytes = await csvResponse('file.csv', head, batches()).bytes();
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      assert(text.startsWith('\ufeff'));
      const [names, ...read] = readCsv(text.slice(1));
      assert.deepEqual(names, head);
      assert.equal(read.length, batchOfRows.length);
      for (const [at, row] of batchOfRows.entries()) assertRow(row, read[at] ?? []);
    },
  });
}

function assertRow(row: readonly CsvCell[], read: readonly string[]): void {
  assert.equal(read.length, columns);
  row.forEach((cell, at) => {
    const text = cell === null ? '' : String(cell).toWellFormed();
    const back = read[at] ?? '';
    assert(back === text || back === `'${text}`, JSON.stringify([text, back]));
    const isHarmless = !formula.test(back) || plainNumber.test(back);
    assert(isHarmless, `a formula: ${JSON.stringify(back)}`);
  });
}
