import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  checkBackup,
  createBackup,
  endBackups,
  readHeader,
  restoreBackup,
} from '../backup/index.ts';
import { systemClock } from '../base/index.ts';
import { connect, type DatabaseTarget } from '../db/index.ts';
import { confirmRestore, verify } from '../system/index.ts';
import { print } from './print.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp, runOnTarget } from './session.ts';

/** Making, checking and restoring backups. */
export function addBackup(program: Command, settings: Settings): void {
  program
    .command('backup')
    .description('write the whole database into one file, beside a running server')
    .argument('<file>', 'replaced, once the new one is whole, if it exists')
    .action((file: string, options: CommonOptions) =>
      runOnTarget(settings, options, async (target) => {
        const summary = await createBackup({ target, file, clock: systemClock });
        const { size: bytes } = await stat(file);
        const text = `${file}: ${summary.rows} rows of ${summary.tables} tables, ${bytes} bytes`;
        return { json: { file, bytes, ...summary }, text };
      }),
    );
  program
    .command('check-backup')
    .description('read a backup to its end, and compare its rows with their checksums')
    .argument('<file>')
    .action(async (file: string, options: CommonOptions) => {
      const summary = await checkBackup(file);
      const text = `whole: ${summary.rows} rows of ${summary.tables} tables, ${summary.createdAt}`;
      print(options, { json: { file, ...summary }, text });
    });
  program
    .command('end-backups')
    .description('no backup is made by itself any more: what was due is not late, and not red')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        await endBackups(app, cliActor);
        const text = 'ended; where a worker has PANELWRIGHT_BACKUP_DIR, it begins anew';
        return { json: { ended: true }, text };
      }),
    );
  program
    .command('restore')
    .description('fill an empty database from a backup, and verify it')
    .argument('<file>', 'written by backup, of the same release')
    .addHelpText(
      'after',
      '\nExample:\n  PANELWRIGHT_DATA_DIR=./restored panelwright restore panel.backup',
    )
    .action(async (file: string, options: CommonOptions) => {
      await readHeader(file);
      await runOnTarget(settings, options, async (target) => {
        const summary = await restoreBackup({ target, file, clock: systemClock });
        const { ok, broken } = await verifyTarget(target);
        if (!ok) process.exitCode = 1;
        const outcome = ok ? 'verified' : `${broken.length} invariants are broken: run verify`;
        const text = [
          `restored ${summary.rows} rows of ${summary.createdAt}; ${outcome}`,
          `made unknown, as they may have been sent since: ${summary.doubted} orders, ` +
            `${summary.doubtedRequests} refills and cancellations`,
          'nothing goes out to providers until you stop the other panel and run: confirm-restore',
        ].join('\n');
        return { json: { ...summary, ok, broken }, text };
      });
    });
  program
    .command('confirm-restore')
    .description('let a restored panel send orders again, now that the other one is stopped')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const { doubted } = await confirmRestore(app, cliActor);
        const text = `confirmed; orders to be decided, as nobody knows of them: ${doubted}`;
        return { json: { doubted }, text };
      }),
    );
}

async function verifyTarget(target: DatabaseTarget) {
  const database = connect(target, { connectionsMax: 2 });
  try {
    return await verify(database.db);
  } finally {
    await database.close();
  }
}
