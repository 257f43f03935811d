import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StaffCommand } from './commands.ts';
import { reachedMark } from './points.ts';
import type { Stage } from './stage.ts';

/** What serves and can be killed. */
export type Victim = {
  role: 'api' | 'worker';
  pid: number;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  /** Resolves when it says that it serves. */
  serving: Promise<void>;
  /** Sets a failpoint, as `setFailpointFrom` takes it. */
  set: (failpoint: string) => void;
  /** Resolves when it is held at a point. */
  reached: () => Promise<void>;
  isAlive: () => boolean;
  kill: () => void;
  /** Sends SIGTERM and answers the exit code. */
  stop: () => Promise<number | null>;
};

const trialProgram = fileURLToPath(new URL('process.ts', import.meta.url));
const realProgram = fileURLToPath(new URL('../../bin/panelwright.js', import.meta.url));

/**
 * Starts a server or a worker: the program of the trial, which takes failpoints, or the real one,
 * as an operator starts it.
 */
export function startVictim(
  stage: Pick<Stage, 'env'>,
  role: Victim['role'],
  program: 'trial' | 'real',
): Victim {
  const isReal = program === 'real';
  const args = isReal ? [realProgram, 'serve', '--role', role] : [trialProgram, role];
  const child = spawn(process.execPath, args, {
    env: stage.env,
    stdio: ['pipe', 'pipe', 'inherit'],
    // Where no file of settings lies.
    cwd: tmpdir(),
  });
  const ended = once(child, 'exit').then(() => {});
  // Of one that is dead nothing is to be said.
  child.stdin.on('error', () => {});
  const lines = createInterface(child.stdout);
  const serving = once(lines, 'line').then(() => {});
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    ...{ role, pid: child.pid ?? 0, ended, isAlive },
    serving,
    set: (failpoint) => {
      child.stdin.write(`${failpoint}\n`);
    },
    reached: () =>
      new Promise((resolve) => {
        lines.on('line', (line) => {
          if (line.startsWith(reachedMark)) resolve();
        });
      }),
    kill: () => {
      child.kill('SIGKILL');
    },
    stop: async () => {
      // Before, it knows nothing of the signal, and dies of it.
      await Promise.race([serving, ended]);
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs a command of staff as a process of its own; says how it ended. */
export async function runStaffCommand(
  stage: Pick<Stage, 'env'>,
  command: StaffCommand,
  failpoint?: string,
): Promise<'done' | 'killed'> {
  const child: ChildProcess = spawn(
    process.execPath,
    [trialProgram, 'command', JSON.stringify(command)],
    { env: { ...stage.env, CRASH_AT: failpoint ?? '' }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await once(child, 'exit');
  if (child.signalCode === 'SIGKILL') return 'killed';
  if (child.exitCode === 0) return 'done';
  throw new Error(`${command.kind} ended with ${child.exitCode}`);
}
