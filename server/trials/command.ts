import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createRandom, type Random } from '../tests/random.ts';
import { startTestServer, type TestServer } from '../tests/test-server.ts';

/** One long run of a kind: bounded in number and time, and the same again by its seed. */
export type Trial = {
  seed: number;
  random: Random;
  /** How many to do; fewer when time is up first. */
  count: number;
  /** Ends the run: time is up, or somebody pressed Ctrl-C. */
  signal: AbortSignal;
  /** A PostgreSQL of its own; `harness.ts` works on it in this process. */
  server: TestServer;
  /** The arguments that are not options. */
  names: readonly string[];
  /** Moves the bar on a terminal; elsewhere a line now and then. */
  progress: (done: number, note?: string) => void;
  /** A line of the log, above the bar. */
  say: (line: string) => void;
};

export type TrialPlan = {
  /** As in `npm run NAME`. */
  name: string;
  /** What is counted, in the plural; `--count`, and `--UNIT` too, say how many. */
  unit: string;
  /** How many without an option. */
  count: number;
  /** What it tries, in a sentence. */
  about: string;
  /** What may be named, as in `[api] [worker]`. */
  names?: string;
};

/**
 * Runs a trial as a command: `--count N` (or by the unit's own name), `--seconds N`, `--seed N`;
 * `--help` explains them. Prints the seed first and how to run it again at a failure, which ends
 * with 1; what `run` returns is printed as JSON.
 */
export async function trial(
  plan: TrialPlan,
  run: (trial: Trial) => Promise<object>,
): Promise<void> {
  const screen = createScreen(plan);
  const given = readOptions(plan);
  if (given === undefined) return;
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => interrupted.abort(new Error(`stopped by ${name}`)));
  }
  const signals = [interrupted.signal];
  if (given.seconds > 0) signals.push(AbortSignal.timeout(given.seconds * 1_000));
  screen.say(`${plan.name}: seed ${given.seed}, ${given.count} ${plan.unit}`);
  const server = await startTestServer();
  Object.assign(process.env, server.env);
  try {
    const started = performance.now();
    const result = await run({
      ...{ seed: given.seed, count: given.count, names: given.names, server },
      random: createRandom(given.seed),
      signal: AbortSignal.any(signals),
      progress: (done, note) => screen.progress({ done, count: given.count, note }),
      say: screen.say,
    });
    screen.clear();
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    process.stdout.write(`${JSON.stringify({ seed: given.seed, ...result, seconds })}\n`);
  } catch (error) {
    screen.clear();
    const again = `npm run ${plan.name} -- --seed ${given.seed} --count ${given.count}`;
    screen.say(`${error instanceof Error ? error.stack : String(error)}\nagain: ${again}`);
    process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

type Options = { seed: number; count: number; seconds: number; names: readonly string[] };

/** Undefined if all that was asked for is help, which is given then. */
function readOptions(plan: TrialPlan): Options | undefined {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ seed: text, count: text, seconds: text, [plan.unit]: text },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(helpOf(plan));
    return undefined;
  }
  const read = (name: string, otherwise: number) => {
    const value: unknown = Reflect.get(values, name);
    if (value === undefined) return otherwise;
    if (typeof value === 'string' && /^[0-9]{1,10}$/.test(value)) return Number(value);
    throw new Error(`--${name} is a whole number`);
  };
  return {
    seed: read('seed', randomInt(2 ** 31)),
    count: read(plan.unit, read('count', plan.count)),
    seconds: read('seconds', 0),
    names: positionals,
  };
}

function helpOf({ name, unit, count, about, names }: TrialPlan): string {
  return `${about}

npm run ${name} -- [options]${names === undefined ? '' : ` ${names}`}
  --${unit} N, --count N   so many (${count})
  --seconds N   or as many as there is time for
  --seed N      the same run again; one at random is used otherwise, and printed
`;
}

type Progress = { done: number; count: number; note: string | undefined };

const barWidth = 24;
const quietLineMs = 15_000;

/** The bar on stderr, so that stdout holds the result alone. */
function createScreen(plan: TrialPlan) {
  const out = process.stderr;
  const startedMs = performance.now();
  let shownMs = 0;
  const clear = () => {
    if (out.isTTY) out.write('\r\u001b[2K');
  };
  const say = (line: string) => {
    clear();
    out.write(`${line}\n`);
  };
  const progress = ({ done, count, note = '' }: Progress) => {
    const nowMs = performance.now();
    if (nowMs - shownMs < (out.isTTY ? 100 : quietLineMs)) return;
    shownMs = nowMs;
    const share = count === 0 ? 1 : Math.min(done / count, 1);
    const full = Math.round(share * barWidth);
    const bar = '█'.repeat(full).padEnd(barWidth, '░');
    const rate = Math.round((done * 1_000) / (nowMs - startedMs));
    const line = `${bar} ${done}/${count} ${plan.unit}, ${rate}/s ${note}`;
    if (out.isTTY) out.write(`\r\u001b[2K${line}`);
    else say(line);
  };
  return { say, clear, progress };
}
