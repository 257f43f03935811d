import { resolve } from 'node:path';
import { type Log, type Peers, systemClock } from '../base/index.ts';
import { type Config, defaultDataDir } from '../config.ts';
import { listCustomers } from '../customers/index.ts';
import type { OpenedTarget } from '../db/index.ts';
import { readProviders } from '../providers/index.ts';
import {
  type Role,
  type Running,
  type SharedProcess,
  serve,
  sharedProcess,
} from '../runtime/index.ts';
import { type Banner, bannerJson, describeBanner } from './banner.ts';
import { print } from './print.ts';
import { runProcesses } from './serve-processes.ts';
import type { CommonOptions, Reply } from './session.ts';

/** What `serve` was asked for. */
export type ServeCommand = CommonOptions & { role: Role; demo?: boolean; processes?: number };

const failureExitCode = 1;

/**
 * Serves until told to stop, in this process or in several.
 * @param by `opening` is the database, where somebody has begun to open it already
 */
export async function servePanel(
  config: Config,
  options: ServeCommand,
  by: { stop: Promise<void>; opening: Promise<OpenedTarget> | undefined; log: Log },
): Promise<void> {
  const { processes, role } = options;
  const { stop, opening, log } = by;
  const show = (reply: Reply) => print(options, reply);
  if (processes === undefined) return serveUntil(stop, { config, role, log, opening, show });
  const shared = sharedProcess(processes);
  if (shared !== undefined) return runShared({ config, role, log }, { stop, shared });
  const isWell = await runProcesses(config, { count: processes, role }, { stop, show });
  process.exitCode = isWell ? 0 : failureExitCode;
}

/** The same in one of several processes, whose parent speaks for all of them. */
async function runShared(
  serving: Pick<Serving, 'config' | 'role' | 'log'>,
  { stop, shared }: { stop: Promise<void>; shared: SharedProcess },
): Promise<void> {
  try {
    await serveUntil(stop, { ...serving, peers: shared.peers, show: shared.announce });
  } finally {
    shared.leave();
  }
}

type Serving = {
  config: Config;
  role: Role;
  log: Log;
  opening?: Promise<OpenedTarget> | undefined;
  peers?: Peers;
  show: (reply: Reply) => void;
};

/** Serves until told to stop; then HTTP ends first, the worker next, the database last. */
async function serveUntil(
  stop: Promise<void>,
  { config, peers, show, ...serving }: Serving,
): Promise<void> {
  const running = await serve({ ...config, ...serving, peers, clock: systemClock });
  try {
    const banner = await prepare(running, config, serving.role);
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
