import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  Call,
  CatalogName,
  ControlCommand,
  JournalEntry,
  Plan,
  PlanTarget,
  SandboxOptions,
  SandboxService,
  ScriptedFault,
} from '../src/sandbox/index.ts';
import type { ProcessSettings } from './fake-upstream-process.ts';

/** A fake upstream that runs as a process of its own. */
export type FakeUpstream = {
  url: string;
  key: string;
  pid: number;
  script: (...faults: readonly ScriptedFault[]) => Promise<void>;
  clearFaults: () => Promise<void>;
  plan: (target: PlanTarget, plan: Plan) => Promise<void>;
  announce: (order: number, link: string) => Promise<void>;
  setBalance: (balance: string) => Promise<void>;
  setServices: (services: readonly SandboxService[]) => Promise<void>;
  serveCatalog: (name: CatalogName | undefined) => Promise<void>;
  journal: () => Promise<readonly JournalEntry[]>;
  calls: () => Promise<readonly Call[]>;
  held: () => Promise<number>;
  untilHeld: (count: number) => Promise<void>;
  release: (how?: 'as_made' | 'reset', place?: number) => Promise<number>;
  /** Stops its clock at a time; undefined lets it go on as the system's. */
  setNow: (now: Date | undefined) => Promise<void>;
  /** Ends it, at once by default; a file journal outlives it. Resolves when it is gone. */
  stop: (signal?: NodeJS.Signals) => Promise<void>;
};

export type FakeUpstreamOptions = Partial<Omit<SandboxOptions, 'clock'>> & {
  /** Default: one that is free. A restarted upstream takes its old one. */
  port?: number;
  now?: Date;
  /** It ends by itself after this; by default after what no test takes. */
  lifeMs?: number;
};

const program = fileURLToPath(new URL('fake-upstream-process.ts', import.meta.url));
/** No test takes longer; it is the last guard against a process that nobody ends. */
const testLifeMs = 15 * 60_000;
const controlToken = 'fake-upstream-control';

/** Starts a fake upstream and resolves when it listens. */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const { port = 0, now, key = 'fake-upstream-key', lifeMs = testLifeMs, ...sandbox } = options;
  const settings: ProcessSettings = {
    sandbox: { key, ...sandbox },
    controlToken,
    port,
    lifeMs,
    ...(now === undefined ? {} : { now: now.toISOString() }),
  };
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the fake upstream did not start'))),
  ]);
  // The process prints just this.
  const { url, controlUrl } = JSON.parse(String(line)) as { url: string; controlUrl: string };
  const control = (command: ControlCommand) => sendControl(controlUrl, command);
  return {
    ...commandsOf(control),
    url,
    key,
    pid: child.pid ?? 0,
    stop: async (signal = 'SIGKILL') => {
      child.kill(signal);
      await ended;
    },
  };
}

type Control = (command: ControlCommand) => Promise<unknown>;

function commandsOf(control: Control): Omit<FakeUpstream, 'url' | 'key' | 'pid' | 'stop'> {
  const tell = async (command: ControlCommand): Promise<void> => {
    await control(command);
  };
  // What a command answers is what `runControl` returns for it.
  const ask = async <T>(command: ControlCommand): Promise<T> => (await control(command)) as T;
  return {
    script: (...faults) => tell({ op: 'script', faults }),
    clearFaults: () => tell({ op: 'clear_faults' }),
    plan: (target, plan) => tell({ op: 'plan', target, plan }),
    announce: (order, link) => tell({ op: 'announce', order, link }),
    setBalance: (balance) => tell({ op: 'balance', balance }),
    setServices: (services) => tell({ op: 'services', services }),
    serveCatalog: (name) => tell({ op: 'catalog', name: name ?? null }),
    journal: () => ask({ op: 'journal' }),
    calls: () => ask({ op: 'calls' }),
    held: () => ask({ op: 'held' }),
    untilHeld: (count) => tell({ op: 'until_held', count }),
    release: (how = 'as_made', place) =>
      ask({ op: 'release', how, ...(place === undefined ? {} : { place }) }),
    setNow: (now) => tell({ op: 'now', at: now?.toISOString() ?? null }),
  };
}

async function sendControl(controlUrl: string, command: ControlCommand): Promise<unknown> {
  const response = await fetch(controlUrl, {
    method: 'POST',
    headers: { Authorization: `Bearer ${controlToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(command),
  });
  // One of the two is what `/control` answers.
  const answer = (await response.json()) as { result: unknown } | { error: string };
  if ('error' in answer) throw new Error(answer.error);
  return answer.result;
}
