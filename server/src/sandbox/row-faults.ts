import type { RowFault } from './faults.ts';

type Row = Record<string, unknown>;

/** Spoils the body of a `status` reply. `quantityOf` tells what was ordered under an id. */
export function spoilRows(
  fault: RowFault,
  body: string,
  quantityOf: (id: string) => number,
): string {
  const document: unknown = JSON.parse(body);
  if (!isRow(document) || 'error' in document) return body;
  if (typeof document.status === 'string') {
    // A single row has no id in it.
    return JSON.stringify(spoilRow(fault, document, quantityOf('')));
  }
  const rows = Object.entries(document);
  const isMeant = (id: string) =>
    !('orders' in fault) || (fault.orders?.some((order) => String(order) === id) ?? true);
  switch (fault.kind) {
    case 'rows_missing':
      return printRows(rows.filter(([id]) => !isMeant(id)));
    case 'rows_foreign':
      return printRows([
        ...rows,
        ...fault.orders.map((order): [string, unknown] => [String(order), rows[0]?.[1]]),
      ]);
    case 'rows_swapped':
      return printRows(rows.map(([id], index) => [id, rows.at(index - 1)?.[1]]));
    case 'rows_list': {
      const { idField } = fault;
      return JSON.stringify(
        rows.map(([id, row]) =>
          idField === undefined || !isRow(row) ? row : { [idField]: Number(id), ...row },
        ),
      );
    }
    case 'rows_proto':
      return printProto(rows);
    case 'rows_bare':
    case 'rows_fields':
    case 'rows_regress':
      return printRows(
        rows.map(([id, row]) => [
          id,
          isRow(row) && isMeant(id) ? spoilRow(fault, row, quantityOf(id)) : row,
        ]),
      );
  }
}

function spoilRow(fault: RowFault, row: Row, quantity: number): unknown {
  switch (fault.kind) {
    case 'rows_bare':
      return fault.text ?? 'Incorrect order ID';
    case 'rows_fields':
      return { ...row, ...fault.fields };
    case 'rows_regress':
      return { ...row, status: 'Pending', start_count: null, remains: String(quantity) };
    case 'rows_list':
      return [row];
    default:
      return row;
  }
}

/** An object's own printing would sort ids and drop one that is there twice. */
function printRows(rows: readonly (readonly [string, unknown])[]): string {
  return `{${rows.map(([id, row]) => `${JSON.stringify(id)}:${JSON.stringify(row)}`).join(',')}}`;
}

function printProto(rows: readonly [string, unknown][]): string {
  const evil = '{"status":"Completed","remains":"0","charge":"0","polluted":true}';
  const printed = rows.map(([id, row]) => {
    const text = JSON.stringify(row);
    const spoiled = text.startsWith('{') ? `{"__proto__":${evil},${text.slice(1)}` : text;
    return `${JSON.stringify(id)}:${spoiled}`;
  });
  const keys = ['__proto__', 'constructor', 'toString'].map((name) => `"${name}":${evil}`);
  return `{${[...keys, ...printed].join(',')}}`;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
