import type { Measurement, Scenario } from './session.ts';

/** One scenario's line of `--json`. */
export type ReportRow = {
  scenario: string;
  value: number;
  unit: string;
  reference: number;
  ratio: number;
  target: number;
  met: boolean;
  p50Ms: number | null;
  p99Ms: number | null;
  rssMiB: number;
};

/** What the server process may use, unless the scenario says otherwise. */
const rssMiBMaxDefault = 250;

/** Judges a measurement: the ratio (or a value that is enough by itself), delays, and memory. */
export function judge(scenario: Scenario, measured: Measurement): ReportRow {
  const ratio = measured.value / measured.reference;
  const isFast = ratio >= scenario.target || measured.value >= (scenario.enough ?? Infinity);
  const isSteady = scenario.p99MsMax === undefined || (measured.p99Ms ?? 0) < scenario.p99MsMax;
  const rssMiBMax = scenario.rssMiBMax ?? rssMiBMaxDefault;
  return {
    scenario: scenario.name,
    value: Math.round(measured.value),
    unit: scenario.unit,
    reference: Math.round(measured.reference),
    ratio: round(ratio, 3),
    target: scenario.target,
    met: isFast && isSteady && measured.rssMiB < rssMiBMax,
    p50Ms: measured.p50Ms === null ? null : round(measured.p50Ms, 2),
    p99Ms: measured.p99Ms === null ? null : round(measured.p99Ms, 2),
    rssMiB: Math.round(measured.rssMiB),
  };
}

/** The rows as a table for people. */
export function renderTable(rows: readonly ReportRow[]): string {
  const head = ['scenario', 'value', 'unit', 'reference', 'ratio', 'target', 'met'];
  const lines = [[...head, 'p50 ms', 'p99 ms', 'RSS MiB']];
  for (const row of rows) {
    lines.push([
      ...[row.scenario, String(row.value), row.unit, String(row.reference), row.ratio.toFixed(2)],
      ...[`≥ ${row.target}`, row.met ? 'yes' : 'NO', printMs(row.p50Ms), printMs(row.p99Ms)],
      String(row.rssMiB),
    ]);
  }
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) =>
    line.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join('  '),
  );
  return `${text.join('\n')}\n`;
}

function printMs(ms: number | null): string {
  return ms === null ? '–' : ms.toFixed(2);
}

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
