import type { Command } from 'commander';
import { AppError } from '../base/index.ts';
import {
  applyRetention,
  type Policy,
  type Retention,
  type RetentionRun,
  readPolicy,
  readRetention,
  updatePolicy,
} from '../retention/index.ts';
import { archiveOf } from '../runtime/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatFields, formatTable, formatTime, requireChanges } from './text.ts';
import { toSwitch, toWhole } from './values.ts';

type SetOptions = CommonOptions & {
  events?: number | null;
  calls?: number | null;
  export?: boolean;
};

/** `retention`: history by months, and how long it is kept. */
export function addRetention(program: Command, settings: Settings): void {
  const group = program
    .command('retention')
    .description('history by months: events of orders and deliveries, counts of calls');
  group
    .command('show')
    .description('the policy, the months there are, when each may go, and what is gone')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const retention = await readRetention(app.db, app.clock.now());
        return { json: retentionJson(retention), text: describeRetention(retention) };
      }),
    );
  group
    .command('set')
    .description('how many whole months are kept after their own')
    .option('--events <months>', 'a number, or "forever"', toMonths)
    .option('--calls <months>', 'a number, or "forever"', toMonths)
    .option('--export <on|off>', 'whether a month is written into a file first', toSwitch)
    .addHelpText('after', '\nExample:\n  panelwright retention set --events 24 --calls 3')
    .action(({ events, calls, export: isExported, ...options }: SetOptions) =>
      runOnApp(settings, options, async (app) => {
        const changes: Partial<Policy> = {
          ...(events === undefined ? {} : { eventsMonths: events }),
          ...(calls === undefined ? {} : { callsMonths: calls }),
          ...(isExported === undefined ? {} : { isExported }),
        };
        requireChanges(changes);
        await updatePolicy(app, cliActor, changes);
        const policy = await readPolicy(app.db);
        return { json: policy, text: describePolicy(policy) };
      }),
    );
  group
    .command('apply')
    .description('export and drop now what is due, as a worker does every hour')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app, target) => {
        const dir = archiveOf(settings().dataDir);
        const run = await applyRetention(app, cliActor, { target, dir });
        if (run === undefined) throw new AppError('conflict', 'a worker is at it');
        return { json: runJson(run), text: describeRun(run, dir) };
      }),
    );
}

function toMonths(text: string): number | null {
  return text === 'forever' ? null : toWhole(text);
}

/** Counts as JSON integers. */
function retentionJson({ policy, months, archived }: Retention) {
  return {
    policy,
    months: months.map((row) => ({ ...row, bytes: Number(row.bytes), rows: Number(row.rows) })),
    archived: archived.map((row) => ({
      ...row,
      rows: Number(row.rows),
      kept: Number(row.kept),
      fileBytes: Number(row.fileBytes),
    })),
  };
}

function runJson(run: RetentionRun) {
  const dropped = run.dropped.map((row) => ({
    ...row,
    rows: Number(row.rows),
    kept: Number(row.kept),
  }));
  return { ...run, dropped };
}

function describePolicy({ eventsMonths, callsMonths, isExported }: Policy): string {
  const months = (count: number | null) => (count === null ? 'for ever' : `${count} months`);
  return formatFields([
    ['events', months(eventsMonths)],
    ['calls', months(callsMonths)],
    ['before', isExported ? 'exported' : 'nothing: dropped alone'],
  ]);
}

function describeRetention({ policy, months, archived }: Retention): string {
  // What is ready for the months to come says nothing to people.
  const begun = months.filter(({ state }) => state !== 'ahead');
  const there = begun.map((row) => [
    row.history,
    monthOf(row),
    row.state,
    row.dropsAt === null ? 'never' : formatTime(row.dropsAt),
    `${row.bytes}`,
    `${row.rows}`,
  ]);
  const gone = archived.map((row) => [
    row.history,
    monthOf(row),
    formatTime(row.droppedAt),
    `${row.rows}`,
    `${row.kept}`,
    row.file === '' ? '-' : row.file,
  ]);
  return [
    describePolicy(policy),
    formatTable(['history', 'month', 'state', 'goes', 'bytes', 'rows (about)'], there),
    `dropped\n${formatTable(['history', 'month', 'dropped', 'rows', 'kept', 'file'], gone)}`,
  ].join('\n\n');
}

function monthOf({ from, until }: { from: Date | null; until: Date }): string {
  const month = (from ?? until).toISOString().slice(0, 7);
  return from === null ? `before ${month}` : month;
}

function describeRun(run: RetentionRun, dir: string): string {
  const lines = run.dropped.map((row) => {
    const kept = row.kept === 0n ? '' : `, ${row.kept} kept for orders that run`;
    const file = row.file === '' ? '' : `, in ${row.file}`;
    return `dropped ${row.history} ${monthOf(row)}: ${row.rows} rows${kept}${file}`;
  });
  if (run.dropped.some(({ file }) => file !== '')) lines.push(`files are in ${dir}`);
  if (run.added.length > 0) lines.push(`created ${run.added.join(', ')}`);
  if (run.waiting > 0) lines.push(`${run.waiting} months wait until their figures are closed`);
  if (run.isHalted) lines.push('nothing goes until the restore is confirmed: confirm-restore');
  if (run.isBusy) lines.push('others read all of it now (a backup, verify): try again');
  return lines.length === 0 ? 'nothing is due' : lines.join('\n');
}
