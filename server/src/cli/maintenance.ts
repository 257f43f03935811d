import type { Command } from 'commander';
import { systemClock } from '../base/index.ts';
import { type CheckReport, migrate } from '../db/index.ts';
import { verify } from '../system/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, runOnApp, runOnTarget } from './session.ts';

/** `verify` and `migrate`. */
export function addMaintenance(program: Command, settings: Settings): void {
  program
    .command('verify')
    .description('check every invariant of the books and orders; exit code 1 if any is broken')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const report = await verify(app.db);
        if (!report.ok) process.exitCode = 1;
        return { json: report, text: formatReport(report) };
      }),
    );
  program
    .command('migrate')
    .description("bring the database to this release's schema (serve does so by itself)")
    .action((options: CommonOptions) =>
      runOnTarget(settings, options, async (target) => {
        const applied = await migrate(target, systemClock);
        const text =
          applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`;
        return { json: { applied }, text };
      }),
    );
}

/** What was checked, and what is broken. */
function formatReport(report: CheckReport): string {
  const checked = Object.entries(report.checked).map(([name, count]) => `  ${count} × ${name}`);
  const broken = report.broken.map(
    (row) => `  ${row.invariant} ${row.check}: ${row.subject}: ${row.detail}`,
  );
  const head = report.ok ? 'ok: nothing is broken' : `${broken.length} broken:`;
  return [head, ...broken, 'checked:', ...checked].join('\n');
}
