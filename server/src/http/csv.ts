/** A cell's value; null is an empty cell. */
export type CsvCell = string | number | bigint | null;

/** A program that opens the file would run a cell that begins like this as a formula. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const number = /^-?\d+(\.\d+)?$/;
const needsQuotes = /[",\r\n]/;
/** Excel takes a file without it for the machine's own code page. */
const byteOrderMark = '\ufeff';

/** One line of a CSV file (RFC 4180) in which no text can be a formula. */
function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}

function formatCell(cell: CsvCell): string {
  if (cell === null) return '';
  const text = String(cell);
  const safe = formula.test(text) && !number.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Answers with a CSV file that is made while it is sent: the next batch is read when the one before
 * has gone, so a list of any length takes the memory of two. A batch that can't be read breaks the
 * connection, so that nobody takes a part for the whole.
 * @param batches lines of cells, batch after batch
 */
export function csvResponse(
  fileName: string,
  head: readonly string[],
  batches: AsyncIterator<readonly (readonly CsvCell[])[]>,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(byteOrderMark + csvLine(head))),
    pull: async (controller) => {
      const next = await batches.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value.map(csvLine).join('')));
    },
    cancel: async () => {
      await batches.return?.();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
      // Proxies such as nginx must not collect it first.
      'x-accel-buffering': 'no',
    },
  });
}
