import nodeAssert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assert } from '../base/index.ts';
import { readConfig } from '../config.ts';
import { runCli } from './index.ts';

const program = fileURLToPath(new URL('../../bin/panelwright.js', import.meta.url));
const startTimeoutMs = 60_000;
const pollMs = 20;

export type Ended = { code: number | null; stdout: string; stderr: string };

/** A program that goes on: what it has printed so far, and its end. */
export type Spawned = { child: ChildProcess; output: Ended; ended: Promise<Ended> };

/** Starts the real program with these settings on top of the test's own environment. */
export function spawnPanelwright(args: readonly string[], env: NodeJS.ProcessEnv): Spawned {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, NODE_ENV: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ ...output, code }));
  return { child, output, ended };
}

/** Runs the real program to its end. */
export function runPanelwright(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return spawnPanelwright(args, env).ended;
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a command line as the program does, in this process: a tenth of the time that a process of
 * its own takes. One at a time, as there is one stdout. What the launcher and the end of a process
 * add is tried with the real program.
 */
export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const ended = turn.then(() => runCaptured(args, { ...process.env, NODE_ENV: '', ...env }));
  turn = ended.catch(() => {});
  return ended;
}

async function runCaptured(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const { exitCode } = process;
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  try {
    const code = await runCli(args, () => readConfig(env));
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.end();
    stderr.end();
    process.exitCode = exitCode;
  }
}

/** Keeps the text that is written to a stream; the test runner's own reports are no text. */
function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const { write } = stream;
  const listeners = stream.listeners('error');
  let text = '';
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    if (typeof chunk !== 'string') return Reflect.apply(write, stream, [chunk, ...rest]);
    text += chunk;
    return true;
  };
  return {
    text: () => text,
    end: () => {
      stream.write = write;
      for (const listener of stream.listeners('error')) {
        // Those were all added as listeners.
        if (!listeners.includes(listener)) stream.off('error', listener as () => void);
      }
    },
  };
}

/** Waits until a program has printed something that matches. */
export async function waitForOutput(spawned: Spawned, pattern: RegExp): Promise<RegExpExecArray> {
  const deadlineMs = performance.now() + startTimeoutMs;
  for (;;) {
    const match = pattern.exec(spawned.output.stdout);
    if (match !== null) return match;
    const isAlive = spawned.child.exitCode === null && spawned.child.signalCode === null;
    assert(isAlive && performance.now() < deadlineMs, `not printed: ${spawned.output.stderr}`);
    await delay(pollMs);
  }
}

/** What a command with `--json` printed: it ended with 0, and stdout is one JSON document. */
export async function readDocument(running: Promise<Ended>) {
  const { code, stdout, stderr } = await running;
  nodeAssert.equal(code, 0, stderr);
  nodeAssert.match(stdout, /^[^\n]+\n$/);
  return JSON.parse(stdout);
}
