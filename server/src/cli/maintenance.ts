import type { Command } from 'commander';
import { systemClock } from '../base/index.ts';
import { brokenRowsMax, type CheckReport, distribute, migrate } from '../db/index.ts';
import { partsKnown, verify } from '../system/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, runOnApp, runOnTarget } from './session.ts';

/** `verify` and `migrate`. */
export function addMaintenance(program: Command, settings: Settings): void {
  program
    .command('verify')
    .description('check every invariant of the books and orders; exit code 1 if any is broken')
    .option('--whole', 'read also what has not changed since it was last verified')
    .action((options: CommonOptions & { whole?: boolean }) =>
      runOnApp(settings, options, async (app) => {
        const report = await verify(app.db, { parts: partsKnown(app, options.whole) });
        if (!report.ok) process.exitCode = 1;
        return { json: report, text: formatReport(report) };
      }),
    );
  program
    .command('migrate')
    .description("bring the database to this release's schema (serve does so by itself)")
    .option('--distribute', 'spread the tables over the nodes of a Citus cluster, by customer')
    .action((options: CommonOptions & { distribute?: boolean }) =>
      runOnTarget(settings, options, async (target) => {
        const applied = await migrate(target, systemClock);
        const migrated =
          applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`;
        if (!options.distribute) return { json: { applied }, text: migrated };
        const placed = await distribute(target);
        return { json: { applied, ...placed }, text: [migrated, formatPlaced(placed)].join('\n') };
      }),
    );
}

/** What went where. */
function formatPlaced({ distributed, reference }: Awaited<ReturnType<typeof distribute>>): string {
  if (distributed.length + reference.length === 0) return 'every table is in its place';
  return [
    `distributed by customer: ${distributed.join(', ') || 'none'}`,
    `on every node: ${reference.join(', ') || 'none'}`,
    'all others stay on the coordinator',
  ].join('\n');
}

/** What was checked, and what is broken. */
function formatReport(report: CheckReport): string {
  const checked = Object.entries(report.checked).map(([name, count]) => `  ${count} × ${name}`);
  const broken = report.broken.map(
    (row) => `  ${row.invariant} ${row.check}: ${row.subject}: ${row.detail}`,
  );
  const ofChecks = Map.groupBy(report.broken, ({ check }) => check);
  const isCut = [...ofChecks.values()].some(({ length }) => length >= brokenRowsMax);
  const more = isCut ? ` or more, of each check the first ${brokenRowsMax}` : '';
  const head = report.ok ? 'ok: nothing is broken' : `${broken.length} broken${more}:`;
  return [head, ...broken, 'checked:', ...checked].join('\n');
}
