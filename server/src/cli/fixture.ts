import nodeAssert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assert } from '../base/index.ts';

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
