import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hasProgram } from './processes.ts';
import { judge, type ReportRow, renderTable } from './report.ts';
import { add, addOneConnection, addOneCustomer } from './scenarios/add.ts';
import { balance } from './scenarios/balance.ts';
import { forward } from './scenarios/forward.ts';
import { lists } from './scenarios/lists.ts';
import { poll } from './scenarios/poll.ts';
import { services } from './scenarios/services.ts';
import { status } from './scenarios/status.ts';
import { status100 } from './scenarios/status100.ts';
import { inSession, type Scenario } from './session.ts';

/**
 * `npm run bench [-- scenario …] [--json] [--seconds N] [--rounds N] [--filled FOLDER]`: measures
 * each scenario and its reference in the same run. Ends with 0 also when a target is missed; the
 * report says so.
 */
const scenarios: readonly Scenario[] = [
  ...[add, addOneCustomer, addOneConnection, status, status100, balance, services],
  ...[forward, poll, lists],
];
const scenarioTimeoutMs = 120_000;

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    filled: { type: 'string' },
  },
});
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}

try {
  const chosen = chooseScenarios(positionals);
  const secondsPerRun = readWhole('seconds', given.seconds);
  const rounds = readWhole('rounds', given.rounds);
  const filled = given.filled === undefined ? {} : { filled: resolve(given.filled) };
  requirePrograms(chosen);
  const rows: ReportRow[] = [];
  for (const scenario of chosen) {
    say(`${scenario.name} …`);
    const { timeoutMs = scenarioTimeoutMs } = scenario;
    const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(timeoutMs)]);
    const measured = await inSession({ signal, secondsPerRun, rounds, ...filled }, scenario.run);
    const row = judge(scenario, measured);
    rows.push(row);
    say(`${scenario.name}: ${row.value} ${row.unit}, ${row.ratio} × the reference`);
  }
  process.stdout.write(given.json ? `${JSON.stringify(rows)}\n` : renderTable(rows));
} catch (error) {
  const reason: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error;
  say(`bench: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios;
  return names.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found !== undefined) return found;
    const known = scenarios.map((scenario) => scenario.name).join(', ');
    throw new Error(`no scenario "${name}"; there are ${known}`);
  });
}

function requirePrograms(chosen: readonly Scenario[]): void {
  const needed = ['wrk', ...(chosen.some(({ name }) => name.startsWith('add')) ? ['pgbench'] : [])];
  const missing = needed.filter((name) => !hasProgram(name));
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(' and ')} not found. On Debian and Ubuntu: apt-get install wrk ` +
        'postgresql-contrib',
    );
  }
  if (availableParallelism() < 2) say('one core only: wrk takes time from the server it measures');
}

function readWhole(name: string, text: string): number {
  if (!/^[1-9][0-9]?$/.test(text)) throw new Error(`--${name} is a whole number from 1 to 99`);
  return Number(text);
}

/** Progress is for people, on stderr; stdout holds the result alone. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
