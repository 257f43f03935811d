import { describeOptions, type Options, readOptions, secondsUsual } from './options.ts';
import { hasProgram } from './processes.ts';
import { judge, type ReportRow, renderTable } from './report.ts';
import { add, addLasting, addOneConnection, addOneCustomer } from './scenarios/add.ts';
import { balance } from './scenarios/balance.ts';
import { delivering } from './scenarios/delivering.ts';
import { forward } from './scenarios/forward.ts';
import { growthAdd, growthMixed } from './scenarios/growth.ts';
import { lists } from './scenarios/lists.ts';
import { memory } from './scenarios/memory.ts';
import { mixed } from './scenarios/mixed.ts';
import { poll } from './scenarios/poll.ts';
import { processesAdd, processesForward } from './scenarios/processes.ts';
import { services } from './scenarios/services.ts';
import { startEmpty, startFull } from './scenarios/start.ts';
import { status } from './scenarios/status.ts';
import { status100 } from './scenarios/status100.ts';
import { verify } from './scenarios/verify.ts';
import { inSession, type Scenario, type Session } from './session.ts';

/**
 * `npm run bench`: measures each scenario and its reference in the same run; `--help` names them.
 * Ends with 0 also when a target is missed; the report says so.
 */
const scenarios: readonly Scenario[] = [
  ...[add, addOneCustomer, addOneConnection, addLasting],
  ...[status, status100, balance, services],
  ...[mixed, growthMixed, growthAdd],
  ...[processesAdd, processesForward],
  ...[forward, poll, delivering],
  ...[lists, verify],
  ...[startEmpty, startFull, memory],
];
const scenarioTimeoutMs = 120_000;
const againstPgbench = /^add(?!-lasting)|^status100/;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}

try {
  const options = readOptions(process.argv.slice(2), scenarios);
  if (options === undefined) process.stdout.write(describeOptions(scenarios));
  else await measure(options);
} catch (error) {
  const reason: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error;
  say(`bench: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

async function measure(options: Options): Promise<void> {
  requirePrograms(options.chosen);
  const rows: ReportRow[] = [];
  for (const scenario of options.chosen) {
    say(`${scenario.name} …`);
    const row = judge(scenario, await inSession(sessionOf(scenario, options), scenario.run));
    rows.push(row);
    const against = row.ratio === null ? '' : `, ${row.ratio} × the reference`;
    say(`${scenario.name}: ${row.value} ${row.unit}${against}`);
  }
  process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : renderTable(rows));
}

function sessionOf(scenario: Scenario, options: Options): Omit<Session, 'folder'> {
  const { timeoutMs = scenarioTimeoutMs } = scenario;
  const { rounds, filled, profile } = options;
  const secondsPerRun = options.seconds ?? scenario.seconds ?? secondsUsual;
  // Value and reference each take so long.
  const measuringMs = 2 * rounds * secondsPerRun * 1_000;
  return {
    signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(timeoutMs + measuringMs)]),
    secondsPerRun,
    rounds,
    size: options.size ?? scenario.size ?? 0,
    ...(filled === undefined || scenario.filled === undefined ? {} : { filled }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function requirePrograms(chosen: readonly Scenario[]): void {
  const needed = [
    'wrk',
    ...(chosen.some(({ name }) => againstPgbench.test(name)) ? ['pgbench'] : []),
  ];
  const missing = needed.filter((name) => !hasProgram(name));
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(' and ')} not found. On Debian and Ubuntu: apt-get install wrk ` +
        'postgresql-contrib',
    );
  }
}

/** Progress is for people, on stderr; stdout holds the result alone. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
