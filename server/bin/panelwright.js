#!/usr/bin/env node
// The entry point runs on whatever Node the machine has (20 and up), so it is plain JavaScript. The
// panel itself needs Node 24, which runs its TypeScript as it is; an older Node hands over to the
// one from the npm package `node`. Under npm scripts and npx that one is found first anyway.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;
const main = new URL('../src/main.ts', import.meta.url);

// Compiled once, a command starts in half the time. The cache lies with the installation and not in
// the shared temporary directory, where anybody could leave code for us; if it can't be written,
// nothing is cached.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/panelwright', import.meta.url),
);

// V8 takes what memory it gets before it collects. Under load a server has 50 MiB in use; it took
// 330 where it now takes 160 to 220: the young generation is 8 MiB (4 cost a tenth of all calls, 16
// cost new orders a twentieth), and the old one is collected when it has grown by half. One thread
// helps the collector: four of them took the cores from the calls, 50 ms at a time, and made lists
// of orders a third slower. What V8 takes for long-lived, by its first seconds, it puts among the
// old objects at once: in every other process statements of the database were, and what calls they
// answered had left hung on them, so a seventh of all was kept for longer. A catalog of
// 10,000 services took 300 MiB, and takes 195 with its flags. Small commands end before it matters.
const [, , command, subcommand] = process.argv;
const isCatalog = command === 'providers' && /^(?:import|sync)$/.test(subcommand ?? '');
const catalogFlags = [
  '--max-semi-space-size=2',
  '--optimize-for-size',
  '--heap-growing-percent=15',
];
const serveFlags = [
  ...['--max-semi-space-size=8', '--heap-growing-percent=50', '--v8-pool-size=1'],
  '--no-allocation-site-pretenuring',
];
const serverFlags = command === 'serve' ? serveFlags : [];
const memoryFlags = isCatalog ? catalogFlags : serverFlags;

if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) {
  // The same process goes on under these flags: no second one, no signal to pass on.
  if (memoryFlags.length > 0 && process.execve) {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...mainCommand()]);
  }
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
  await import(main.href);
} else {
  const node = findPackagedNode();
  if (node === undefined) {
    process.stderr.write(
      `panelwright: needs Node ${nodeMajorMin} or newer, this is ${process.versions.node}, and ` +
        'the npm package "node" is not installed. Run npm ci (without --ignore-scripts), or ' +
        'install a newer Node.\n',
    );
    process.exit(1);
  }
  process.stderr.write(`panelwright: Node ${process.versions.node} is too old, using ${node}\n`);
  handOver(node);
}

function mainCommand() {
  return [...memoryFlags, fileURLToPath(main), ...process.argv.slice(2)];
}

/**
 * The packaged binary, or undefined when the package or (its install script not run) it is missing.
 */
function findPackagedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const binary = join(dirname(manifest), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Runs the panel as a child and ends as it ends: after it, with its exit code or its signal. */
function handOver(node) {
  const child = spawn(node, mainCommand(), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Having a handler at all keeps this process alive until the child has finished its work. A
    // Ctrl-C in a terminal reaches the child by itself, and a second one could mean "at once".
    const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY;
    process.on(signal, () => {
      if (!fromTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`panelwright: cannot run ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
