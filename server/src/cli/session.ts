import { type Actor, createLog, systemClock } from '../base/index.ts';
import type { Config } from '../config.ts';
import { type DatabaseTarget, openTarget } from '../db/index.ts';
import { type App, openRuntime } from '../runtime/index.ts';
import { print } from './print.ts';
import type { Settings } from './program.ts';

/** Who every command acts as. */
export const cliActor: Actor = { kind: 'staff', name: 'cli', access: 'full' };

/** The result of a command: a JSON document for programs, text for people. */
export type Reply = { json: unknown; text: string };

/** What every command takes. */
export type CommonOptions = { json?: boolean };

/** A command runs a few statements one after the other, and a refresh of the catalog beside. */
const connectionsMax = 3;
const interruptedExitCode = 130;

/** Opens the panel for one command, prints its reply and closes the panel again. */
export async function runOnApp(
  settings: Settings,
  options: CommonOptions,
  work: (app: App, target: DatabaseTarget) => Promise<Reply>,
): Promise<void> {
  const config = settings();
  const log = createLog(commandLogLevel(config));
  const runtime = await openRuntime({ ...config, connectionsMax, clock: systemClock, log });
  const reply = await closing(runtime.close, () => work(runtime.app, runtime.target));
  print(options, reply);
}

/** The same for a command that needs the database alone, before there is a panel in it. */
export async function runOnTarget(
  settings: Settings,
  options: CommonOptions,
  work: (target: DatabaseTarget) => Promise<Reply>,
): Promise<void> {
  const config = settings();
  const log = createLog(commandLogLevel(config));
  const { target, stop } = await openTarget({ ...config, log });
  const reply = await closing(stop, () => work(target));
  print(options, reply);
}

/** What a server logs as usual would only disturb a command's own output. */
function commandLogLevel(config: Config): string {
  return config.logLevel === 'info' ? 'warn' : config.logLevel;
}

/**
 * Runs work and closes what it used, also on Ctrl-C: a database that was started for the command
 * must not stay behind.
 */
async function closing<T>(close: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const leave = () => {
    void close().finally(() => process.exit(interruptedExitCode));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, leave);
  try {
    return await work();
  } finally {
    await close();
    for (const signal of signals) process.removeListener(signal, leave);
  }
}
