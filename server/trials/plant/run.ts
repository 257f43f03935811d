import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { minuteMs } from '../../src/base/index.ts';
import { shuffle } from '../../tests/random.ts';
import { type Trial, trial } from '../command.ts';
import { copyRepository } from './copy.ts';
import { type Plant, plants } from './plants.ts';

type Verdict = {
  name: string;
  caughtBy: 'expected tests' | 'the suite' | 'time-out' | 'nothing';
  seconds: number;
};

/** A test that hangs has noticed something, too. */
const testTimeoutMs = 90_000;
/** What hangs where no test can see it is ended from outside: twice what a slow machine takes. */
const limitsMs = { expected: 5 * minuteMs, suite: 20 * minuteMs };
/** For the processes of a run to end by themselves. */
const graceMs = 5_000;

// `npm run plant [-- NAME …]`: plants each mistake in a copy of the repository and runs the tests
// that should notice; where they don't, the whole suite.
const plan = {
  name: 'plant',
  unit: 'plants',
  count: plants.length,
  about: 'Plants mistakes in a copy of the repository, each of which must make a test fail.',
  names: '[NAME …]',
};

await trial(plan, async (run) => {
  const chosen = shuffle(run.random, choose(run)).slice(0, run.count);
  const copy = await copyRepository();
  const stop = () => copy.remove();
  try {
    const expected = [...new Set(chosen.flatMap(({ tests }) => tests))];
    run.say(`${expected.length} test files without any mistake`);
    if ((await runTests(run, copy.folder, expected)) !== 'passed') {
      throw new Error('these fail without any mistake, so they prove nothing');
    }
    const verdicts: Verdict[] = [];
    for (const plant of chosen) {
      if (run.signal.aborted) break;
      const verdict = await tryPlant(run, copy.folder, plant);
      verdicts.push(verdict);
      run.say(`${verdict.name.padEnd(28)} ${verdict.caughtBy.padEnd(15)} ${verdict.seconds} s`);
      run.progress(verdicts.length, plant.name);
    }
    const slipped = namesOf(verdicts, 'nothing').length;
    if (slipped > 0) process.exitCode = 1;
    return {
      planted: verdicts.length,
      caught: verdicts.length - slipped,
      bySuiteOnly: namesOf(verdicts, 'the suite'),
      byTimeOut: namesOf(verdicts, 'time-out'),
      slippedThrough: namesOf(verdicts, 'nothing'),
    };
  } finally {
    await stop();
  }
});

function namesOf(verdicts: readonly Verdict[], caughtBy: Verdict['caughtBy']): string[] {
  return verdicts.filter((one) => one.caughtBy === caughtBy).map(({ name }) => name);
}

function choose({ names }: Trial): readonly Plant[] {
  const unknown = names.find((name) => !plants.some((plant) => plant.name === name));
  if (unknown !== undefined) throw new Error(`there is no plant ${unknown}`);
  return names.length === 0 ? plants : plants.filter(({ name }) => names.includes(name));
}

async function tryPlant(run: Trial, folder: string, plant: Plant): Promise<Verdict> {
  const startedMs = performance.now();
  const path = join(folder, plant.file);
  const text = await readFile(path, 'utf8');
  if (text.split(plant.from).length !== 2) {
    throw new Error(`${plant.name}: its text does not stand once in ${plant.file}`);
  }
  await writeFile(
    path,
    text.replace(plant.from, () => plant.to),
  );
  try {
    const caughtBy = await findOut(run, folder, plant);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    return { name: plant.name, caughtBy, seconds };
  } finally {
    await writeFile(path, text);
  }
}

async function findOut(run: Trial, folder: string, plant: Plant): Promise<Verdict['caughtBy']> {
  const expected = await runTests(run, folder, plant.tests);
  if (expected !== 'passed') return expected === 'failed' ? 'expected tests' : 'time-out';
  const all = await runTests(run, folder, []);
  if (all === 'passed') return 'nothing';
  return all === 'failed' ? 'the suite' : 'time-out';
}

/** How test files end in the copy; none named: all of them. */
async function runTests(
  run: Trial,
  folder: string,
  files: readonly string[],
): Promise<'passed' | 'failed' | 'time-out'> {
  const runner = join(folder, 'server/tests/run.ts');
  const flags = [`--test-timeout=${testTimeoutMs}`, '--test-reporter=dot', '--test-force-exit'];
  const child = spawn(process.execPath, [runner, ...flags, ...files], {
    cwd: folder,
    stdio: 'ignore',
    // A group of its own, so that none of its processes outlives it.
    detached: true,
    env: { ...process.env, PANELWRIGHT_TEST_DATABASE_URL: run.server.url },
  });
  const closed = once(child, 'close');
  const limitMs = files.length > 0 ? limitsMs.expected : limitsMs.suite;
  const timeOut = AbortSignal.timeout(limitMs);
  const onEnd = () => void endGroup(child, closed);
  const ends = [run.signal, timeOut];
  for (const signal of ends) signal.addEventListener('abort', onEnd, { once: true });
  try {
    const [code] = await closed;
    run.signal.throwIfAborted();
    if (timeOut.aborted) return 'time-out';
    return code === 0 ? 'passed' : 'failed';
  } finally {
    for (const signal of ends) signal.removeEventListener('abort', onEnd);
  }
}

/** Ends a process and all it has started: first they may tidy up. */
async function endGroup(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await Promise.race([closed, setTimeout(graceMs, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all are gone
  }
}
