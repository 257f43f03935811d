import type { Measurement, Scenario } from './session.ts';

/** One scenario's line of `--json`. */
export type ReportRow = {
  scenario: string;
  value: number;
  unit: string;
  reference: number | null;
  ratio: number | null;
  target: number;
  judgedBy: 'ratio' | 'least' | 'most';
  met: boolean;
  p50Ms: number | null;
  p99Ms: number | null;
  rssMiB: number;
  note: string;
};

/** What the server process may use, unless the scenario says otherwise. */
const rssMiBMaxDefault = 250;

/** Judges a measurement: the ratio or the value, delays, memory, and what else was missed. */
export function judge(scenario: Scenario, measured: Measurement): ReportRow {
  const { note = '', misses = [], reference } = measured;
  const { judgedBy = 'ratio' } = scenario;
  const ratio = reference === null ? null : measured.value / reference;
  const isFast = {
    ratio: (ratio ?? 0) >= scenario.target || measured.value >= (scenario.enough ?? Infinity),
    least: measured.value >= scenario.target,
    most: measured.value <= scenario.target,
  }[judgedBy];
  const isSteady = scenario.p99MsMax === undefined || (measured.p99Ms ?? 0) < scenario.p99MsMax;
  const rssMiBMax = scenario.rssMiBMax ?? rssMiBMaxDefault;
  return {
    scenario: scenario.name,
    value: measured.value < 100 ? round(measured.value, 2) : Math.round(measured.value),
    unit: scenario.unit,
    reference: reference === null ? null : Math.round(reference),
    ratio: ratio === null ? null : round(ratio, 3),
    target: scenario.target,
    judgedBy,
    met: isFast && isSteady && misses.length === 0 && measured.rssMiB < rssMiBMax,
    p50Ms: measured.p50Ms === null ? null : round(measured.p50Ms, 2),
    p99Ms: measured.p99Ms === null ? null : round(measured.p99Ms, 2),
    rssMiB: Math.round(measured.rssMiB),
    note: [note, ...misses.map((missed) => `NOT: ${missed}`)].filter(Boolean).join('; '),
  };
}

/** The rows as a table for people. */
export function renderTable(rows: readonly ReportRow[]): string {
  const head = ['scenario', 'value', 'unit', 'reference', 'ratio', 'target', 'met'];
  const lines = [[...head, 'p50 ms', 'p99 ms', 'RSS MiB', '']];
  for (const row of rows) {
    lines.push([
      ...[row.scenario, String(row.value), row.unit, String(row.reference ?? '–')],
      ...[print(row.ratio), describeTarget(row), row.met ? 'yes' : 'NO'],
      ...[print(row.p50Ms), print(row.p99Ms), String(row.rssMiB), row.note],
    ]);
  }
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

function describeTarget({ judgedBy, target, unit }: ReportRow): string {
  if (judgedBy === 'ratio') return `≥ ${target} ×`;
  return `${judgedBy === 'least' ? '≥' : '≤'} ${target} ${unit}`;
}

function print(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
