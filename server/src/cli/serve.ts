import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError, createLog } from '../base/index.ts';
import type { Config } from '../config.ts';
import { openTarget } from '../db/index.ts';
import { choice } from './choice.ts';
import type { Settings } from './program.ts';
import type { ServeCommand } from './serve-panel.ts';
import { onStopSignal } from './stop-signal.ts';

const processesMax = 64;

/** `serve`: the server. */
export function addServe(program: Command, settings: Settings): void {
  program
    .command('serve')
    .description('run the server until Ctrl-C; a second Ctrl-C ends it at once')
    .addOption(
      choice('--role <role>', 'answer requests, do due work, or both', [
        'all',
        'api',
        'worker',
      ]).default('all'),
    )
    .option(
      '--processes <n>',
      'answer requests in so many processes on one port, for as many cores',
      toProcesses,
    )
    .option('--demo', 'a demo in a temporary directory, removed at the end')
    .action(async (options: ServeCommand) => {
      if (options.processes !== undefined) refuseShare(options);
      const stop = new Promise<void>((resolve) => {
        onStopSignal(resolve);
      });
      const config = settings();
      if (!options.demo) return runServe(config, options, stop);
      const dataDir = await mkdtemp(join(tmpdir(), 'panelwright-demo-'));
      try {
        const demo = { ...config, dataDir, databaseUrl: undefined, isProduction: false };
        await runServe(demo, options, stop);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    });
}

/** The database takes as long to start as the rest of the code to load: both do at once. */
async function runServe(config: Config, options: ServeCommand, stop: Promise<void>): Promise<void> {
  const log = createLog(config.logLevel);
  // Several processes share the database of the one that watches over them.
  const opening = options.processes === undefined ? openTarget({ ...config, log }) : undefined;
  // Who awaits it is told; if nobody comes to that, there is nothing to tell.
  opening?.catch(() => {});
  const { servePanel } = await import('./serve-panel.ts');
  await servePanel(config, options, { stop, opening, log });
}

/** How many processes. @throws AppError `invalid_input` */
function toProcesses(text: string): number {
  const count = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= processesMax) return count;
  throw new AppError('invalid_input', `--processes is a whole number from 1 to ${processesMax}`);
}

/** @throws AppError `invalid_input` for what can't be had together */
function refuseShare({ role, demo }: ServeCommand): void {
  if (role === 'worker') {
    throw new AppError(
      'invalid_input',
      '--processes is for answering requests: use --role api or all. For more workers start ' +
        'serve --role worker several times',
    );
  }
  if (demo !== true) return;
  throw new AppError('invalid_input', '--demo runs in one process: leave out --processes');
}
