import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Launched, launchOnce } from '../launched.ts';
import { withPanel } from '../panel.ts';
import { seedCustomers } from '../seed.ts';
import { type Measurement, median, type Scenario, type Session } from '../session.ts';

const unit = 'ms';
const timeoutMs = 300_000;

/** From `npm start` on an empty directory, which makes a database and a demo, to an order. */
export const startEmpty: Scenario = {
  name: 'start-empty',
  measures: 'from npm start on an empty directory to the answer of the first order',
  unit,
  target: 4_000,
  judgedBy: 'most',
  timeoutMs,
  run: async (session) => {
    await chmod(session.folder, 0o755);
    const runs: Launched[] = [];
    for (let round = 0; round < session.rounds; round += 1) {
      const dataDir = join(session.folder, `data-${round}`);
      runs.push(await launchOnce(dataDir, session));
    }
    return describe(runs, 'a new panel');
  },
};

/** The same on a panel that was set up and stopped; on a filled one, if there is one. */
export const startFull: Scenario = {
  name: 'start-full',
  measures: 'the same on a panel that was set up and stopped, or on a filled one',
  unit,
  target: 1_500,
  judgedBy: 'most',
  filled: 'can',
  timeoutMs,
  run: async (session) => {
    const { dataDir, key, what } = await setUp(session);
    const runs: Launched[] = [];
    for (let round = 0; round < session.rounds; round += 1) {
      runs.push(await launchOnce(dataDir, { ...session, key }));
    }
    return describe(runs, what);
  },
};

async function setUp(session: Session): Promise<{ dataDir: string; key: string; what: string }> {
  const dataDir = join(session.filled ?? session.folder, 'data');
  if (session.filled === undefined) {
    await chmod(session.folder, 0o755);
    await mkdir(dataDir);
    const { key } = await launchOnce(dataDir, session);
    return { dataDir, key, what: 'a demo, one order' };
  }
  return withPanel(session, async (panel) => {
    const [customer] = await seedCustomers(panel, 1);
    const [row] = await panel.owner.sql<{ last: bigint }[]>`select max(id) as last from orders`;
    const what = `a panel of ${row?.last ?? 0} orders`;
    return { dataDir, key: customer?.key ?? '', what };
  });
}

function describe(runs: readonly Launched[], what: string): Measurement {
  const { ms, rssMiB } = median(runs, (run) => run.ms);
  const all = runs.map((run) => Math.round(run.ms)).join(', ');
  return { value: ms, reference: null, p50Ms: null, p99Ms: null, rssMiB, note: `${what}; ${all}` };
}
