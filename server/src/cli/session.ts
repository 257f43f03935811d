import { type Actor, createLog, type Log, systemClock } from '../base/index.ts';
import type { Config } from '../config.ts';
import { type DatabaseTarget, type OpenedTarget, openTarget } from '../db/index.ts';
import { type App, openRuntime } from '../runtime/index.ts';
import { print } from './print.ts';
import type { Settings } from './program.ts';
import { interruptedExitCode, onStopSignal } from './stop-signal.ts';

/** Who every command acts as. */
export const cliActor: Actor = { kind: 'staff', name: 'cli', access: 'full' };

/** The result of a command: a JSON document for programs, text for people. */
export type Reply = { json: unknown; text: string };

/** What every command takes. */
export type CommonOptions = { json?: boolean };

type LoggedConfig = Config & { log: Log };

/** A command runs a few statements one after the other, and a refresh of the catalog beside. */
const connectionsMax = 3;

/** Opens the panel for one command, prints its reply and closes the panel again. */
export async function runOnApp(
  settings: Settings,
  options: CommonOptions,
  work: (app: App, target: DatabaseTarget) => Promise<Reply>,
): Promise<void> {
  const config = configOf(settings);
  const reply = await onDatabase(config, async (opened) => {
    const opening = Promise.resolve(opened);
    const runtime = await openRuntime({ ...config, opening, connectionsMax, clock: systemClock });
    try {
      return await work(runtime.app, runtime.target);
    } finally {
      await runtime.close();
    }
  });
  print(options, reply);
}

/** The same for a command that needs the database alone, before there is a panel in it. */
export async function runOnTarget(
  settings: Settings,
  options: CommonOptions,
  work: (target: DatabaseTarget) => Promise<Reply>,
): Promise<void> {
  const reply = await onDatabase(configOf(settings), ({ target }) => work(target));
  print(options, reply);
}

/** What a server logs as usual would only disturb a command's own output. */
function configOf(settings: Settings): LoggedConfig {
  const config = settings();
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  return { ...config, log };
}

/**
 * Opens the database, runs work on it and closes it, also on Ctrl-C at any moment: a database that
 * was started for the command must not stay behind. What the work has open there ends first, or it
 * would stay up for that.
 */
async function onDatabase<T>(
  config: LoggedConfig,
  work: (opened: OpenedTarget) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  let leaving: Promise<never> | undefined;
  const ignoreSignals = onStopSignal(() => {
    interruption.abort();
    leaving = leave(opening);
  });
  const opening = openTarget({ ...config, signal: interruption.signal });
  try {
    const opened = await opening;
    try {
      return await work(opened);
    } finally {
      await opened.stop();
    }
  } finally {
    // Work whose connections have ended fails, of which there is nothing to tell.
    await leaving;
    ignoreSignals();
  }
}

/** Waits for a database that is just starting, too: only then can it be told to stop. */
async function leave(opening: Promise<OpenedTarget>): Promise<never> {
  try {
    const { stop } = await opening;
    await stop();
  } finally {
    process.exit(interruptedExitCode);
  }
}
