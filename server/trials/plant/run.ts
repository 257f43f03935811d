import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Trial, trial } from '../command.ts';
import { copyRepository } from './copy.ts';
import { type Plant, plants } from './plants.ts';

type Verdict = {
  name: string;
  caughtBy: 'expected tests' | 'the suite' | 'nothing';
  seconds: number;
};

/** A test that hangs has noticed something, too. */
const testTimeoutMs = 90_000;

// `npm run plant [-- NAME …]`: plants each mistake in a copy of the repository and runs the tests
// that should notice; where they don't, the whole suite.
await trial({ name: 'plant', unit: 'plants', count: plants.length }, async (run) => {
  const chosen = choose(run).slice(0, run.count);
  const copy = await copyRepository();
  const stop = () => copy.remove();
  try {
    const expected = [...new Set(chosen.flatMap(({ tests }) => tests))];
    run.say(`${expected.length} test files without any mistake`);
    if (!(await passes(run, copy.folder, expected))) {
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
    const slipped = verdicts.filter(({ caughtBy }) => caughtBy === 'nothing');
    if (slipped.length > 0) process.exitCode = 1;
    return {
      planted: verdicts.length,
      caught: verdicts.length - slipped.length,
      bySuiteOnly: verdicts.flatMap((one) => (one.caughtBy === 'the suite' ? one.name : [])),
      slippedThrough: slipped.map(({ name }) => name),
    };
  } finally {
    await stop();
  }
});

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
    const isSeen = !(await passes(run, folder, plant.tests));
    const isCaught = isSeen || !(await passes(run, folder, []));
    const caughtBy = isSeen ? 'expected tests' : isCaught ? 'the suite' : 'nothing';
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    return { name: plant.name, caughtBy, seconds };
  } finally {
    await writeFile(path, text);
  }
}

/** Whether test files pass in the copy; none named: all of them. */
async function passes(run: Trial, folder: string, files: readonly string[]): Promise<boolean> {
  const runner = join(folder, 'server/tests/run.ts');
  const flags = [`--test-timeout=${testTimeoutMs}`, '--test-reporter=dot', '--test-force-exit'];
  const child = spawn(process.execPath, [runner, ...flags, ...files], {
    cwd: folder,
    stdio: 'ignore',
    signal: run.signal,
    env: { ...process.env, TEST_DATABASE_URL: run.server.url },
  });
  const [code] = await once(child, 'close');
  return code === 0;
}
