import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createLog, type Peers, systemClock } from '../base/index.ts';
import { type Config, defaultDataDir } from '../config.ts';
import { listCustomers } from '../customers/index.ts';
import { readProviders } from '../providers/index.ts';
import {
  type Role,
  type Running,
  type SharedProcess,
  serve,
  sharedProcess,
} from '../runtime/index.ts';
import { type Banner, bannerJson, describeBanner } from './banner.ts';
import { choice } from './choice.ts';
import type { Settings } from './program.ts';
import { refuseShare, runProcesses, toProcesses } from './serve-processes.ts';
import { type CommonOptions, print, type Reply } from './session.ts';

type Options = CommonOptions & { role: Role; demo?: boolean; processes?: number };

const failureExitCode = 1;
const interruptedExitCode = 130;
/**
 * One Ctrl-C may arrive more than once: from the terminal, and again from npm, which passes on what
 * its child has already got. Only a later signal means "at once".
 */
const sameSignalMs = 1_000;

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
    .action(async (options: Options) => {
      const { processes } = options;
      if (processes !== undefined) refuseShare(options);
      const stop = onStopSignal();
      const config = settings();
      const shared = processes === undefined ? undefined : sharedProcess(processes);
      if (shared !== undefined) return runShared(config, options, { stop, shared });
      if (processes !== undefined) {
        const { role } = options;
        const show = (reply: Reply) => print(options, reply);
        const isWell = await runProcesses(config, { count: processes, role }, { stop, show });
        process.exitCode = isWell ? 0 : failureExitCode;
        return;
      }
      if (!options.demo) return runServer(config, options, stop);
      const dataDir = await mkdtemp(join(tmpdir(), 'panelwright-demo-'));
      try {
        const demo = { ...config, dataDir, databaseUrl: undefined, isProduction: false };
        await runServer(demo, options, stop);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    });
}

async function runServer(config: Config, options: Options, stop: Promise<void>): Promise<void> {
  await serveUntil(stop, {
    config,
    role: options.role,
    show: (reply) => print(options, reply),
  });
}

/** The same in one of several processes, whose parent speaks for all of them. */
async function runShared(
  config: Config,
  { role }: Options,
  { stop, shared }: { stop: Promise<void>; shared: SharedProcess },
): Promise<void> {
  try {
    await serveUntil(stop, { config, role, peers: shared.peers, show: shared.announce });
  } finally {
    shared.leave();
  }
}

type Serving = {
  config: Config;
  role: Role;
  peers?: Peers;
  show: (reply: Reply) => void;
};

/** Serves until told to stop; then HTTP ends first, the worker next, the database last. */
async function serveUntil(
  stop: Promise<void>,
  { config, role, peers, show }: Serving,
): Promise<void> {
  const log = createLog(config.logLevel);
  const running = await serve({ ...config, role, peers, clock: systemClock, log });
  try {
    const banner = await prepare(running, config, role);
    show({ json: bannerJson(banner), text: describeBanner(banner) });
    await stop;
    if (process.stderr.isTTY && peers === undefined) process.stderr.write('\nstopping…\n');
  } finally {
    await running.stop();
  }
}

/** What to tell the person who waits. */
async function prepare(running: Running, config: Config, role: Role): Promise<Banner> {
  const { app, url, demo } = running;
  const [customer] = await listCustomers(app.db, 1);
  return {
    url: url === '' ? null : reachable(url),
    publicUrl: config.publicUrl ?? null,
    demo,
    delivers: role === 'all' && (await readProviders(app.db)).some(({ isSandbox }) => isSandbox),
    customerId: customer?.id ?? null,
    // A command finds another data directory only when it is told.
    environment:
      config.databaseUrl === undefined && resolve(config.dataDir) !== resolve(defaultDataDir)
        ? `PANELWRIGHT_DATA_DIR=${resolve(config.dataDir)} `
        : '',
  };
}

/** A server on every address is reached here through the loopback one. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function onStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstMs ??= performance.now();
        resolve();
        if (performance.now() - firstMs > sameSignalMs) process.exit(interruptedExitCode);
      });
    }
  });
}
