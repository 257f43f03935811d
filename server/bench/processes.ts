import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Command = {
  command: string;
  args: string[];
  env?: Readonly<Record<string, string>>;
};

export type RunningProcess = {
  pid: number;
  /** The last of what it printed, to tell why it failed. */
  tail: () => string;
  hasEnded: () => boolean;
  /** Asks it to end, and makes it after a while; resolves when it is gone. */
  stop: () => Promise<void>;
};

const tailLettersMax = 4_000;
const stopTimeoutMs = 15_000;

/** Starts a process that works until it is stopped, or until `signal` aborts. */
export function startProcess(command: Command, signal: AbortSignal): RunningProcess {
  const child = spawnPiped(command, signal);
  const output = gather(child, tailLettersMax);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  child.on('error', () => {});
  if (child.pid === undefined) throw new Error(`cannot start ${command.command}`);
  return {
    pid: child.pid,
    tail: () => output.errors() + output.text(),
    hasEnded,
    stop: async () => {
      if (!hasEnded()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Runs a process to its end and answers what it printed; throws unless it ends with 0 in time. */
export async function runProcess(
  command: Command,
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<string> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const child = spawnPiped(command, signal);
  const output = gather(child, Number.POSITIVE_INFINITY);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output.text());
      else reject(new Error(`${command.command} ended with ${code}: ${output.errors()}`));
    });
  });
}

/**
 * The most memory a process, or one that it started, has had in RAM so far. Where the system
 * doesn't say: what it has.
 */
export function readRssMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = Number(/^VmHWM:\s+([0-9]+) kB/m.exec(status)?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/[0-9]+/g);
    return Math.max(kibibytes / 1024, ...(children ?? []).map(Number).map(readRssMiB));
  } catch {
    const told = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(told.stdout ?? 0) / 1024;
  }
}

/** Whether a program is on the PATH. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function spawnPiped({ command, args, env }: Command, signal: AbortSignal): ChildProcess {
  return spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    signal,
  });
}

function gather(child: ChildProcess, lettersMax: number) {
  let text = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-lettersMax);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-tailLettersMax);
  });
  return { text: () => text, errors: () => errors };
}
