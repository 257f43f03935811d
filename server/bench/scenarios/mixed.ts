import { makeDayCalls, openDay, seedSmallDay } from '../day.ts';
import { type OpenLoadResult, runOpenLoad } from '../open-load.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB } from '../processes.ts';
import { type Measurement, median, type Scenario, type Session } from '../session.ts';
import { runWrkOnPanel, writeCalls } from '../wrk.ts';

const connections = 64;
const callsMade = 5_000;
const warmUpSeconds = 2;
const openWarmUpMs = 500;
/** Of what the panel can do at most, so much falls due. */
const loadShare = 0.5;
/** Of the calls that fall due in a run, so many have to be answered in it. */
const keptUp = 0.95;

/**
 * A mixed day: 90% statuses of 100 orders, 5% orders, 4% lists of services, 1% others. How many
 * calls a second there can be is measured first; then half as many fall due, answered or not, and
 * each one's time counts from when it was due.
 */
export const mixed: Scenario = {
  name: 'mixed',
  measures: 'the 99th percentile of a mixed day at half of what is possible, against p50',
  unit: '× p50',
  target: 5,
  judgedBy: 'most',
  run: (session) =>
    withPanel(session, async (panel) => {
      await seedSmallDay(panel);
      const measured = await measure(session, panel);
      await panel.verify();
      return measured;
    }),
};

async function measure(session: Session, panel: Panel): Promise<Measurement> {
  const { secondsPerRun, rounds } = session;
  const day = await openDay(panel);
  const served = await panel.serve();
  const { url } = served;
  const bodies = makeDayCalls(day, callsMade).map(({ body }) => body);
  const calls = await writeCalls(session, bodies);
  const saturate = (seconds: number) =>
    runWrkOnPanel(session, { url, calls, connections, seconds });
  await saturate(Math.min(warmUpSeconds, secondsPerRun));
  const most: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    most.push((await saturate(secondsPerRun)).perSecond);
  }
  const perSecond = Math.floor(median(most, (one) => one) * loadShare);
  const runs: OpenLoadResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const due = makeDayCalls(day, perSecond * secondsPerRun);
    runs.push(await runOpenLoad(session, { url, calls: due, perSecond, warmUpMs: openWarmUpMs }));
  }
  const run = median(runs, ({ p50Ms, p99Ms }) => p99Ms / p50Ms);
  for (const [kind, { count, p50Ms, p99Ms }] of Object.entries(run.kinds)) {
    say(`${kind}: ${count}, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
  }
  say(`sent ${run.lateMs.toFixed(2)} ms after they were due`);
  const kept = run.answered / run.seconds;
  return {
    value: run.p99Ms / run.p50Ms,
    reference: null,
    p50Ms: run.p50Ms,
    p99Ms: run.p99Ms,
    rssMiB: readRssMiB(served.process.pid),
    note: `${Math.round(kept)} of ${Math.round(perSecond / loadShare)} calls/s, none failed`,
    misses: kept < perSecond * keptUp ? [`to keep up with ${perSecond} calls/s`] : [],
  };
}

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
