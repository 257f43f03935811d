import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Scenario } from './session.ts';

/** What a command line asks for. */
export type Options = {
  chosen: readonly Scenario[];
  json: boolean;
  /** Undefined: what the scenario has by itself. */
  seconds: number | undefined;
  rounds: number;
  size: number | undefined;
  filled: string | undefined;
  profile: string | undefined;
};

const roundsUsual = 3;
export const secondsUsual = 3;

/** The command line's options, each with what `--help` says of it. */
const flags = {
  json: { type: 'boolean', value: '', says: 'one JSON document on stdout instead of the table' },
  seconds: {
    type: 'string',
    value: ' N',
    says: `how long a run measures (${secondsUsual}, where it is not said below)`,
  },
  rounds: {
    type: 'string',
    value: ' N',
    says: `of so many runs the median counts (${roundsUsual})`,
  },
  size: {
    type: 'string',
    value: ' N',
    says: 'how much is measured on, where a size is said below',
  },
  filled: {
    type: 'string',
    value: ' FOLDER',
    says: 'measure on a folder that bench:fill has filled',
  },
  profile: { type: 'string', value: ' FOLDER', says: 'leave a CPU profile of each server there' },
  help: { type: 'boolean', value: '', says: 'this' },
} as const;

/**
 * Reads a command line.
 * @returns undefined when it asks for help
 * @throws Error that names what there is, when it asks for something else
 */
export function readOptions(
  args: readonly string[],
  scenarios: readonly Scenario[],
): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const { seconds, rounds, size, filled, profile } = values;
  const chosen = chooseScenarios(positionals, { scenarios, isFilled: filled !== undefined });
  const read = (name: string, text: string | undefined, max: number) =>
    text === undefined ? undefined : readWhole(name, text, max);
  const options = {
    chosen,
    json: values.json ?? false,
    seconds: read('seconds', seconds, 3_600),
    rounds: read('rounds', rounds, 99) ?? roundsUsual,
    size: read('size', size, 100_000_000),
    filled: filled === undefined ? undefined : resolve(filled),
    profile: profile === undefined ? undefined : resolve(profile),
  };
  if (size !== undefined && chosen.every((scenario) => scenario.size === undefined)) {
    const sized = scenarios.filter((scenario) => scenario.size !== undefined);
    throw new Error(`--size is for ${sized.map(({ name }) => name).join(', ')}`);
  }
  return options;
}

/** What `--help` prints. */
export function describeOptions(scenarios: readonly Scenario[]): string {
  const rows = scenarios.map((scenario) => [scenario.name, describeScenario(scenario)] as const);
  const options = Object.entries(flags).map(
    ([name, { value, says }]) => [`--${name}${value}`, says] as const,
  );
  return [
    'npm run bench -- [scenario …] [options]',
    '',
    'Measures each scenario beside its reference, in turns; without names all of them.',
    '',
    ...[...columns(rows), '', ...columns(options)],
    '',
  ].join('\n');
}

function describeScenario({ measures, seconds, size, filled }: Scenario): string {
  const own = [
    ...(filled === 'must' ? ['--filled'] : []),
    ...(size === undefined ? [] : [`--size ${size}`]),
    ...(seconds === undefined ? [] : [`--seconds ${seconds}`]),
  ];
  return own.length === 0 ? measures : `${measures} (${own.join(', ')})`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: flags });
  } catch (error) {
    const known = Object.keys(flags).map((name) => `--${name}`);
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new Error(`${reason}; there are ${known.join(', ')}`, { cause: error });
  }
}

function chooseScenarios(
  names: readonly string[],
  { scenarios, isFilled }: { scenarios: readonly Scenario[]; isFilled: boolean },
): readonly Scenario[] {
  const can = (scenario: Scenario) => isFilled || scenario.filled !== 'must';
  if (names.length === 0) return scenarios.filter(can);
  return names.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found !== undefined) {
      if (!can(found)) throw new Error(`${name} measures on a filled folder: --filled FOLDER`);
      return found;
    }
    const known = scenarios.map((scenario) => scenario.name).join(', ');
    throw new Error(`no scenario "${name}"; there are ${known}`);
  });
}

function readWhole(name: string, text: string, max: number): number {
  if (/^[1-9][0-9]{0,8}$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`--${name} is a whole number from 1 to ${max}`);
}
