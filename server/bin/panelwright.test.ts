import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const roots: string[] = [];
after(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const packagedNode = dirname(createRequire(import.meta.url).resolve('node/package.json'));
const oldNode = findOldNode();
const skip = oldNode === undefined ? 'the machine has no Node older than 24' : false;

/** A main that shows what reached it, and finishes its work when it is told to end. */
const probeMain = `
const word: string = 'typed';
const [what] = process.argv.slice(2);
if (what === 'fail') process.exitCode = 7;
if (what === 'die') process.kill(process.pid, 'SIGKILL');
if (what === 'wait') {
  const timer = setInterval(() => {}, 1000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      console.log('finishing after ' + signal);
      process.exitCode = 3;
      clearInterval(timer);
    });
  }
}
console.log(JSON.stringify({ word, node: process.versions.node, args: process.argv.slice(2) }));
`;

test('an older Node says so in one line and hands over to the packaged one', { skip }, async () => {
  const { stdout, stderr, code } = await run(install(), oldNode, ['serve', '--role', 'all']);
  const seen = JSON.parse(stdout);
  assert.equal(Number.parseInt(seen.node, 10) >= 24, true);
  assert.deepEqual(seen.args, ['serve', '--role', 'all']);
  assert.match(stderr, /^panelwright: Node \d+\..* is too old, using .*\n$/);
  assert.equal(code, 0);
});

test('a current Node runs the panel itself and adds nothing to its output', async () => {
  const { stdout, stderr } = await run(install(), process.execPath, ['verify']);
  assert.deepEqual(JSON.parse(stdout).args, ['verify']);
  assert.equal(stderr, '');
});

test('the exit code of the panel is the exit code of the command', { skip }, async () => {
  assert.equal((await run(install(), oldNode, ['fail'])).code, 7);
});

test('a panel killed by a signal is a command killed by that signal', { skip }, async () => {
  assert.equal((await run(install(), oldNode, ['die'])).signal, 'SIGKILL');
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} lets the panel finish its work before the command ends`, { skip }, async () => {
    const child = start(install(), oldNode, ['wait']);
    const ended = collect(child);
    await once(child.stdout ?? child, 'data');
    child.kill(signal);
    const { stdout, code } = await ended;
    assert.match(stdout, new RegExp(`finishing after ${signal}\n$`));
    assert.equal(code, 3);
  });
}

test('without the packaged Node the command says what to do', { skip }, async () => {
  const root = install({ withNode: false });
  const { stderr, code } = await run(root, oldNode, ['serve']);
  assert.match(stderr, /needs Node 24 or newer, this is .*Run npm ci/);
  assert.equal(code, 1);
});

function findOldNode(): string | undefined {
  for (const node of ['/usr/bin/node', '/usr/local/bin/node']) {
    try {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
      if (Number.parseInt(version.slice(1), 10) < 24) return node;
    } catch {
      // Not there: look further.
    }
  }
  return undefined;
}

/** A copy of the launcher with a main of our own beside it. */
function install(options = { withNode: true }): string {
  const root = mkdtempSync(join(tmpdir(), 'panelwright-launcher-'));
  roots.push(root);
  for (const dir of ['bin', 'src', 'node_modules']) mkdirSync(join(root, dir));
  copyFileSync(join(import.meta.dirname, 'panelwright.js'), join(root, 'bin', 'panelwright.js'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'src', 'main.ts'), probeMain);
  if (options.withNode) symlinkSync(packagedNode, join(root, 'node_modules', 'node'));
  return root;
}

function start(root: string, node = process.execPath, args: string[]): ChildProcess {
  return spawn(node, [join(root, 'bin', 'panelwright.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

type Outcome = { stdout: string; stderr: string; code: number | null; signal: string | null };

function collect(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { stdout: '', stderr: '', code: null, signal: null };
  child.stdout?.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ ...outcome, code, signal }));
  });
}

function run(root: string, node: string | undefined, args: string[]): Promise<Outcome> {
  return collect(start(root, node, args));
}
