import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { explainError } from './errors.ts';
import { addServe } from './serve.ts';
import { restoreNulls } from './values.ts';

/** Reads the settings when a command runs, so that `--help` works with bad ones. */
export type Settings = () => Config;

const usageExitCode = 2;
const failureExitCode = 1;

/**
 * Runs one command line.
 * @returns the exit code: 0, 1 for a refusal or failure, 2 for a command line that is not right
 */
export async function runCli(args: readonly string[], settings: Settings): Promise<number> {
  process.exitCode = 0;
  process.stdout.on('error', endQuietly);
  try {
    const program = await createProgram(args[0], settings);
    await program.parseAsync(args, { from: 'user' });
    return process.exitCode;
  } catch (error) {
    // commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
    process.stderr.write(`error: ${explainError(error)}\n`);
    return failureExitCode;
  }
}

/** Whoever read the output (`head`) has seen enough. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

async function createProgram(command: string | undefined, settings: Settings): Promise<Command> {
  const program = new Command('panelwright')
    .description('Self-hosted order panel: the server, and its commands for operators.')
    .version(readVersion())
    .showHelpAfterError('(add --help to see how it is used)')
    .exitOverride()
    .hook('preAction', (_program, command) => restoreNulls(command))
    .addHelpText(
      'after',
      '\nSettings come from the environment and from .env; .env.example lists them.\n' +
        'Commands work beside a running server, which sees their changes at once, or without one.',
    );
  addServe(program, settings);
  // A server starts its database before it loads all that the other commands need.
  if (command !== 'serve') (await import('./commands.ts')).addCommands(program, settings);
  for (const leaf of leavesOf(program)) {
    leaf.option('--json', 'print one JSON document on stdout and nothing else there');
  }
  return program;
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
